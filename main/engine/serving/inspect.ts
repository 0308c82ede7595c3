/**
 * What a run retrieves, with what a person needs to judge it: marks, the exact rank of every held-out item, and what ANN missed. All
 * scores of the question are computed once; lists and ranks are read off them, by the rule of topk.ts.
 */
import { PylonError } from '../../contract/errors.ts'
import { Selection } from '../dataset/interactions.ts'
import type { InspectedHit, InspectResult } from '../../contract/verbs.ts'
import { overlap } from '../ann/compare.ts'
import { vectorsOf } from '../ann/interests.ts'
import { createTopK } from '../ann/topk.ts'
import type { VectorMetric } from '../ann/vectors.ts'
import { fittedScorer } from '../model/scoring.ts'
import { rankAll } from '../model/retriever.ts'
import type { Side } from '../dataset/types.ts'
import { cellOf } from './catalogue.ts'
import { readsHistory } from './history.ts'
import { readAbout, type AddedItem } from './indexes.ts'
import type { OpenModel } from './model.ts'
import { bestScores, nearHits } from '../model/near.ts'
import { parseRow, seenBy } from './neighbours.ts'

export interface Inspection {
  readonly side: Side
  /** a known id, or a typed-in row as JSON text; exactly one of the two */
  readonly id: string | undefined
  readonly features: string | undefined
  readonly k: number
  readonly includeSeen: boolean
  readonly ann: boolean
  /** null: the run's own */
  readonly index: string | null
  /** positions of the user's history that are left out; a tower that reads none answers as ever */
  readonly without: readonly number[]
  readonly columns: readonly string[]
}

/** @throws PylonError not-found, bad-input */
export async function inspect(model: OpenModel, asked: Inspection): Promise<Omit<InspectResult, 'run'>> {
  const started = performance.now()
  const { side, id, k, includeSeen, ann } = asked
  if ((id === undefined) === (asked.features === undefined)) throw new PylonError('bad-input', `Give either an id or features.`, 'id')
  const known = id === undefined ? null : await model.indexOf(side, id)
  const met = side === 'user' && known !== null ? metBy(model, known) : new Map<number, Met>()
  const excluded = known === null ? [] : side === 'item' ? [known] : includeSeen ? [] : seenBy(model.dataset, known)
  const left = new Set(excluded)

  const { scores, metric, vector } = await scoresOf(model, asked, known)
  const all = scores.slice()
  for (const item of left) all[item] = -Infinity
  const exact = best(all, k)
  const describe = hitDescriber(model, met, asked.columns)
  const near = ann ? await searchIndex(model, asked, metric, vector, left) : null
  const hits = near ?? exact.map((item, i) => ({ key: item, score: all[item]!, rank: i + 1 }))
  const found = new Set(hits.map(({ key }) => key))
  const missed =
    near === null ? [] : exact.map((item, i) => ({ key: item, score: all[item]!, rank: i + 1 })).filter(({ key }) => !found.has(key))
  const added = ann ? await addedItems(model, asked.index) : new Map<number, AddedItem>()

  const held = [...met].filter(([, part]) => part === 'test').map(([item]) => item)
  const ranks = ranksOf(all, held)
  const titleOf = await model.catalogue.titles('item')
  const [ids, counts] = [await model.dataset.ids('item'), model.catalogue.counts('item')]
  return {
    search: ann ? 'ann' : 'exact',
    metric,
    hits: await describe(hits, added),
    missed: await describe(missed, added),
    recallVsExact: near === null ? null : overlap(Int32Array.from(exact), Int32Array.from(found)),
    heldOut: held
      .map((item, i) => ({
        item: ids[item]!,
        title: titleOf(item),
        popularity: counts[item]!,
        rank: ranks[i] ?? null,
        score: finite(scores[item]!),
      }))
      .sort((a, b) => (a.rank ?? Infinity) - (b.rank ?? Infinity)),
    candidates: all.length - left.size,
    readsHistory: side === 'user' && (await readsHistoryOf(model)),
    warnings: known === null ? await model.unknown(side, parseRow(asked.features!)) : [],
    milliseconds: performance.now() - started,
  }
}

/** The query's vector, where the model has one, and its scores of all items [items]. */
async function scoresOf(model: OpenModel, { side, features, without }: Inspection, known: number | null) {
  if (model.itemItem !== null) {
    if (side === 'item' || known === null || without.length > 0)
      throw new PylonError('bad-input', `A run of ${model.spec.model} ranks by known history alone: ask it for a known user.`, 'run')
    const scores = new Float32Array(model.catalogue.size('item'))
    const scorer = await fittedScorer(model.itemItem, model.dataset, 1)
    await scorer.score(Int32Array.of(known), scores)
    return { scores, metric: 'weights' as const, vector: null }
  }
  if (side === 'item' && model.spec.model === 'most-popular')
    throw new PylonError('bad-input', 'A run of most-popular has no item vectors to compare. Ask a two-tower run.', 'run')
  const vector = await queryVector(model, side, known, features, without)
  const metric: VectorMetric = side === 'item' ? 'cosine' : model.metric
  const scores = side === 'item' ? await (await model.exact(metric)).scores(vector) : await bestScores(model, vectorsOf(vector, model.dim))
  return { scores, metric, vector }
}

