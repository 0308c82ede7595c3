/**
 * Turns a function over tensors into a graph by running it once on the tracing backend (as JAX's `make_jaxpr` does). Where a
 * dimension is named, the function is traced at two sizes: what differs between the two graphs depends on the dimension and is
 * made symbolic. Tracing costs milliseconds and no tensor survives it.
 */
import { TRACE_BACKEND, type TraceBackend, elementType } from './backend.ts'
import { type Graph, type Port, prune } from './graph.ts'
import { registerTraceBackend } from './kernels.ts'
import type { Program, Tensors } from './program.ts'
import { mergeTraces } from './symbolic.ts'
import { tf } from './tf.ts'

/** The sizes that stand in for named dimensions in the two traces: coprime, so that products and sums stay recognisable. */
const STAND_INS = [7, 11] as const

/** @throws Error for a kernel that cannot be traced, or a named dimension used where ONNX needs a number */
export async function trace(program: Program): Promise<Graph> {
  const backend = registerTraceBackend()
  const names = new Set(program.inputs.flatMap((input) => input.shape.filter((d) => typeof d === 'string')))
  const previous = tf.engine().backendName
  await tf.setBackend(TRACE_BACKEND)
  try {
    const first = record(program, backend, sizes(names, STAND_INS[0]))
    if (names.size === 0) return prune(first)
    const second = record(program, backend, sizes(names, STAND_INS[1]))
    return mergeTraces(prune(first), prune(second), program)
  } finally {
    if (typeof previous === 'string' && previous !== '') await tf.setBackend(previous)
    else await tf.setBackend('cpu')
  }
}

/** Distinct sizes for distinct names: 7, 14, 21 … and 11, 22, 33 …. */
function sizes(names: ReadonlySet<string>, unit: number): Map<string, number> {
  return new Map([...names].map((name, i) => [name, unit * (i + 1)]))
}

function record(program: Program, backend: TraceBackend, sizeOf: ReadonlyMap<string, number>): Graph {
  const recorder = backend.begin(sizeOf.size === 0)
  const ports: Port[] = []
  const engine = tf.engine()
  engine.startScope('trace')
  try {
    const inputs: Tensors = {}
    for (const { name, shape, dtype = 'float32' } of program.inputs) {
      const fixed = shape.map((d) => (typeof d === 'number' ? d : sizeOf.get(d)!))
      const type = elementType(dtype)
      ports.push({ name, type, shape })
      const info = backend.tensorOf({ name, type, shape: fixed })
      inputs[name] = engine.makeTensorFromTensorInfo(info)
    }
    const outputs = Object.entries(program.run(inputs)).map(([name, tensor]): Port => {
      if (name in inputs) throw new Error(`The output ${name} has the name of an input.`)
      const value = backend.graphValue(tensor)
      // a graph output carries its own name, even where it is an input or another output as it is
      const renamed = recorder.emit('Identity', [value], value.shape, value.type)
      Object.assign(renamed, { name })
      return { name, type: value.type, shape: value.shape }
    })
    return recorder.finish(ports, outputs)
  } finally {
    engine.endScope()
  }
}
