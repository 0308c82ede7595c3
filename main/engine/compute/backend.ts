/**
 * A TensorFlow.js backend that computes nothing: a tensor's data is either a constant or a value of the graph being recorded.
 * Reading a value is an error, since a traced function must not look at numbers that exist only when the graph runs.
 */
import type { Constant, ElementType, Value } from './graph.ts'
import { Recorder } from './recorder.ts'
import { tf, type TensorInfo } from './tf.ts'

export const TRACE_BACKEND = 'pylon-trace'

type Numbers = Constant['data']
type Entry = { readonly kind: 'value'; readonly value: Value } | { readonly kind: 'constant'; readonly data: Numbers }

export class TraceBackend extends tf.KernelBackend {
  #entries = new WeakMap<object, Entry>()
  #recorder = new Recorder()

  /** Starts a new recording. */
  begin(share: boolean): Recorder {
    this.#recorder = new Recorder(share)
    this.#entries = new WeakMap()
    return this.#recorder
  }
  get recorder(): Recorder {
    return this.#recorder
  }

  /** The graph value of a tensor; a constant is written into the graph when it is first used. */
  graphValue(info: TensorInfo): Value {
    const entry = this.#entry(info)
    if (entry.kind === 'value') return entry.value
    return this.#recorder.constant(entry.data, info.shape, elementType(info.dtype))
  }
  /** The numbers of a constant tensor, or null for a value of the graph. */
  constantOf(info: TensorInfo): Numbers | null {
    const entry = this.#entry(info)
    return entry.kind === 'constant' ? entry.data : null
  }
  /** A tensor over a graph value. */
  tensorOf(value: Value): TensorInfo {
    const dataId = {}
    this.#entries.set(dataId, { kind: 'value', value })
    return { dataId, shape: [...value.shape], dtype: dtypeOf(value.type) }
  }
  /** A tensor over constant numbers. */
  constantTensor(data: Numbers, shape: readonly number[], dtype: TensorInfo['dtype']): TensorInfo {
    return { dataId: this.write(data, [...shape], dtype), shape: [...shape], dtype }
  }

  override write(values: Numbers, _shape: number[], _dtype: TensorInfo['dtype']): object {
    const dataId = {}
    this.#entries.set(dataId, { kind: 'constant', data: values })
    return dataId
  }
  override move(dataId: object, values: Numbers): void {
    this.#entries.set(dataId, { kind: 'constant', data: values })
  }
  override readSync(dataId: object): Numbers {
    const entry = this.#entries.get(dataId)
    if (entry?.kind === 'constant') return entry.data
    throw new Error('A traced function read the numbers of a tensor; they exist only when the graph runs. Use tensor operations instead.')
  }
  override async read(dataId: object): Promise<Numbers> {
    return this.readSync(dataId)
  }
  override disposeData(): boolean {
    return true
  }
  override incRef(): void {}
  decRef(): boolean {
    return true
  }
  override refCount(): number {
    return 1
  }
  override numDataIds(): number {
    return 0
  }
  override floatPrecision(): 32 {
    return 32
  }
  override epsilon(): number {
    return 1e-7
  }
  override dispose(): void {}

  #entry(info: TensorInfo): Entry {
    const entry = this.#entries.get(info.dataId)
    if (entry === undefined) throw new Error('A traced function used a tensor made outside of it. Pass it as an input or make it inside.')
    return entry
  }
}

/** @throws for types that the graph does not know (string, complex64) */
export function elementType(dtype: TensorInfo['dtype']): ElementType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype
  throw new Error(`Tensors of type ${dtype} cannot be traced.`)
}

function dtypeOf(type: ElementType): TensorInfo['dtype'] {
  if (type === 'int64') throw new Error('int64 values stay inside a kernel.')
  return type
}