async function queryVector(
  model: OpenModel,
  side: Side,
  known: number | null,
  features: string | undefined,
  without: readonly number[],
): Promise<Float32Array> {
  if (known === null) return model.embed(side, parseRow(features!))
  if (side === 'item' || without.length === 0 || !(await readsHistoryOf(model))) return model.vectorOf(side, known)
  return (await model.embedWithout(known, [new Set(without)]))[0]!
}

const readsHistoryOf = async (model: OpenModel): Promise<boolean> =>
  model.spec.model === 'two-tower' && readsHistory(await model.encoders())

interface Found {
  readonly key: number
  readonly score: number
  readonly rank: number
}

async function searchIndex(
  model: OpenModel,
  { side, k, index }: Inspection,
  metric: InspectResult['metric'],
  vector: Float32Array | null,
  left: ReadonlySet<number>,
): Promise<Found[]> {
  const searched = await model.index(index ?? undefined)
  if (vector === null || metric !== searched.metric)
    throw new PylonError('bad-input', 'The index of a dot-product model does not rank by cosine: search exactly.', 'ann')
  const near = await nearHits(model, searched, vector, { k, left, own: side === 'user' })
  return near.map(({ key, score }, i) => ({ key, score, rank: i + 1 }))
}

async function addedItems(model: OpenModel, index: string | null): Promise<Map<number, AddedItem>> {
  if (index === null) return new Map()
  const { added } = await readAbout(model.place, index)
  return new Map(added.map((item) => [item.key, item]))
}

type Met = 'train' | 'validation' | 'test'
const MET: readonly Met[] = ['train', 'validation', 'test']

/** The part in which a user first met each item; interactions outside the parts do not count. */
function metBy({ dataset }: OpenModel, user: number): Map<number, Met> {
  const first = new Map<number, Met>()
  for (const name of MET)
    for (const item of new Selection(dataset.interactions, [name]).itemsOf(user)) if (!first.has(item)) first.set(item, name)
  return first
}

/** Hits as the contract has them. */
function hitDescriber(model: OpenModel, met: ReadonlyMap<number, Met>, columns: readonly string[]) {
  return async (found: readonly Found[], added: ReadonlyMap<number, AddedItem>): Promise<InspectedHit[]> => {
    const { catalogue, dataset } = model
    const [ids, titleOf, counts] = [await dataset.ids('item'), await catalogue.titles('item'), catalogue.counts('item')]
    const values = await Promise.all(columns.map((column) => catalogue.column('item', column)))
    return found.map(({ key, score, rank }) => {
      const newcomer = added.get(key)
      if (newcomer !== undefined || key >= ids.length) {
        const { id = `#${key}`, title = null } = newcomer ?? {}
        return { rank, item: id, index: null, score, title, popularity: 0, met: null, values: columns.map(() => null) }
      }
      return {
        rank,
        item: ids[key]!,
        index: key,
        score,
        title: titleOf(key),
        popularity: counts[key]!,
        met: met.get(key) ?? null,
        values: values.map((column) => mutable(cellOf(column, key))),
      }
    })
  }
}

/** Items by score, best first. @throws PylonError bad-data where a score is not a number */
function best(scores: Float32Array, k: number): number[] {
  const size = Math.min(k, scores.length)
  const keys = new Int32Array(size)
  const found = createTopK(size)(scores, 0, scores.length, keys, 0)
  if (found < 0) throw new PylonError('bad-data', 'A score is not a number: the model has diverged; train it with a lower learning rate.')
  return [...keys.subarray(0, found)]
}

/** Place of each item among all scores, equal ones by index; null where it is no candidate. One pass, as in the evaluation. */
function ranksOf(scores: Float32Array, items: readonly number[]): (number | null)[] {
  if (items.length === 0) return []
  const ranks = new Int32Array(items.length)
  rankAll(scores, { offsets: Int32Array.of(0, items.length), items: Int32Array.from(items), ranks }, 0)
  return Array.from(ranks, (rank) => (rank === 0 ? null : rank))
}

const finite = (score: number): number => (Number.isFinite(score) ? score : 0)

const mutable = (cell: ReturnType<typeof cellOf>): InspectedHit['values'][number] => cell as InspectedHit['values'][number]
