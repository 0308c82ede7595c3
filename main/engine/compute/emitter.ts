/** What a kernel's row works with: its inputs as graph values, its attributes by type, and short ways to emit nodes. */
import type { TraceBackend } from './backend.ts'
import type { ElementType, Value } from './graph.ts'
import type { Attributes } from './recorder.ts'
import type { tf, TensorInfo } from './tf.ts'

/** One call of a kernel. */
export class Emitter {
  readonly #inputs: tf.NamedTensorInfoMap
  readonly #attrs: tf.NamedAttrMap
  readonly backend: TraceBackend
  constructor(inputs: tf.NamedTensorInfoMap, attrs: tf.NamedAttrMap | undefined, backend: TraceBackend) {
    this.#inputs = inputs
    this.#attrs = attrs ?? {}
    this.backend = backend
  }
  info(name: string): TensorInfo {
    const info = this.#inputs[name]
    if (info === undefined) throw new Error(`kernel input ${name} is missing`)
    return info
  }
  input(name: string): Value {
    return this.backend.graphValue(this.info(name))
  }
  /** inputs of kernels that take a list, in order */
  all(): Value[] {
    return Object.values(this.#inputs).map((info) => this.backend.graphValue(info!))
  }
  attr<T>(name: string): T {
    return this.#attrs[name] as T
  }
  emit(op: string, inputs: readonly Value[], shape: readonly number[], type: ElementType, attributes: Attributes = {}): Value {
    return this.backend.recorder.emit(op, inputs, shape, type, attributes)
  }
  ints(values: readonly number[]): Value {
    return this.backend.recorder.constant(values, [values.length], 'int64')
  }
  scalar(value: number, type: ElementType = 'float32'): Value {
    return this.backend.recorder.constant([value], [], type)
  }
  cast(x: Value, type: ElementType): Value {
    if (x.type === type) return x
    return this.emit('Cast', [x], x.shape, type, { to: { float32: 1, int32: 6, int64: 7, bool: 9 }[type] })
  }
  reshape(x: Value, shape: readonly number[]): Value {
    return sameShape(x.shape, shape) ? x : this.emit('Reshape', [x, this.ints(shape)], shape, x.type)
  }
  transpose(x: Value, perm: readonly number[]): Value {
    return this.emit(
      'Transpose',
      [x],
      perm.map((axis) => x.shape[axis]!),
      x.type,
      { perm },
    )
  }
}

const sameShape = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((d, i) => d === b[i])
