/** C − A·Bᵀ of matrices of any size, by ONNX Runtime's GEMM: the work horse of blocked linear algebra outside the graphs. */
import type { Graph } from './graph.ts'
import { GraphSession, type SessionOptions } from './graph-session.ts'

export interface GemmUpdate {
  /** c[m × n] − a[m × k]·b[n × k]ᵀ, a new array */
  run(a: Float32Array, b: Float32Array, c: Float32Array, m: number, n: number, k: number): Promise<Float32Array>
  dispose(): Promise<void>
}

export async function createGemmUpdate(options: SessionOptions = {}): Promise<GemmUpdate> {
  const graph: Graph = {
    inputs: [
      { name: 'a', type: 'float32', shape: ['m', 'k'] },
      { name: 'b', type: 'float32', shape: ['n', 'k'] },
      { name: 'c', type: 'float32', shape: ['m', 'n'] },
    ],
    outputs: [{ name: 'y', type: 'float32', shape: ['m', 'n'] }],
    constants: [],
    nodes: [
      {
        op: 'Gemm',
        inputs: ['a', 'b', 'c'],
        outputs: [{ name: 'y', type: 'float32', shape: [0, 0] }],
        attributes: { alpha: { kind: 'float', value: -1 }, beta: { kind: 'float', value: 1 }, transB: { kind: 'int', value: 1 } },
      },
    ],
  }
  const session = await GraphSession.create(graph, options)
  return {
    run: async (a, b, c, m, n, k) => (await session.run({ a, b, c }, { m, n, k }))['y']!,
    dispose: () => session.dispose(),
  }
}
