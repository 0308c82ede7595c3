/**
 * Makes named dimensions symbolic: compares two traces of one program at two sizes. The graphs must be the same but for shapes;
 * an integer constant that differs is the target of a Reshape, where one entry may become -1 ("whatever is left").
 */
import type { Constant, Dimension, Graph, Port } from './graph.ts'
import type { Program } from './program.ts'

/** @throws Error naming the node where the sizes cannot be told apart or ONNX needs a number */
export function mergeTraces(first: Graph, second: Graph, program: Program): Graph {
  if (first.nodes.length !== second.nodes.length) throw new Error('The traced function does different things at different batch sizes.')
  const others = new Map(second.constants.map((constant) => [constant.name, constant]))
  const reshapeTargets = new Set(first.nodes.filter((node) => node.op === 'Reshape').map((node) => node.inputs[1]!))
  return {
    inputs: program.inputs.map(({ name, shape, dtype }): Port => ({ name, shape, type: dtype ?? 'float32' })),
    outputs: first.outputs.map((port, i) => ({ ...port, shape: mergeShape(port, second.outputs[i]!, program) })),
    nodes: first.nodes,
    constants: first.constants.map((constant) => mergeConstant(constant, others.get(constant.name), reshapeTargets.has(constant.name))),
  }
}

function mergeConstant(first: Constant, second: Constant | undefined, isReshapeTarget: boolean): Constant {
  if (second === undefined) throw new Error(`Constant ${first.name} exists at one batch size only.`)
  const differing = [...first.data.keys()].filter((i) => first.data[i] !== second.data[i])
  if (differing.length === 0 && first.data.length === second.data.length) return first
  if (!isReshapeTarget || differing.length !== 1) {
    throw new Error(
      `A constant of shape [${first.shape.join(', ')}] depends on a named dimension; use broadcasting instead of filled or tiled tensors.`,
    )
  }
  return { ...first, data: Int32Array.from(first.data, (value, i) => (i === differing[0] ? -1 : value)) }
}

/** An output dimension that grows with a named one is that name where the two sizes equal it, else a name of its own. */
function mergeShape(first: Port, second: Port, program: Program): Dimension[] {
  const names = [...new Set(program.inputs.flatMap((input) => input.shape.filter((d) => typeof d === 'string')))]
  return first.shape.map((d, axis) => {
    if (d === second.shape[axis]) return d
    const name = names.find((_, i) => Number(d) % (i + 1) === 0 && Number(d) / (i + 1) === 7 && Number(second.shape[axis]) / (i + 1) === 11)
    return name ?? `${first.name}_${axis}`
  })
}
