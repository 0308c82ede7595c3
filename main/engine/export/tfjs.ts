/**
 * A traced tower as a TensorFlow.js graph model: the same nodes in TensorFlow's words, `model.json` and one file of weights. A row of the
 * table says how an ONNX node is written; what it does not know is refused by name, so nothing is exported that would compute otherwise.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { unavailable } from '../../contract/errors.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import { BINARY, COMPARISONS, UNARY } from '../compute/elementwise.ts'
import type { Graph, Node, Value } from '../compute/graph.ts'
import { writeFileAtomic } from '../files/atomic.ts'
import { bytesOf } from '../files/bytes.ts'
import { turnedGraph } from './align.ts'
import { type ExportSource, openTowers } from './source.ts'

/** `user_tower/` and `item_tower/`, each for `tf.loadGraphModel`. */
export async function* writeTfjs(source: ExportSource): Stage {
  const towers = await openTowers(source)
  for (const [i, side] of (['user', 'item'] as const).entries()) {
    yield { stage: 'write towers', done: i, total: 2, unit: 'towers' }
    const folder = join(source.folder, `${side}_tower`)
    await mkdir(folder)
    const { topology, weights, specs, signature } = graphModel(turnedGraph(await towers.graph(side), source.rotation))
    const manifest = [{ paths: ['weights.bin'], weights: specs }]
    await writeFileAtomic(join(folder, 'weights.bin'), weights)
    await writeFileAtomic(
      join(folder, 'model.json'),
      `${JSON.stringify({ format: 'graph-model', generatedBy: `Pylon ${source.pylon}`, convertedBy: null, signature, modelTopology: topology, weightsManifest: manifest })}\n`,
    )
  }
}

interface TfNode {
  readonly name: string
  readonly op: string
  readonly input: readonly string[]
  readonly attr: Readonly<Record<string, object>>
}
interface WeightSpec {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: 'float32' | 'int32' | 'bool'
}
export interface GraphModel {
  readonly topology: { readonly node: readonly TfNode[]; readonly versions: { readonly producer: number } }
  readonly weights: Uint8Array
  readonly specs: readonly WeightSpec[]
  readonly signature: object
}

const DTYPE = { float32: 'DT_FLOAT', int32: 'DT_INT32', int64: 'DT_INT32', bool: 'DT_BOOL' } as const
/** ONNX's type codes of a Cast. */
const CAST_TO: Readonly<Record<number, string>> = { 1: 'DT_FLOAT', 6: 'DT_INT32', 7: 'DT_INT32', 9: 'DT_BOOL' }

/** A graph in TensorFlow's words. @throws PylonError unavailable naming a node that has none */
export function graphModel(graph: Graph): GraphModel {
  const writer = new Writer(graph)
  for (const { name, type, shape } of graph.inputs)
    writer.push({
      name,
      op: 'Placeholder',
      input: [],
      attr: {
        dtype: { type: DTYPE[type] },
        shape: { shape: { dim: shape.map((d) => ({ size: typeof d === 'number' ? String(d) : '-1' })) } },
      },
    })
  for (const { name, type, shape, data } of graph.constants)
    writer.constant(name, type === 'float32' || type === 'bool' ? type : 'int32', shape, data)
  for (const node of graph.nodes) {
    const write = OPS[node.op]
    if (write === undefined)
      throw unavailable(`The towers use ${node.op}, which is not written for TensorFlow.js yet: export them as onnx.`, 'format')
    write(writer, node, node.outputs[0]!.name)
  }
  const port = ({ name, type, shape }: Graph['inputs'][number]): [string, object] => [
    name,
    { name: `${name}:0`, dtype: DTYPE[type], tensorShape: { dim: shape.map((d) => ({ size: typeof d === 'number' ? String(d) : '-1' })) } },
  ]
  return {
    topology: { node: writer.nodes, versions: { producer: 1 } },
    weights: writer.bytes(),
    specs: writer.specs,
    signature: { inputs: Object.fromEntries(graph.inputs.map(port)), outputs: Object.fromEntries(graph.outputs.map(port)) },
  }
}

class Writer {
  readonly nodes: TfNode[] = []
  readonly specs: WeightSpec[] = []
  readonly #data: Uint8Array[] = []
  readonly #shapes: ReadonlyMap<string, readonly unknown[]>
  readonly #constants: ReadonlyMap<string, ArrayLike<number>>

  constructor(graph: Graph) {
    const values: readonly (Value | Graph['inputs'][number])[] = [
      ...graph.inputs,
      ...graph.constants,
      ...graph.nodes.flatMap((node) => node.outputs),
    ]
    this.#shapes = new Map(values.map(({ name, shape }) => [name, shape]))
    this.#constants = new Map(graph.constants.map(({ name, data }) => [name, data]))
  }

