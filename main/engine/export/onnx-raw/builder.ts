/** A small writer of ONNX nodes by name: each call adds a node and answers the name of its output. Shapes are the runtime's business. */
import { type OnnxAttribute, type OnnxConstant, type OnnxNode, type OnnxPort, type OnnxType, ML_DOMAIN } from '../../compute/onnx.ts'

export type Name = string
type Attributes = Readonly<Record<string, OnnxAttribute | number | readonly number[]>>

/** TensorProto.DataType, for Cast. */
const CAST = { float32: 1, int32: 6, int64: 7, float64: 11 } as const

export class RawBuilder {
  readonly nodes: OnnxNode[] = []
  readonly constants: OnnxConstant[] = []
  readonly inputs: OnnxPort[] = []

  /** A raw input; one that is asked for again is the same. Where another type has the name, the type is added to it. */
  input(name: string, type: OnnxType, shape: OnnxPort['shape']): Name {
    const existing = this.inputs.find((port) => port.name === name)
    if (existing !== undefined && existing.type !== type) return this.input(`${name}.${type}`, type, shape)
    if (existing === undefined) this.inputs.push({ name, type, shape })
    return name
  }

  /** Adds a node; `output` names its output where something else asks for that name. */
  add(op: string, inputs: readonly Name[], attributes: Attributes = {}, output?: Name): Name {
    return this.#push({ op, inputs, outputs: [{ name: output ?? this.#fresh(op) }], attributes: normalise(attributes) })
  }

  ints(values: readonly number[]): Name {
    return this.#constant('int64', [values.length], Int32Array.from(values))
  }
  int(value: number): Name {
    return this.#constant('int64', [], Int32Array.of(value))
  }
  double(value: number): Name {
    return this.#constant('float64', [], Float64Array.of(value))
  }
  doubles(values: readonly number[]): Name {
    return this.#constant('float64', [values.length], Float64Array.from(values))
  }
  float(value: number): Name {
    return this.#constant('float32', [], Float32Array.of(value))
  }

  cast(x: Name, to: keyof typeof CAST, output?: Name): Name {
    return this.add('Cast', [x], { to: CAST[to] }, output)
  }
  unsqueeze(x: Name, axis: number): Name {
    return this.add('Unsqueeze', [x, this.ints([axis])])
  }

  /** The row of a text in a vocabulary, int64; `otherwise` for any other text. */
  lookUp(x: Name, keys: readonly string[], rows: readonly number[], otherwise: number): Name {
    return this.#labelEncoder(x, {
      keys_strings: { kind: 'texts', value: keys },
      values_int64s: { kind: 'ints', value: rows },
      default_int64: { kind: 'int', value: otherwise },
    })
  }

  /** The row of a whole number; LabelEncoder answers whole numbers with floats, exact below 2^24. */
  lookUpInts(x: Name, keys: readonly number[], rows: readonly number[]): Name {
    const row = this.#labelEncoder(x, {
      keys_int64s: { kind: 'ints', value: keys },
      values_floats: { kind: 'floats', value: rows },
      default_float: { kind: 'float', value: 0 },
    })
    return this.cast(row, 'int64')
  }

  #labelEncoder(x: Name, attributes: OnnxNode['attributes']): Name {
    return this.#push({ op: 'LabelEncoder', domain: ML_DOMAIN, inputs: [x], outputs: [{ name: this.#fresh('LookUp') }], attributes })
  }

  #constant(type: OnnxType, shape: readonly number[], data: OnnxConstant['data']): Name {
    const existing = this.constants.find(
      (constant) => constant.type === type && String(constant.shape) === String(shape) && sameData(constant.data, data),
    )
    if (existing !== undefined) return existing.name
    const name = `raw/constant_${this.constants.length}`
    this.constants.push({ name, type, shape, data })
    return name
  }

  #push(node: OnnxNode): Name {
    this.nodes.push(node)
    return node.outputs[0]!.name
  }
  #fresh(op: string): Name {
    return `raw/${op}_${this.nodes.length}`
  }
}

function normalise(attributes: Attributes): OnnxNode['attributes'] {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]): [string, OnnxAttribute] => [
      name,
      typeof value === 'number' ? { kind: 'int', value } : 'kind' in value ? value : { kind: 'ints', value },
    ]),
  )
}

const sameData = (a: OnnxConstant['data'], b: OnnxConstant['data']): boolean =>
  a.length === b.length && a.every((value, i) => Object.is(value, b[i]))
