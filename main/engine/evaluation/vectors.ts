/** A two-tower model as a Scorer: user vectors times item vectors, block by block, by the exact search's GEMM. */
import { createScorer } from '../compute/score.ts'
import type { Scorer } from './retrieve.ts'

export interface VectorScorerOptions {
  /** [users × dim] */
  readonly userVectors: Float32Array
  /** [items × dim] */
  readonly itemVectors: Float32Array
  readonly dim: number
  readonly threads?: number
}

/** Scores by inner product (cosine, where both towers normalise). Dispose of it when done. */
export async function vectorScorer({ userVectors, itemVectors, dim, threads }: VectorScorerOptions): Promise<Required<Scorer>> {
  const scorer = await createScorer(itemVectors, itemVectors.length / dim, dim, threads === undefined ? {} : { threads })
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
