/**
 * A two-tower model as a Scorer: user vectors against item vectors, block by block. Whatever is an inner product, of vectors that may
 * be widened, is the exact search's GEMM; a function of the user's own is traced and runs as it ran in training.
 */
import type { MatchSpec } from '../../contract/shapes/spec.ts'
import { maxOverInterests } from '../ann/interests.ts'
import { unitRows, widened } from '../ann/vectors.ts'
import { createScorer } from '../compute/score.ts'
import { compile } from '../compute/executor.ts'
import type { Tensor2D } from '../compute/tf.ts'
import { loadMatchModule } from '../towers/match-module.ts'
import { matchOf } from '../towers/match.ts'
import type { Scorer } from './retrieve.ts'

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
  const session = threads === undefined ? {} : { threads }
  const kind = match?.kind ?? 'dot'
  if (match !== null && (kind === 'expression' || kind === 'module')) return functionScorer(options, match)
  const euclidean = kind === 'euclidean'
  const width = euclidean ? dim + 2 : dim
  const ready = (x: Float32Array, side: 'query' | 'item'): Float32Array =>
    euclidean ? widened(x, dim, side) : kind === 'cosine' ? unitRows(x, dim) : x
  const items = ready(itemVectors, 'item')
  const scorer = await createScorer(items, items.length / width, width, session)
  const rows = rowsOf(userVectors, dim)
  return {
    score: (users, out) => scorer.score(ready(rows(users), 'query'), users.length, out),
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

async function functionScorer({ userVectors, itemVectors, dim, threads }: VectorScorerOptions, spec: MatchSpec): Promise<Required<Scorer>> {
  const match = matchOf(spec, await loadMatchModule(spec))
  if (match.kind === 'inner') throw new Error('It is no function.')
  const program = await compile(
    {
      inputs: [
        { name: 'users', shape: ['rows', dim] },
        { name: 'items', shape: [itemVectors.length / dim, dim] },
      ],
      run: ({ users, items }) => ({ scores: match.score.all(users as Tensor2D, items as Tensor2D) }),
    },
    threads === undefined ? {} : { threads },
  )
  const rows = rowsOf(userVectors, dim)
  return {
    async score(users, out) {
      out.set((await program.run({ users: rows(users), items: itemVectors }, { rows: users.length }))['scores']!)
    },
    dispose: () => program.dispose(),
  }
}

/** The vectors of some users in a buffer that the next call overwrites. */
function rowsOf(vectors: Float32Array, dim: number): (users: Int32Array) => Float32Array {
  let buffer = new Float32Array(0)
  return (users) => {
    if (buffer.length < users.length * dim) buffer = new Float32Array(users.length * dim)
    for (let row = 0; row < users.length; row++) buffer.set(vectors.subarray(users[row]! * dim, (users[row]! + 1) * dim), row * dim)
    return buffer.subarray(0, users.length * dim)
  }
}
