/**
 * How a matching function is served by an index that does not know it: the nearest metric's top N, scored again by the function. Measured
 * by the same code as the function itself, so that the difference is what the shortcut costs.
 */
import type { MatchSpec } from '../../contract/shapes/spec.ts'
import { createExact } from '../ann/exact.ts'
import { createMatcher } from '../ann/matcher.ts'
import { blockRows } from '../ann/topk.ts'
import { servedMetric } from '../ann/vectors.ts'
import type { Retriever } from './retriever.ts'

/** Candidates that are scored again. */
export const RESCORED = 200

export interface RescoredOptions {
  /** [users × dim], [items × dim] */
  readonly userVectors: Float32Array
  readonly itemVectors: Float32Array
  readonly dim: number
  readonly match: MatchSpec
  readonly threads: number
}

/** Retrieves exactly by the servable metric and ranks the candidates by the function. Dispose of it when done. */
export async function rescoredRetriever({
  userVectors,
  itemVectors,
  dim,
  match,
  threads,
}: RescoredOptions): Promise<Retriever & { dispose(): Promise<void> }> {
  const items = itemVectors.length / dim
  const near = await createExact(itemVectors, dim, servedMetric(match), { threads })
  const own = await createMatcher(itemVectors, dim, match, { threads })
  const blockSize = blockRows(items)
  const scores = new Float32Array(blockSize * items)
  return {
    blockSize,
    async retrieve({ users, depth, lists, seen, question }) {
      const queries = new Float32Array(users.length * dim)
      for (const [row, user] of users.entries()) queries.set(userVectors.subarray(user * dim, (user + 1) * dim), row * dim)
      const k = Math.max(depth, Math.min(RESCORED, items))
      const { keys } = await near.search(queries, { k, ...(seen === null ? {} : { excluded: (row: number) => seen(users[row]!) }) })
      await own.score(queries, users.length, scores)
      lists.fill(-1)
      question?.ranks.fill(0)
      for (let row = 0; row < users.length; row++) {
        const score = (item: number): number => scores[row * items + item]!
        const found = keys.subarray(row * k, (row + 1) * k).filter((key) => key >= 0)
        found.sort((a, b) => score(b) - score(a) || a - b)
        lists.set(found.subarray(0, depth), row * depth)
        if (question === undefined) continue
        for (let i = question.offsets[row]!; i < question.offsets[row + 1]!; i++) question.ranks[i] = found.indexOf(question.items[i]!) + 1
      }
    },
    async dispose() {
      await Promise.all([near.dispose(), own.dispose()])
    },
  }
}
