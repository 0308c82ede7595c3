/**
 * Where a program runs. `onnxruntime` traces it once and executes the graph; `tfjs-cpu` runs the same function eagerly
 * and is the reference of the tests; `tensorflow` does so on libtensorflow, where it is installed; `webgpu` tries the graph on the graphics
 * processor beside the CPU and keeps the faster. All take and give plain arrays, so the trainer does not know which one it has.
 */
import type { Program, Tensors } from './program.ts'
import { resolveShape, type Feeds, type Fetches, GraphSession, type SessionOptions, type Sizes } from './graph-session.ts'
import type { Executable } from './executable.ts'
import { OnTrial } from './on-trial.ts'
import { loadTensorflow } from './tensorflow.ts'
import { tf } from './tf.ts'
import { trace } from './trace.ts'

export type { Executable }

export type ExecutorName = 'onnxruntime' | 'tfjs-cpu' | 'tensorflow' | 'webgpu'

interface CompileOptions extends SessionOptions {
  /** what is found while it runs, for a run's log */
  readonly told?: (text: string) => void
}

const compilers = {
  onnxruntime: async (program: Program, options: SessionOptions): Promise<Executable> => GraphSession.create(await trace(program), options),
  'tfjs-cpu': async (program: Program): Promise<Executable> => eager(program, 'cpu'),
  tensorflow: async (program: Program): Promise<Executable> => {
    loadTensorflow()
    return eager(program, 'tensorflow')
  },
  webgpu: async (program: Program, { told = () => undefined, ...options }: CompileOptions): Promise<Executable> => {
    const graph = await trace(program)
    const cpu = await GraphSession.create(graph, options)
    try {
      return new OnTrial(cpu, await GraphSession.create(graph, { ...options, device: 'webgpu' }), 'WebGPU', told)
    } catch (error) {
      told(`Steps run on the CPU: ${(error as Error).message}.`)
      return cpu
    }
  },
} satisfies Record<ExecutorName, (program: Program, options: CompileOptions) => Promise<Executable>>

/** Prepares a program for repeated runs. */
export function compileProgram(program: Program, options: CompileOptions & { readonly executor?: ExecutorName } = {}): Promise<Executable> {
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
