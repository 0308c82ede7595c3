/**
 * Where a program runs. `onnxruntime` traces it once and executes the graph; `tfjs-cpu` runs the same function eagerly
 * and is the reference of the tests; `tensorflow` does so on libtensorflow, where it is installed. All take and give
 * plain arrays, so the trainer does not know which one it has.
 */
import type { Program, Tensors } from './program.ts'
import { resolveShape, type Feeds, type Fetches, GraphSession, type SessionOptions, type Sizes } from './graph-session.ts'
import { loadTensorflow } from './tensorflow.ts'
import { tf } from './tf.ts'
import { trace } from './trace.ts'

export interface Executable {
  /** @throws Error naming an input that is missing or has the wrong length */
  run(feeds: Feeds, sizes?: Sizes): Promise<Fetches>
  dispose(): Promise<void>
}

export type ExecutorName = 'onnxruntime' | 'tfjs-cpu' | 'tensorflow'

const compilers = {
  onnxruntime: async (program: Program, options: SessionOptions): Promise<Executable> => GraphSession.create(await trace(program), options),
  'tfjs-cpu': async (program: Program): Promise<Executable> => eager(program, 'cpu'),
  tensorflow: async (program: Program): Promise<Executable> => {
    loadTensorflow()
    return eager(program, 'tensorflow')
  },
} satisfies Record<ExecutorName, (program: Program, options: SessionOptions) => Promise<Executable>>

/** Prepares a program for repeated runs. */
export function compileProgram(program: Program, options: SessionOptions & { readonly executor?: ExecutorName } = {}): Promise<Executable> {
  return compilers[options.executor ?? 'onnxruntime'](program, options)
}

function eager(program: Program, backend: 'cpu' | 'tensorflow'): Executable {
  return { run: (feeds, sizes = {}) => runEagerly(program, backend, feeds, sizes), dispose: () => Promise.resolve() }
}

/** Leaves no tensor behind: inputs, intermediates and outputs live in one tidy scope. */
async function runEagerly(program: Program, backend: string, feeds: Feeds, sizes: Sizes): Promise<Fetches> {
  await tf.setBackend(backend)
  const outputs: Fetches = {}
  tf.tidy(() => {
    const inputs: Tensors = {}
    for (const { name, shape, dtype = 'float32' } of program.inputs) {
      const data = feeds[name]
      if (data === undefined) throw new Error(`Input ${name} is missing.`)
      inputs[name] = tf.tensor(data.slice(), resolveShape({ name, shape }, data.length, sizes), dtype)
    }
    for (const [name, tensor] of Object.entries(program.run(inputs))) outputs[name] = tensor.dataSync<'float32'>().slice()
  })
  return outputs
}
