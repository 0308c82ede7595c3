/** A two-tower model as what evaluation measures: user vectors times item vectors by the exact search's GEMM, or through the index. */
import type { AnnIndex } from '../ann/usearch.ts'
import { createScorer } from '../compute/score.ts'
import type { Retriever, Scorer } from './retrieve.ts'

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

export interface AnnRetrieverOptions {
  readonly index: AnnIndex
  /** [users × dim] */
  readonly userVectors: Float32Array
}

/** The index as a retriever: K and the user's seen items are asked for, and the seen ones dropped. Ranks are within the list. */
export function annRetriever({ index, userVectors }: AnnRetrieverOptions): Retriever {
  const { dim } = index
  return {
    blockSize: 256,
    retrieve({ users, depth, lists, seen, question }) {
      lists.fill(-1)
      for (const [row, user] of users.entries()) {
        const masked = new Set(seen === null ? [] : seen(user))
        const { keys } = index.search(userVectors.subarray(user * dim, (user + 1) * dim), depth + masked.size)
        const list = keys.filter((key) => !masked.has(key)).subarray(0, depth)
        lists.set(list, row * depth)
        if (question === undefined) continue
        for (let i = question.offsets[row]!; i < question.offsets[row + 1]!; i++) question.ranks[i] = list.indexOf(question.items[i]!) + 1
      }
    },
  }
}
