/**
 * A tower's graph with int8 weights. A table keeps its integers, and only the rows that are read become numbers; a layer is cast and scaled
 * before its product. Not by DequantizeLinear: ONNX Runtime (1.32) makes of it and a MatMul a product with quantised activations, which moves
 * vectors by 5e-3 and is not what was measured. Constants that anything else reads stay float32.
 */
import type { Constant, Graph, Node } from '../../compute/graph.ts'
import type { OnnxConstant, OnnxGraph, OnnxNode } from '../../compute/onnx.ts'
import { LEAST, quantise } from './quantise.ts'

/** TensorProto.DataType of float32 */
const FLOAT = 1
const LAST_AXIS = 'int8.last_axis'

export function quantisedGraph({ inputs, outputs, constants, nodes }: Graph): OnnxGraph {
  const kinds = new Map(constants.map((constant) => [constant.name, kindOf(constant, nodes)]))
  const made: OnnxConstant[] = [{ name: LAST_AXIS, type: 'int64', shape: [1], data: Int32Array.of(-1) }]
  for (const constant of constants) {
    const kind = kinds.get(constant.name) ?? null
    if (kind === null) {
      made.push(constant)
      continue
    }
    const { values, scales } = quantise(constant.data as Float32Array, constant.shape[1]!, kind === 'table' ? 'row' : 'column')
    made.push({ name: integersOf(constant.name), type: 'int8', shape: constant.shape, data: values })
    made.push({ name: scalesOf(constant.name), type: 'float32', shape: [scales.length], data: scales })
  }
  const layers = constants.filter(({ name }) => kinds.get(name) === 'layer').flatMap(({ name }) => dequantised(name))
  return {
    inputs,
    outputs,
    constants: made,
    nodes: [
      ...layers,
      ...nodes.flatMap((node): OnnxNode[] => (kinds.get(node.inputs[0]!) === 'table' && node.op === 'Gather' ? gathered(node) : [node])),
    ],
  }
}

/** What a constant is to all that read it; null: not one of these, or too small. */
function kindOf({ name, type, shape, data }: Constant, nodes: readonly Node[]): 'table' | 'layer' | null {
  if (type !== 'float32' || shape.length !== 2 || data.length < LEAST) return null
  const reads = nodes.flatMap(({ op, inputs, attributes }) =>
    inputs.flatMap((input, at) => (input === name ? [{ op, at, axis: attributes['axis']?.value ?? 0 }] : [])),
  )
  if (reads.length > 0 && reads.every(({ op, at, axis }) => op === 'Gather' && at === 0 && axis === 0)) return 'table'
  return reads.length > 0 && reads.every(({ op, at }) => op === 'MatMul' && at === 1) ? 'layer' : null
}

const integersOf = (name: string): string => `${name}.int8`
const scalesOf = (name: string): string => `${name}.scale`

const node = (op: string, inputs: readonly string[], output: string, attributes: OnnxNode['attributes'] = {}): OnnxNode => ({
  op,
  inputs,
  outputs: [{ name: output }],
  attributes,
})

const cast = (from: string, to: string): OnnxNode => node('Cast', [from], to, { to: { kind: 'int', value: FLOAT } })

/** [in × out] of a layer, under its own name. */
const dequantised = (name: string): OnnxNode[] => [
  cast(integersOf(name), `${name}.whole`),
  node('Mul', [`${name}.whole`, scalesOf(name)], name),
]

/** Rows of a table times their scales, under the name of what was gathered. */
function gathered({ inputs, outputs }: Node): OnnxNode[] {
  const [table, rows] = inputs as [string, string]
  const out = outputs[0]!.name
  return [
    node('Gather', [integersOf(table), rows], `${out}.int8`),
    cast(`${out}.int8`, `${out}.whole`),
    node('Gather', [scalesOf(table), rows], `${out}.scales`),
    node('Unsqueeze', [`${out}.scales`, LAST_AXIS], `${out}.scale`),
    node('Mul', [`${out}.whole`, `${out}.scale`], out),
  ]
}
