/** What an index answers for a model: hits of one query, or of several vectors merged, scored again where the model's function is no metric. */
import { mergeByBest, vectorsOf } from '../ann/interests.ts'
import type { AnnIndex } from '../ann/usearch.ts'
import { RESCORED } from './rescored.ts'
import type { OpenModel } from '../serving/model.ts'

export interface NearHit {
  readonly key: number
  readonly score: number
}

/**
 * The best `k` of an index that are not among `left`, best first.
 * @param own the hits are to be scored as the model scores; an item that is in the index alone comes last where that is by a function
 */
export async function nearHits(
  model: OpenModel,
  index: AnnIndex,
  vector: Float32Array,
  { k, left, own }: { readonly k: number; readonly left: ReadonlySet<number>; readonly own: boolean },
): Promise<NearHit[]> {
  // a user of several interests is as many queries, whose answers are merged
  const queries = vectorsOf(vector, model.dim)
  // a function that no index serves ranks the nearest metric's candidates
  const again = own && model.matchesByFunction
  const depth = (again ? Math.max(k, RESCORED) : k) + left.size
  const near = mergeByBest(
    queries.map((query) => index.search(query, depth)),
    depth,
  )
  const found = Array.from(near.keys, (key, i) => ({ key, score: near.scores[i]! }))
  const ranked = again ? await scoredAgain(model, queries, found) : found
  return ranked.filter(({ key }) => !left.has(key)).slice(0, k)
}

/** Candidates by the model's own scores, of several interests the best, best first. */
async function scoredAgain(model: OpenModel, queries: readonly Float32Array[], found: readonly NearHit[]): Promise<NearHit[]> {
  const all = await bestScores(model, queries)
  const again = found.map(({ key }) => ({ key, score: all[key] ?? -Infinity }))
  return again.sort((a, b) => b.score - a.score || a.key - b.key)
}

/** Scores of all items [items] as the model scores, of several queries the best. */
export async function bestScores(model: OpenModel, queries: readonly Float32Array[]): Promise<Float32Array> {
  const own = await model.exact('own')
  const [first, ...others] = await Promise.all(queries.map((query) => own.scores(query)))
  for (const scores of others) for (const [i, score] of scores.entries()) if (score > first![i]!) first![i] = score
  return first!
}
