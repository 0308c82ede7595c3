/**
 * Scores of query vectors against all items, however a model matches. Whatever is an inner product, of vectors that may be scaled or
 * widened first, is one GEMM; a function of the user's own is traced and runs as it ran in training.
 */
import { compileProgram } from '../compute/executor.ts'
import { port } from '../compute/port.ts'
import { createInnerProductScorer, type VectorScorer } from '../compute/score.ts'
import type { SessionOptions } from '../compute/graph-session.ts'
import { loadMatchModule } from '../towers/match-module.ts'
import { matchOf } from '../towers/match.ts'
import { type FunctionMatch, isFunction, type Matching, metricOf } from '../towers/metric.ts'
import { normaliseRows, widenForEuclidean } from './scale-vectors.ts'

/** A scorer of raw vectors [rows × dim] with items [items × dim]. @throws PylonError where a module is not to be trusted */
export async function createMatcher(
  items: Float32Array,
  dim: number,
  matching: Matching,
  options: SessionOptions = {},
): Promise<VectorScorer> {
  if (isFunction(matching)) return functionMatcher(items, dim, matching, options)
  const kind = metricOf(matching)
  const ready = (x: Float32Array, side: 'query' | 'item'): Float32Array =>
    kind === 'euclidean' ? widenForEuclidean(x, dim, side) : kind === 'cosine' ? normaliseRows(x, dim) : x
  const width = kind === 'euclidean' ? dim + 2 : dim
  const scorer = await createInnerProductScorer(ready(items, 'item'), items.length / dim, width, options)
  return {
    score: (queries, rows, out) => scorer.score(ready(queries.subarray(0, rows * dim), 'query'), rows, out),
    dispose: () => scorer.dispose(),
  }
}

async function functionMatcher(items: Float32Array, dim: number, spec: FunctionMatch, options: SessionOptions): Promise<VectorScorer> {
  const match = matchOf(spec, await loadMatchModule(spec))
  if (match.kind === 'inner') throw new Error(`${spec.kind} is no function.`)
  const users = port('users', ['rows', dim])
  const all = port('items', [items.length / dim, dim])
  const scores = port('scores', ['rows', items.length / dim])
  const program = await compileProgram(
    {
      inputs: [users.declare(), all.declare()],
      run: (inputs) => scores.write(match.score.all(users.read(inputs), all.read(inputs))),
    },
    options,
  )
  return {
    async score(queries, rows, out) {
      out.set(scores.take(await program.run({ ...users.feed(queries.subarray(0, rows * dim)), ...all.feed(items) }, { rows })))
    },
    dispose: () => program.dispose(),
  }
}
