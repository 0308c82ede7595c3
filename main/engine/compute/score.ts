/**
 * Scores queries against all items: one GEMM, written where the caller wants it. By it whole evaluations and the comparison with ANN
 * score; one query is scored in a loop (model/retriever.ts).
 */
import type { Graph } from './graph.ts'
import { GraphSession, type SessionOptions } from './graph-session.ts'

export interface VectorScorer {
  /** scores `rows` queries [rows × dim] into `out` [rows × count], row-major */
  score(queries: Float32Array, rows: number, out: Float32Array): Promise<void>
  dispose(): Promise<void>
}

/** A scorer of inner products with `count` vectors [count × dim]. */
export async function createInnerProductScorer(
  vectors: Float32Array,
  count: number,
  dim: number,
  options: SessionOptions = {},
): Promise<VectorScorer> {
  if (vectors.length !== count * dim) throw new Error(`${vectors.length} numbers are not ${count} vectors of ${dim}.`)
  const graph: Graph = {
    inputs: [
      { name: 'queries', type: 'float32', shape: ['rows', dim] },
      { name: 'items', type: 'float32', shape: [count, dim] },
    ],
    outputs: [{ name: 'scores', type: 'float32', shape: ['rows', count] }],
    constants: [],
    nodes: [
      {
        op: 'Gemm',
        inputs: ['queries', 'items'],
        outputs: [{ name: 'scores', type: 'float32', shape: [0, count] }],
        attributes: { transB: { kind: 'int', value: 1 } },
      },
    ],
  }
  const session = await GraphSession.create(graph, options)
  return {
    async score(queries, rows, out) {
      const scores = out.subarray(0, rows * count)
      await session.run({ queries: queries.subarray(0, rows * dim), items: vectors }, {}, { scores })
    },
    dispose: () => session.dispose(),
  }
}