  push(node: TfNode): void {
    this.nodes.push(node)
  }
  rank(name: string): number {
    return this.#shapes.get(name)!.length
  }
  /** The numbers of an input that is a constant. */
  numbers(name: string): number[] {
    return Array.from(this.#constants.get(name)!)
  }
  ints(stem: string, values: readonly number[], isScalar = false): string {
    this.constant(stem, 'int32', isScalar ? [] : [values.length], Int32Array.from(values))
    return stem
  }
  constant(name: string, dtype: WeightSpec['dtype'], shape: readonly number[], data: Float32Array | Int32Array | Uint8Array): void {
    this.push({ name, op: 'Const', input: [], attr: { dtype: { type: DTYPE[dtype] } } })
    this.specs.push({ name, shape, dtype })
    this.#data.push(bytesOf(dtype === 'int32' ? Int32Array.from(data) : data))
  }
  bytes(): Uint8Array {
    return Buffer.concat(this.#data)
  }
}

type Write = (writer: Writer, node: Node, name: string) => void

const number = ({ attributes }: Node, key: string, otherwise: number): number => Number(attributes[key]?.value ?? otherwise)
const numberList = ({ attributes }: Node, key: string): number[] => [...((attributes[key]?.value ?? []) as readonly number[])]
const T = { T: { type: 'DT_FLOAT' } }

/** A node of the same inputs under TensorFlow's name. */
const same =
  (op: string, attr: TfNode['attr'] = {}): Write =>
  (w, node, name) =>
    w.push({ name, op, input: node.inputs, attr: { ...T, ...attr } })

/** A reduction: axes from an attribute or from the second input. */
const reduction =
  (op: string): Write =>
  (w, node, name) => {
    const axes = node.inputs[1] ?? w.ints(`${name}/axes`, numberList(node, 'axes'))
    w.push({ name, op, input: [node.inputs[0]!, axes], attr: { ...T, keep_dims: { b: number(node, 'keepdims', 1) === 1 } } })
  }

/** Where TensorFlow's name is not that of the kernel in TensorFlow.js. */
const TF_NAMES: Readonly<Record<string, string>> = { Add: 'AddV2', Multiply: 'Mul' }

const OPS: Readonly<Record<string, Write>> = {
  ...Object.fromEntries([...UNARY, ...BINARY, ...COMPARISONS].map(([kernel, op]) => [op, same(TF_NAMES[kernel] ?? kernel)])),
  Identity: same('Identity'),
  Sum: (w, node, name) => w.push({ name, op: 'AddN', input: node.inputs, attr: { ...T, N: { i: String(node.inputs.length) } } }),
  LeakyRelu: (w, node, name) => same('LeakyRelu', { alpha: { f: number(node, 'alpha', 0.01) } })(w, node, name),
  Where: same('SelectV2'),
  Clip: (w, node, name) => {
    // minimum and maximum of towers are constants
    const [low, high] = [w.numbers(node.inputs[1]!)[0]!, w.numbers(node.inputs[2]!)[0]!]
    w.push({ name, op: 'ClipByValue', input: node.inputs, attr: { ...T, clip_value_min: { f: low }, clip_value_max: { f: high } } })
  },
  Cast: (w, node, name) => same('Cast', { DstT: { type: CAST_TO[number(node, 'to', 1)]! } })(w, node, name),
  MatMul: same('BatchMatMulV2', { adj_x: { b: false }, adj_y: { b: false } }),
  Gemm: (w, node, name) =>
    same('MatMul', { transpose_a: { b: number(node, 'transA', 0) === 1 }, transpose_b: { b: number(node, 'transB', 0) === 1 } })(
      w,
      node,
      name,
    ),
  ReduceSum: reduction('Sum'),
  ReduceMean: reduction('Mean'),
  ReduceMax: reduction('Max'),
  ReduceMin: reduction('Min'),
  ReduceProd: reduction('Prod'),
  Softmax: same('Softmax'),
  LogSoftmax: same('LogSoftmax'),
  Concat: (w, node, name) => {
    const axis = w.ints(`${name}/axis`, [number(node, 'axis', 0)], true)
    w.push({ name, op: 'ConcatV2', input: [...node.inputs, axis], attr: { ...T, N: { i: String(node.inputs.length) } } })
  },
  Reshape: same('Reshape'),
  Expand: same('BroadcastTo'),
  Tile: same('Tile'),
  Unsqueeze: (w, node, name) => {
    const axes = w.numbers(node.inputs[1]!)
    w.push({ name, op: 'ExpandDims', input: [node.inputs[0]!, w.ints(`${name}/dim`, axes.slice(0, 1), true)], attr: T })
  },
  Transpose: (w, node, name) =>
    w.push({ name, op: 'Transpose', input: [node.inputs[0]!, w.ints(`${name}/perm`, numberList(node, 'perm'))], attr: T }),
  Gather: (w, node, name) =>
    w.push({
      name,
      op: 'GatherV2',
      input: [node.inputs[0]!, node.inputs[1]!, w.ints(`${name}/axis`, [number(node, 'axis', 0)], true)],
      attr: { ...T, batch_dims: { i: '0' } },
    }),
  Slice: (w, node, name) => {
    const [x, starts, ends, axes, steps] = node.inputs
    const rank = w.rank(x!)
    const at = new Map(w.numbers(axes!).map((axis, i) => [axis, i]))
    const along = (values: readonly number[], otherwise: number): number[] =>
      Array.from({ length: rank }, (_, axis) => (at.has(axis) ? values[at.get(axis)!]! : otherwise))
    const [from, to] = [w.numbers(starts!), w.numbers(ends!)]
    const stride = steps === undefined ? from.map(() => 1) : w.numbers(steps)
    const open = Array.from({ length: rank }, (_, axis) => (at.has(axis) ? 0 : 1 << axis)).reduce((a, b) => a | b, 0)
    // an end far below zero means "to the very start" where the step is negative
    const reversed = Array.from({ length: rank }, (_, axis) => (at.has(axis) && stride[at.get(axis)!]! < 0 ? 1 << axis : 0)).reduce(
      (a, b) => a | b,
      0,
    )
    const input = [
      x!,
      w.ints(`${name}/begin`, along(from, 0)),
      w.ints(`${name}/end`, along(to, 0)),
      w.ints(`${name}/strides`, along(stride, 1)),
    ]
    const mask = (bits: number): object => ({ i: String(bits) })
    w.push({
      name,
      op: 'StridedSlice',
      input,
      attr: {
        ...T,
        begin_mask: mask(open),
        end_mask: mask(open | reversed),
        ellipsis_mask: mask(0),
        new_axis_mask: mask(0),
        shrink_axis_mask: mask(0),
      },
    })
  },
}
