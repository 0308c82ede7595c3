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

  /** One execution on one row: each input is [1 × length] of int64. */
  async run(feeds: Readonly<Record<string, readonly number[]>>, output: string): Promise<Output> {
    const tensors = Object.fromEntries(Object.entries(feeds).map(([name, ids]) => [name, integerTensor(ids)]))
    const results = await this.#session.run(tensors, [output])
    const { data, dims } = results[output]!
    if (!(data instanceof Float32Array)) throw new Error(`Output ${output} is not of float32.`)
    return { data, dims }
  }

  async dispose(): Promise<void> {
    await this.#session.release()
  }
}
