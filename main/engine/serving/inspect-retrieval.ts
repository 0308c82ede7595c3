/**
 * What a run retrieves, with what a person needs to judge it: marks, the exact rank of every held-out item, and what ANN missed. All
 * scores of the question are computed once; lists and ranks are read off them, by the rule of topk.ts.
 */
import type { InspectedHit, InspectResult } from '../../contract/verbs.ts'
import { overlap } from '../ann/compare.ts'
import type { Hits } from '../ann/topk.ts'
import { InteractionSelection } from '../dataset/interactions.ts'
import { ScoreBlock } from '../ann/score-block.ts'
import { rankAll } from '../model/blocks.ts'
import { cellOf } from './catalogue.ts'
import { readAbout, type AddedItem } from './indexes.ts'
import type { OpenModel } from './open-model.ts'
import { retrieve, hasHistory, type RetrievalQuery } from './query.ts'

export interface RetrievalInspection extends RetrievalQuery {
  readonly columns: readonly string[]
}

/** @throws PylonError not-found, bad-input */
export async function inspectRetrieval(model: OpenModel, asked: RetrievalInspection): Promise<Omit<InspectResult, 'run'>> {
  const started = performance.now()
  const { entityIndex, metric, scores, candidates, excluded, exact, near, warnings } = await retrieve(model, asked)
  const seenIn = asked.side === 'user' && entityIndex !== null ? seenPartOf(model, entityIndex) : new Map<number, SeenPart>()
  const describe = hitDescriber(model, seenIn, asked.columns)
  const added = near === null ? new Map<number, AddedItem>() : await addedItems(model, asked.index)
  const found = new Set(near?.keys ?? exact.keys)
  const missed = [...exact.keys.keys()].filter((i) => !found.has(exact.keys[i]!))

  const held = [...seenIn].filter(([, part]) => part === 'test').map(([item]) => item)
  const ranks = ranksOf(candidates, held)
  const titleOf = await model.catalogue.titles('item')
  const [ids, counts] = [await model.dataset.ids('item'), model.catalogue.counts('item')]
  return {
    search: near === null ? 'exact' : 'ann',
    metric,
    hits: await describe(near ?? exact, added),
    missed: (await describe(exact, added)).filter((_, i) => missed.includes(i)),
    recallVsExact: near === null ? null : overlap(exact.keys, near.keys),
    heldOut: held
      .map((item, i) => ({
        item: ids[item]!,
        title: titleOf(item),
        popularity: counts[item]!,
        rank: ranks[i] ?? null,
        score: Number.isFinite(scores[item]) ? scores[item]! : null,
      }))
      .sort((a, b) => (a.rank ?? Infinity) - (b.rank ?? Infinity)),
    candidates: scores.length - excluded.size,
    readsHistory: asked.side === 'user' && (await hasHistory(model)),
    warnings: [...warnings],
    milliseconds: performance.now() - started,
  }
}

async function addedItems(model: OpenModel, index: string | null): Promise<Map<number, AddedItem>> {
  if (index === null) return new Map()
  const { added } = await readAbout(model.folders, index)
  return new Map(added.map((item) => [item.key, item]))
}

type SeenPart = 'train' | 'validation' | 'test'
const SEEN_PARTS: readonly SeenPart[] = ['train', 'validation', 'test']

/** The part in which a user first interacted with each item; interactions outside the parts do not count. */
function seenPartOf({ dataset }: OpenModel, user: number): Map<number, SeenPart> {
  const first = new Map<number, SeenPart>()
  for (const name of SEEN_PARTS)
    for (const item of new InteractionSelection(dataset.interactions, [name]).itemsOf(user)) if (!first.has(item)) first.set(item, name)
  return first
}

/** Hits as the contract has them. */
function hitDescriber(model: OpenModel, seenIn: ReadonlyMap<number, SeenPart>, columns: readonly string[]) {
  return async ({ keys, scores }: Hits, added: ReadonlyMap<number, AddedItem>): Promise<InspectedHit[]> => {
    const { catalogue, dataset } = model
    const [ids, titleOf, counts] = [await dataset.ids('item'), await catalogue.titles('item'), catalogue.counts('item')]
    const values = await Promise.all(columns.map((column) => catalogue.column('item', column)))
    return Array.from(keys, (key, i) => {
      const [score, rank] = [scores[i]!, i + 1]
      const newcomer = added.get(key)
      if (newcomer !== undefined || key >= ids.length) {
        const { id = `#${key}`, title = null } = newcomer ?? {}
        return { rank, item: id, index: null, score, title, popularity: 0, seenIn: null, values: columns.map(() => null) }
      }
      return {
        rank,
        item: ids[key]!,
        index: key,
        score,
        title: titleOf(key),
        popularity: counts[key]!,
        seenIn: seenIn.get(key) ?? null,
        values: values.map((column) => mutable(cellOf(column, key))),
      }
    })
  }
}

/** Place of each item among all scores, equal ones by index; null where it is no candidate; as in the evaluation. */
export function ranksOf(scores: Float32Array, items: readonly number[]): (number | null)[] {
  if (items.length === 0) return []
  const ranks = new Int32Array(items.length)
  const block = new ScoreBlock(scores.length)
  block.scores.set(scores)
  rankAll(block, 0, scores.length, { offsets: Int32Array.of(0, items.length), items: Int32Array.from(items), ranks }, 0)
  return Array.from(ranks, (rank) => (rank === 0 ? null : rank))
}

const mutable = (cell: ReturnType<typeof cellOf>): InspectedHit['values'][number] => cell as InspectedHit['values'][number]
