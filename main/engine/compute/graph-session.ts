/**
 * Runs a traced graph with ONNX Runtime; with score.ts the only importer of it. A run is synchronous on its thread (it blocks the
 * event loop for its duration), which is why training lives in a process of its own. Inputs are not copied: a feed must not be
 * changed until the run has ended.
 */
import ort from 'onnxruntime-node'
import { cpus } from 'node:os'
import { unavailable } from '../../contract/errors.ts'
import type { Graph, Port } from './graph.ts'
import { onnxBytes } from './onnx.ts'

export type Numbers = Float32Array | Int32Array
export type Feeds = Readonly<Record<string, Numbers>>
export type Fetches = Record<string, Float32Array>
/** Sizes of named dimensions. */
export type Sizes = Readonly<Record<string, number>>

export interface SessionOptions {
  /** intra-op threads; the same number gives the same results bit by bit. Default: the cores */
  readonly threads?: number
  /** where the graph runs; what the device has no operator for runs on the CPU. Default: the CPU */
  readonly device?: 'cpu' | 'webgpu'
}

/** A graph ready to run. */
export class GraphSession {
  readonly #session: ort.InferenceSession
  readonly #inputs: readonly Port[]
  readonly #outputs: readonly Port[]

  private constructor(session: ort.InferenceSession, graph: Graph) {
    this.#session = session
    this.#inputs = graph.inputs.filter(({ name }) => session.inputNames.includes(name))
    this.#outputs = graph.outputs
  }

  /** @throws PylonError unavailable where the device does not work here */
  static async create(graph: Graph, options: SessionOptions = {}): Promise<GraphSession> {
    return new GraphSession(await createSession(onnxBytes(graph), options), graph)
  }

  /**
   * One execution. Where an input has one named dimension its size follows from the feed's length; more need `sizes`.
   * @param into where outputs are written, by name; the others get new arrays
   * @throws Error naming an input that is missing, or one or an output in `into` that has the wrong length
   */
  async run(feeds: Feeds, sizes: Sizes = {}, into: Fetches = {}): Promise<Fetches> {
    const tensors: Record<string, ort.Tensor> = {}
    for (const port of this.#inputs) {
      const data = feeds[port.name]
      if (data === undefined) throw new Error(`Input ${port.name} is missing.`)
      const type = data instanceof Int32Array ? 'int32' : 'float32'
      tensors[port.name] = new ort.Tensor(type, data, resolveShape(port, data.length, sizes))
    }
    const fetches = this.#outputs.map((port) => {
      const data = into[port.name]
      return [port.name, data === undefined ? null : new ort.Tensor('float32', data, resolveShape(port, data.length, sizes))] as const
    })
    const results = await this.#session.run(tensors, Object.fromEntries(fetches))
    return Object.fromEntries(this.#outputs.map(({ name }) => [name, results[name]!.data as Float32Array]))
  }

  async dispose(): Promise<void> {
    await this.#session.release()
  }
}

/** A session of a graph in memory or in a file. @throws PylonError unavailable where a device that is asked for does not work here */
export async function createSession(graph: Uint8Array | string, options: SessionOptions): Promise<ort.InferenceSession> {
  try {
    return await (typeof graph === 'string'
      ? ort.InferenceSession.create(graph, sessionOptions(options))
      : ort.InferenceSession.create(graph, sessionOptions(options)))
  } catch (cause) {
    if ((options.device ?? 'cpu') === 'cpu') throw cause
    const reason = (cause as Error).message.split('\n')[0]!.replace(/^.* was false\. /, '')
    throw unavailable(`no graphics processor that WebGPU can use: ${reason}. onnxruntime needs none`, undefined, { cause })
  }
}

/** [1 × length] of int64. */
export function integerTensor(values: readonly number[]): ort.Tensor {
  return new ort.Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length])
}

/** Session options shared by every session: sequential, all graph optimisations, warnings off. */
export function sessionOptions({ threads = cpus().length, device = 'cpu' }: SessionOptions): ort.InferenceSession.SessionOptions {
  return {
    executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  }
}

/**
 * The shape of `length` elements for an input: named dimensions by `sizes`, the one that is left by division.
 * @throws Error where it does not fit
 */
export function resolveShape({ name, shape }: Pick<Port, 'name' | 'shape'>, length: number, sizes: Sizes): number[] {
  const sized = shape.map((d) => (typeof d === 'string' ? (sizes[d] ?? d) : d))
  const fixedSize = sized.reduce<number>((product, d) => (typeof d === 'number' ? product * d : product), 1)
  const open = sized.filter((d) => typeof d === 'string').length
  const size = open === 0 ? 1 : length / fixedSize
  const fits = open === 0 ? length === fixedSize : open === 1 && Number.isInteger(size)
  if (!fits) throw new Error(`Input ${name} has ${length} elements and cannot have the shape [${shape.join(', ')}].`)
  return sized.map((d) => (typeof d === 'number' ? d : size))
}

/** For `doctor`: the runtime's version, after one addition. @throws where the addon does not load, or the device does not work */
export async function onnxRuntimeSelfTest(device: 'cpu' | 'webgpu' = 'cpu'): Promise<string> {
  const graph: Graph = {
    inputs: [{ name: 'x', type: 'float32', shape: [1] }],
    outputs: [{ name: 'y', type: 'float32', shape: [1] }],
    constants: [],
    nodes: [{ op: 'Add', inputs: ['x', 'x'], outputs: [{ name: 'y', type: 'float32', shape: [1] }], attributes: {} }],
  }
  const session = await GraphSession.create(graph, { threads: 1, device })
  const { y } = await session.run({ x: Float32Array.of(1) })
  await session.dispose()
  if (y?.[0] !== 2) throw new Error('1 + 1 was not 2.')
  return ort.env.versions.node ?? ort.env.versions.common
}
