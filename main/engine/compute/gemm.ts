/** Products of matrices of any size, row-major, by ONNX Runtime's GEMM: the work horse of blocked linear algebra outside the graphs. */
import type { Graph } from './graph.ts'
import { GraphSession, type SessionOptions } from './graph-session.ts'

export interface GemmUpdate {
  /** c[m × n] − a[m × k]·b[n × k]ᵀ, a new array */
  run(a: Float32Array, b: Float32Array, c: Float32Array, m: number, n: number, k: number): Promise<Float32Array>
  dispose(): Promise<void>
}

export async function createGemmUpdate(options: SessionOptions = {}): Promise<GemmUpdate> {
  const shapes = { a: ['m', 'k'], b: ['n', 'k'], c: ['m', 'n'] }
  const alpha = { alpha: { kind: 'float', value: -1 }, beta: { kind: 'float', value: 1 } } as const
  const session = await GraphSession.create(gemm(shapes, ['m', 'n'], { ...alpha, transB: { kind: 'int', value: 1 } }), options)
  return {
    run: async (a, b, c, m, n, k) => (await session.run({ a, b, c }, { m, n, k }))['y']!,
    dispose: () => session.dispose(),
  }
}

export interface GramUpdate {
  /** aᵀ·a + c[n × n] of a [rows × n], written to `into` or a new array */
  run(a: Float32Array, c: Float32Array, n: number, into?: Float32Array): Promise<Float32Array>
  dispose(): Promise<void>
}

export async function createGramUpdate(options: SessionOptions = {}): Promise<GramUpdate> {
  const shapes = { a: ['k', 'n'], c: ['n', 'n'] }
  const session = await GraphSession.create(gemm(shapes, ['n', 'n'], { transA: { kind: 'int', value: 1 } }, ['a', 'a', 'c']), options)
  return {
    run: async (a, c, n, into) => (await session.run({ a, c }, { n, k: a.length / n }, into === undefined ? {} : { y: into }))['y']!,
    dispose: () => session.dispose(),
  }
}

export interface Products {
  /** a[rows × n]ᵀ·b[rows × m] → [n × m] */
  transposed(a: Float32Array, b: Float32Array, rows: number): Promise<Float32Array>
  /** a[rows × n]·b[n × m] → [rows × m] */
  product(a: Float32Array, b: Float32Array, n: number): Promise<Float32Array>
  dispose(): Promise<void>
}

export async function createProducts(options: SessionOptions = {}): Promise<Products> {
  const ofTransposed = gemm({ a: ['k', 'n'], b: ['k', 'm'] }, ['n', 'm'], { transA: { kind: 'int', value: 1 } })
  const ofPlain = gemm({ a: ['n', 'k'], b: ['k', 'm'] }, ['n', 'm'], {})
  const [transposed, plain] = [await GraphSession.create(ofTransposed, options), await GraphSession.create(ofPlain, options)]
  return {
    transposed: async (a, b, k) => (await transposed.run({ a, b }, { k, n: a.length / k, m: b.length / k }))['y']!,
    product: async (a, b, k) => (await plain.run({ a, b }, { k, n: a.length / k, m: b.length / k }))['y']!,
    dispose: async () => {
      await transposed.dispose()
      await plain.dispose()
    },
  }
}

/** One Gemm node over inputs of these shapes, as they are or in another order. */
function gemm(
  shapes: Readonly<Record<string, readonly string[]>>,
  shape: readonly string[],
  attributes: NonNullable<Graph['nodes'][number]['attributes']>,
  operands: readonly string[] = Object.keys(shapes),
): Graph {
  return {
    inputs: Object.entries(shapes).map(([name, dims]) => ({ name, type: 'float32', shape: dims })),
    outputs: [{ name: 'y', type: 'float32', shape }],
    constants: [],
    nodes: [{ op: 'Gemm', inputs: operands, outputs: [{ name: 'y', type: 'float32', shape: [0, 0] }], attributes }],
  }
}
