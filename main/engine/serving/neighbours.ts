/** Answers of an open model: items for a user, items like an item, by exact search or the ANN index. */
import { PylonError } from '../../contract/errors.ts'
import type { Hit } from '../../contract/shapes/run.ts'
import type { NeighboursResult } from '../../contract/verbs.ts'
import { overlap } from '../ann/compare.ts'
import type { VectorMetric } from '../ann/vectors.ts'
import { mergeByBest, vectorsOf } from '../ann/interests.ts'
import { createTopK } from '../ann/topk.ts'
import { fittedScorer, type ItemItemModel } from '../model/scoring.ts'
import { beforeTest } from '../dataset/interactions.ts'
import type { Dataset, Side } from '../dataset/types.ts'
import type { OpenModel } from './model.ts'
import { nearHits } from '../model/near.ts'

export interface NeighbourQuestion {
  /** a known id, or a typed-in row as JSON text; exactly one of the two */
  readonly id: string | undefined
  readonly features: string | undefined
  readonly k: number
  readonly ann: boolean
}

type Answer = Omit<NeighboursResult, 'run'>

/**
 * Items for a user. A known user is asked as of the end of train and validation, as in the evaluation on test; items of those parts
 * are left out unless `includeSeen`.
 * @throws PylonError not-found, bad-input
 */
export async function recommend(model: OpenModel, question: NeighbourQuestion, includeSeen: boolean): Promise<Answer> {
  if (model.itemItem !== null) return await recommendByWeights(model, model.itemItem, question, includeSeen)
  const { vector, index, ...asked } = await resolveQuery(model, 'user', question)
  const seen = index === null || includeSeen ? [] : seenBy(model.dataset, index)
  return { ...asked, ...(await search(model, vector, 'own', seen, question)) }
}

/** The same by an item-item model, which scores by what the user has met: there is no vector, and no typed-in user. */
async function recommendByWeights(
  model: OpenModel,
  fitted: ItemItemModel,
  { id, k, ann }: NeighbourQuestion,
  includeSeen: boolean,
): Promise<Answer> {
  if (ann) throw new PylonError('bad-input', `A run of ${model.spec.model} has no ANN index; leave out --ann.`, 'ann')
  if (id === undefined)
    throw new PylonError('bad-input', `A run of ${model.spec.model} ranks by known history: give --user ID.`, 'features')
  const index = await model.indexOf('user', id)
  const items = model.dataset.manifest.items
  const scores = new Float32Array(items)
  const scorer = await fittedScorer(fitted, model.dataset, 1)
  await scorer.score(Int32Array.of(index), scores)
  if (!includeSeen) for (const item of seenBy(model.dataset, index)) scores[item] = -Infinity
  const size = Math.min(k, items)
  const [keys, values] = [new Int32Array(size), new Float32Array(size)]
  const found = createTopK(size)(scores, 0, items, keys, 0, values)
  const query = { kind: 'user' as const, id, title: null, popularity: 0 }
  return { query, warnings: [], search: 'exact', recallVsExact: null, hits: await hits(model, keys.subarray(0, found), values) }
}

/**
 * Items like an item, by the cosine of their vectors; the item itself is left out.
 * @throws PylonError not-found, bad-input
 */
export async function similar(model: OpenModel, question: NeighbourQuestion): Promise<Answer> {
  if (model.spec.model !== 'two-tower' && model.spec.model !== 'ials')
    throw new PylonError(
      'bad-input',
      `A run of ${model.spec.model} has no item vectors to compare. Ask a run of a two-tower or ials.`,
      'run',
    )
  if (question.ann && model.metric !== 'cosine')
    throw new PylonError('bad-input', 'The index of a dot-product model does not rank by cosine. Leave out --ann.', 'ann')
  const { vector, index, ...asked } = await resolveQuery(model, 'item', question)
  return { ...asked, ...(await search(model, vector, 'cosine', index === null ? [] : [index], question)) }
}

async function resolveQuery(model: OpenModel, side: Side, { id, features }: NeighbourQuestion) {
  if ((id === undefined) === (features === undefined)) {
    throw new PylonError('bad-input', `Give either --${side} ID or --features JSON.`, side)
  }
  if (id === undefined) {
    const row = parseRow(features!)
    const [vector, warnings] = [await model.embed(side, row), await model.unknown(side, row)]
    return { vector, warnings, index: null, query: { kind: 'features' as const, id: null, title: null, popularity: 0 } }
  }
  const index = await model.indexOf(side, id)
  const title = side === 'item' ? (await model.catalogue.titles('item'))(index) : null
  const popularity = side === 'item' ? model.catalogue.counts('item')[index]! : 0
  return { vector: model.vectorOf(side, index), warnings: [], index, query: { kind: side, id, title, popularity } }
}

async function search(
  model: OpenModel,
  vector: Float32Array,
  metric: VectorMetric | 'own',
  excluded: readonly number[],
  { k, ann }: NeighbourQuestion,
) {
  // a user of several interests is as many queries, whose answers are merged
  const queries = vectorsOf(vector, model.dim)
  const each = await (await model.exact(metric)).search(vector, { k, excluded: () => excluded })
  const exact = mergeByBest(
    queries.map((_, i) => ({ keys: each.keys.subarray(i * k, (i + 1) * k), scores: each.scores.subarray(i * k, (i + 1) * k) })),
    k,
  )
  const found = exact.keys
  if (!ann) return { search: 'exact' as const, recallVsExact: null, hits: await hits(model, found, exact.scores) }
  const left = new Set(excluded)
  const near = await nearHits(model, await model.index(), vector, { k, left, own: metric === 'own' })
  const keys = Int32Array.from(near, ({ key }) => key)
  return {
    search: 'ann' as const,
    recallVsExact: overlap(found, keys),
    hits: await hits(
      model,
      keys,
      Float32Array.from(near, ({ score }) => score),
    ),
  }
}

async function hits(model: OpenModel, keys: Int32Array, scores: Float32Array): Promise<Hit[]> {
  const ids = await model.dataset.ids('item')
  const titleOf = await model.catalogue.titles('item')
  const counts = model.catalogue.counts('item')
  return Array.from(keys, (key, i) => ({ rank: i + 1, item: ids[key]!, score: scores[i]!, title: titleOf(key), popularity: counts[key]! }))
}

/** Distinct items of the user before the test part. */
export function seenBy(dataset: Pick<Dataset, 'interactions'>, user: number): number[] {
  return beforeTest(dataset.interactions).distinctItemsOf(user)
}

/** A typed-in entity. @throws PylonError bad-input */
export function parseRow(text: string): Record<string, unknown> {
  let row: unknown
  try {
    row = JSON.parse(text)
  } catch (error) {
    throw new PylonError('bad-input', `It is not JSON: ${(error as Error).message}. Write e.g. '{"age": 31}'.`, '--features', {
      cause: error,
    })
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    throw new PylonError('bad-input', 'It must be a JSON object, column names to values.', '--features')
  return row as Record<string, unknown>
}
