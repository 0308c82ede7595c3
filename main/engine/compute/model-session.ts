/** Runs a graph that comes from a file rather than from a trace: integers in, numbers out, of shapes that only the graph knows. */
import type ort from 'onnxruntime-node'
import { createSession, integerTensor } from './graph-session.ts'

/** What came out: numbers in row-major order. */
export interface Output {
  readonly data: Float32Array
  readonly dims: readonly number[]
}

export class ModelSession {
  readonly #session: ort.InferenceSession
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]

  private constructor(session: ort.InferenceSession) {
    this.#session = session
    this.inputs = session.inputNames
    this.outputs = session.outputNames
  }

  /** @throws Error of the runtime where the file is no graph it can run */
  static async open(path: string, threads: number): Promise<ModelSession> {
    return new ModelSession(await createSession(path, { threads }))
  }

  /** One execution on one row: each input is [1 × length] of int64. @throws Error of the runtime where the graph does not take it */
  async run(feeds: Readonly<Record<string, readonly number[]>>, output: string): Promise<Output> {
    const tensors = Object.fromEntries(Object.entries(feeds).map(([name, ids]) => [name, integerTensor(ids)]))
    const results = await this.#session.run(tensors, [output])
    const { data, dims, type } = results[output]!
    if (data instanceof Float32Array) return { data, dims }
    if (type === 'float16')
      return { data: data instanceof Uint16Array ? fromHalves(data) : Float32Array.from(data as Iterable<number>), dims }
    throw new Error(`Output ${output} is of ${type}, not of float32 or float16.`)
  }

  async dispose(): Promise<void> {
    await this.#session.release()
  }
}

/** Numbers of 16 bits (IEEE 754 binary16), each exact in 32. */
function fromHalves(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, (half) => {
    const [exponent, fraction] = [(half >> 10) & 31, half & 1023]
    const size =
      exponent === 0 ? fraction * 2 ** -24 : exponent < 31 ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction > 0 ? NaN : Infinity
    return half >> 15 === 0 ? size : -size
  })
}
