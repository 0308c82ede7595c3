/**
 * The graph that tracing yields and that the ONNX writer serialises: nodes in execution order over named values. Shapes are the
 * ones of the trace; `symbolic.ts` replaces those that depend on a named dimension.
 */

/** Element types a graph may hold; bool is what comparisons give, int64 what ONNX wants for shapes and indices. */
export type ElementType = 'float32' | 'int32' | 'int64' | 'bool'

/** A dimension: a number, or the name of one that is known only when the graph runs. */
export type Dimension = number | string

export interface Value {
  readonly name: string
  readonly type: ElementType
  readonly shape: readonly number[]
}

export type Attribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }

export interface Node {
  /** ONNX operator type, default domain */
  readonly op: string
  readonly inputs: readonly string[]
  readonly outputs: readonly Value[]
  readonly attributes: Readonly<Record<string, Attribute>>
}

/** A constant; `data` has one entry an element (bool as 0 and 1, int64 as whole numbers). */
export interface Constant extends Value {
  readonly data: Float32Array | Int32Array | Uint8Array
}

export interface Port {
  readonly name: string
  readonly type: ElementType
  readonly shape: readonly Dimension[]
}

export interface Graph {
  readonly inputs: readonly Port[]
  readonly outputs: readonly Port[]
  readonly constants: readonly Constant[]
  readonly nodes: readonly Node[]
}

/** The nodes and constants that the outputs depend on, in their order: what autodiff records and nobody reads is dropped. */
export function prune(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map((port) => port.name))
  const nodes: Node[] = []
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((value) => needed.has(value.name))) continue
    nodes.push(node)
    for (const input of node.inputs) needed.add(input)
  }
  return { ...graph, nodes: nodes.reverse(), constants: graph.constants.filter((constant) => needed.has(constant.name)) }
}

/** Floating-point operations of the graph's matrix products, 2·m·n·k each: what a machine's GEMM rate is compared with. */
export function gemmFlops(graph: Graph): number {
  const shapes = new Map<string, readonly number[]>()
  for (const port of graph.inputs)
    shapes.set(
      port.name,
      port.shape.map((d) => (typeof d === 'number' ? d : 0)),
    )
  for (const constant of graph.constants) shapes.set(constant.name, constant.shape)
  let flops = 0
  for (const node of graph.nodes) {
    for (const value of node.outputs) shapes.set(value.name, value.shape)
    if (node.op !== 'Gemm' && node.op !== 'MatMul') continue
    const a = shapes.get(node.inputs[0]!) ?? []
    const inner = node.attributes['transA']?.value === 1 ? a.at(-2) : a.at(-1)
    flops += 2 * (inner ?? 0) * node.outputs[0]!.shape.reduce((x, y) => x * y, 1)
  }
  return flops
}
