/**
 * Where a traced step goes: ONNX Runtime's own profile of each of `step`'s models, nodes of one operator and output shape together, and
 * what a run costs beside its nodes. PYLON_BENCH_MODEL names the models to profile by a part of their names.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ort from 'onnxruntime-node'
import { resolveShape, sessionOptions } from '../../main/engine/compute/graph-session.ts'
import { onnxBytes } from '../../main/engine/compute/onnx.ts'
import { trace } from '../../main/engine/compute/trace.ts'
import { buildTwoTower } from '../../main/engine/towers/two-tower.ts'
import { negativeCount } from '../../main/engine/training/candidates/plan.ts'
import { stepProgram } from '../../main/engine/training/step/program.ts'
import { randomFeeds } from '../helpers/model.ts'
import { MODELS } from './step.ts'

const ROUNDS = 15
/** rows of a table */
const SHOWN = 12

/** An event of ONNX Runtime's trace. */
interface Traced {
  readonly cat: string
  readonly name: string
  /** µs */
  readonly dur: number
  readonly args?: { readonly op_name?: string; readonly output_type_shape?: readonly Readonly<Record<string, readonly number[]>>[] }
}

export async function benchProfile(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'pylon-bench-'))
  const wanted = process.env['PYLON_BENCH_MODEL'] ?? ''
  try {
    for (const [name, { spec, encoders }] of Object.entries(MODELS)) {
      if (!name.includes(wanted)) continue
      const program = stepProgram(buildTwoTower(spec, encoders), spec, { batch: spec.training.batchSize, negatives: negativeCount(spec) })
      const graph = await trace(program)
      const session = await ort.InferenceSession.create(onnxBytes(graph), {
        ...sessionOptions({}),
        enableProfiling: true,
        profileFilePrefix: join(folder, 'step'),
      })
      const feeds = randomFeeds(program, 1)
      const tensors = Object.fromEntries(
        graph.inputs
          .filter((port) => session.inputNames.includes(port.name))
          .map((port) => {
            const data = feeds[port.name]!
            return [port.name, new ort.Tensor(port.type === 'int32' ? 'int32' : 'float32', data, resolveShape(port, data.length, {}))]
          }),
      )
      for (let round = 0; round < ROUNDS; round++) await session.run(tensors)
      session.endProfiling()
      await session.release()
      print(name, await events(folder))
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function events(folder: string): Promise<Traced[]> {
  const [file] = await readdir(folder)
  const path = join(folder, file!)
  const text = await readFile(path, 'utf8')
  await rm(path)
  return JSON.parse(text) as Traced[]
}

/** Milliseconds a step by operator and shape, the first round left out: it allocates. */
function print(name: string, all: readonly Traced[]): void {
  const runs = all.filter(({ cat, name }) => cat === 'Session' && name === 'model_run')
  const total = runs.slice(1).reduce((sum, { dur }) => sum + dur, 0) / (runs.length - 1) / 1000
  const rows = new Map<string, { ms: number; nodes: number }>()
  const nodes = all.filter(({ cat, name }) => cat === 'Node' && name.endsWith('_kernel_time'))
  const perRun = nodes.length / runs.length
  for (const { args, dur } of nodes.slice(perRun)) {
    const shapes = (args?.output_type_shape ?? []).flatMap((each) => Object.values(each)).map((shape) => `[${shape.join('×')}]`)
    const key = `${args?.op_name ?? '?'} ${shapes.join(' ')}`
    const row = rows.get(key) ?? { ms: 0, nodes: 0 }
    rows.set(key, { ms: row.ms + dur / 1000 / (runs.length - 1), nodes: row.nodes + 1 / (runs.length - 1) })
  }
  const known = [...rows.values()].reduce((sum, { ms }) => sum + ms, 0)
  console.log(`${name}: ${total.toFixed(1)} ms a step, ${perRun} nodes; ${(total - known).toFixed(1)} ms between them`)
  for (const [key, { ms, nodes: count }] of [...rows].toSorted(([, a], [, b]) => b.ms - a.ms).slice(0, SHOWN))
    console.log(`  ${ms.toFixed(2).padStart(7)} ms ${((100 * ms) / total).toFixed(0).padStart(3)} %  ${Math.round(count)} × ${key}`)
}
