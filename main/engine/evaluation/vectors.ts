/** A two-tower model as a Scorer: user vectors against item vectors, block by block, as the exact search scores them. */
import type { MatchSpec } from '../../contract/shapes/spec.ts'
import { maxOverInterests } from '../ann/interests.ts'
import { createMatcher } from '../ann/matcher.ts'
import type { Scorer } from '../model/retrieve.ts'

export interface VectorScorerOptions {
  /** [users × dim], or [users × interests·dim]: then an item's score is the largest over a user's interests */
  readonly userVectors: Float32Array
  /** [items × dim] */
  readonly itemVectors: Float32Array
  readonly dim: number
  readonly threads?: number
  /** vectors a user; default 1 */
  readonly interests?: number
  /** null: the inner product */
  readonly match?: MatchSpec | null
}

/** Scores as the model matches (cosine: both sides at unit length). Dispose of it when done. */
export async function vectorScorer(options: VectorScorerOptions): Promise<Required<Scorer>> {
  const { userVectors, itemVectors, dim, threads, interests = 1, match = null } = options
  if (interests > 1) return nearestInterestScorer(options, interests)
  const scorer = await createMatcher(itemVectors, dim, match ?? 'dot', threads === undefined ? {} : { threads })
  let queries = new Float32Array(0)
  return {
    async score(users, out) {
      if (queries.length < users.length * dim) queries = new Float32Array(users.length * dim)
      for (let row = 0; row < users.length; row++) queries.set(userVectors.subarray(users[row]! * dim, (users[row]! + 1) * dim), row * dim)
      await scorer.score(queries, users.length, out)
    },
    dispose: () => scorer.dispose(),
  }
}

/** Every interest is scored as a user of its own, and the largest score taken. */
async function nearestInterestScorer(options: VectorScorerOptions, interests: number): Promise<Required<Scorer>> {
  const each = await vectorScorer({ ...options, interests: 1 })
  const items = options.itemVectors.length / options.dim
  let scores = new Float32Array(0)
  return {
    async score(users, out) {
      const rows = users.length * interests
      if (scores.length < rows * items) scores = new Float32Array(rows * items)
      const all = scores.subarray(0, rows * items)
      await each.score(
        Int32Array.from({ length: rows }, (_, i) => users[Math.floor(i / interests)]! * interests + (i % interests)),
        all,
      )
      maxOverInterests(all, users.length, interests, out)
    },
    dispose: () => each.dispose(),
  }
}
