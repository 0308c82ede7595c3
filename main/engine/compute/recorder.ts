/**
 * Records what a traced function does: each emitted node becomes part of the graph and its output a value that later nodes name.
 * Constants are shared by content where they are small, and large uniform ones become an Expand of a scalar.
 */
import type { Attribute, Constant, ElementType, Graph, Node, Port, Value } from './graph.ts'

export type Attributes = Readonly<Record<string, number | readonly number[] | { readonly float: number } | { readonly text: string }>>

/** Uniform constants above this many elements are expanded from a scalar instead of stored. */
const EXPAND_ABOVE = 256

export class Recorder {
  readonly #nodes: Node[] = []
  readonly #constants: Constant[] = []
  readonly #shared = new Map<string, Value>()
  readonly #share: boolean
  #count = 0

  /** @param share equal small constants become one; off where two traces are compared name by name */
  constructor(share = true) {
    this.#share = share
  }

  /** Appends one node with one output and returns it. */
  emit(op: string, inputs: readonly Value[], shape: readonly number[], type: ElementType, attributes: Attributes = {}): Value {
    return this.emitMany(op, inputs, [{ shape, type }], attributes)[0]!
  }

  /** Appends one node with several outputs. */
  emitMany(
    op: string,
    inputs: readonly Value[],
    outputs: readonly { shape: readonly number[]; type: ElementType }[],
    attributes: Attributes = {},
  ): Value[] {
    const values = outputs.map(({ shape, type }) => ({ name: this.#name(op.toLowerCase()), shape: [...shape], type }))
    this.#nodes.push({ op, inputs: inputs.map((value) => value.name), outputs: values, attributes: normalise(attributes) })
    return values
  }

  /** A constant; small equal ones are one initialiser. */
  constant(data: ArrayLike<number>, shape: readonly number[], type: ElementType): Value {
    const uniform = data.length > EXPAND_ABOVE ? uniformValue(data) : null
    if (uniform !== null) {
      return this.emit('Expand', [this.constant([uniform], [], type), this.constant(shape, [shape.length], 'int64')], shape, type)
    }
    const key = this.#share && data.length <= 64 ? `${type}|${shape.join(',')}|${Array.from(data).join(',')}` : null
    const shared = key === null ? undefined : this.#shared.get(key)
    if (shared !== undefined) return shared
    const value: Constant = { name: this.#name('const'), shape: [...shape], type, data: copyAs(type, data) }
    this.#constants.push(value)
    if (key !== null) this.#shared.set(key, value)
    return value
  }

  finish(inputs: readonly Port[], outputs: readonly Port[]): Graph {
    return { inputs, outputs, constants: this.#constants, nodes: this.#nodes }
  }

  #name(stem: string): string {
    return `${stem}_${this.#count++}`
  }
}

function normalise(attributes: Attributes): Record<string, Attribute> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]): [string, Attribute] => [
      name,
      typeof value === 'number'
        ? { kind: 'int', value }
        : 'float' in value
          ? { kind: 'float', value: value.float }
          : 'text' in value
            ? { kind: 'text', value: value.text }
            : { kind: 'ints', value: [...value] },
    ]),
  )
}

function uniformValue(data: ArrayLike<number>): number | null {
  const first = data[0]!
  for (let i = 1; i < data.length; i++) if (!Object.is(data[i], first)) return null
  return first
}

function copyAs(type: ElementType, data: ArrayLike<number>): Constant['data'] {
  if (type === 'float32') return Float32Array.from(data)
  return type === 'bool' ? Uint8Array.from(data) : Int32Array.from(data)
}
