/** Products of tall matrices by ONNX Runtime's GEMM, row-major: what blocked linear algebra outside the graphs is made of. */
import type { Graph } from './graph.ts'
import { GraphSession, type SessionOptions } from './graph-session.ts'

export interface Products {
  /** a[rows × n]ᵀ·b[rows × m] → [n × m] */
  transposed(a: Float32Array, b: Float32Array, rows: number): Promise<Float32Array>
  /** a[rows × n]·b[n × m] → [rows × m] */
  product(a: Float32Array, b: Float32Array, n: number): Promise<Float32Array>
  dispose(): Promise<void>
}

export async function createProducts(options: SessionOptions = {}): Promise<Products> {
  const [transposed, product] = [await GraphSession.create(graph(1), options), await GraphSession.create(graph(0), options)]
  return {
    transposed: async (a, b, rows) => (await transposed.run({ a, b }, { p: rows, q: a.length / rows, n: rows, m: b.length / rows }))['y']!,
    product: async (a, b, n) => (await product.run({ a, b }, { p: a.length / n, q: n, n, m: b.length / n }))['y']!,
    dispose: async () => {
      await transposed.dispose()
      await product.dispose()
    },
  }
}

/** y = a·b, or aᵀ·b, of a[p × q] and b[n × m]. */
function graph(transA: 0 | 1): Graph {
  return {
    inputs: [
      { name: 'a', type: 'float32', shape: ['p', 'q'] },
      { name: 'b', type: 'float32', shape: ['n', 'm'] },
    ],
    outputs: [{ name: 'y', type: 'float32', shape: [transA === 1 ? 'q' : 'p', 'm'] }],
    constants: [],
    nodes: [
      {
        op: 'Gemm',
        inputs: ['a', 'b'],
        outputs: [{ name: 'y', type: 'float32', shape: [0, 0] }],
        attributes: { transA: { kind: 'int', value: transA } },
      },
    ],
  }
}
