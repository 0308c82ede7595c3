/**
 * One step of training (forward and backward from pooled embeddings, no tables) on every executor there is, with the
 * same number of threads: ONNX Runtime over the traced graph, libtensorflow and WebAssembly eagerly, and the same step
 * written in PyTorch. PYLON_BENCH_TORCH names the Python whose PyTorch is asked; without it the one of `npm run
 * setup:python`. WebAssembly has one thread in Node.
 *
 * Of the feature model's step about half is matrix products, which all of them do at the speed of the machine (`npm run
 * bench -- step`), and a sixth to a quarter layer normalisation, which is traced into nodes of its own while PyTorch
 * has one kernel for it: there the traced executor is 1.2 to 1.3 times as fast as PyTorch 2.15. The id-only step is
 * mostly passes over one large matrix, which it fuses: 2.2 to 2.6.
 */
import { spawnSync } from 'node:child_process'
import os from 'node:os'
import { join } from 'node:path'
import { compileProgram } from '../../main/engine/compute/executor.ts'
import { resolveShape, type Feeds } from '../../main/engine/compute/graph-session.ts'
import { tf } from '../../main/engine/compute/tf.ts'
import type { Program, Tensors } from '../../main/engine/compute/program.ts'
import { findPython } from '../../main/engine/export/python.ts'
import { buildTwoTower } from '../../main/engine/towers/two-tower.ts'
import { negativeCount } from '../../main/engine/training/candidates/plan.ts'
import { stepProgram } from '../../main/engine/training/step/program.ts'
import { randomFeeds } from '../helpers/model.ts'
import { median, MODELS, time } from './step.ts'

const ROUNDS = 31
/** of what takes half a second a step */
const FEW = 5
const [ID_ONLY, FEATURES] = ['mf-softmax, batch 2048, 2048 negatives, d 64', 'two-tower, 6 embeddings + 16 numbers, 128 → 64, batch 1024']
const NAMES = { [ID_ONLY]: 'id-only', [FEATURES]: 'features' }

/** Milliseconds a step by executor, or why there are none. */
type Row = Record<string, number | string>

export async function benchExecutors(): Promise<void> {
  const threads = os.availableParallelism()
  const rows: Record<string, Row> = {}
  process.env['TF_NUM_INTRAOP_THREADS'] = String(threads)
  for (const [model, name] of Object.entries(NAMES)) {
    const { spec, encoders } = MODELS[model]!
    const program = stepProgram(buildTwoTower(spec, encoders), spec, { batch: spec.training.batchSize, negatives: negativeCount(spec) })
    const feeds = randomFeeds(program, 1)
    const put = async (executor: string, measure: () => Promise<number>): Promise<void> => {
      const told = await measure().catch((error: unknown) => (error as Error).message.split('\n')[0]!.slice(0, 90))
      rows[executor] = { ...rows[executor], [name]: told }
    }
    await put('ONNX Runtime, traced', () => compiled(program, feeds, 'onnxruntime', threads))
    await put('tfjs-node', () => compiled(program, feeds, 'tensorflow', threads))
    await put('tfjs-wasm', () => wasm(program, feeds))
  }
  for (const [way, row] of Object.entries(torch(threads))) rows[way] = row
  table(rows, threads)
}

async function compiled(program: Program, feeds: Feeds, executor: 'onnxruntime' | 'tensorflow', threads: number): Promise<number> {
  const executable = await compileProgram(program, { executor, threads })
  const times: number[] = []
  for (let round = 0; round < ROUNDS + 3; round++) times.push(await time(() => executable.run(feeds)))
  await executable.dispose()
  return median(times.slice(3))
}

/** What the WebAssembly backend lacks falls to no other: then its name is the answer. */
async function wasm(program: Program, feeds: Feeds): Promise<number> {
  await import('@tensorflow/tfjs-backend-wasm')
  await tf.setBackend('wasm')
  const times: number[] = []
  for (let round = 0; round < FEW + 1; round++) {
    times.push(
      await time(async () => {
        tf.tidy(() => {
          const inputs: Tensors = {}
          for (const { name, shape, dtype = 'float32' } of program.inputs)
            inputs[name] = tf.tensor(feeds[name]!.slice(), resolveShape({ name, shape }, feeds[name]!.length, {}), dtype)
          for (const output of Object.values(program.run(inputs))) output.dataSync()
        })
        await Promise.resolve()
      }),
    )
  }
  return median(times.slice(1))
}

function torch(threads: number): Record<string, Row> {
  const python = process.env['PYLON_BENCH_TORCH'] ?? findPython()
  const none = (why: string): Record<string, Row> => ({ 'PyTorch eager': { 'id-only': why, features: why } })
  if (python === null) return none('no Python (npm run setup:python)')
  const { status, stdout, stderr } = spawnSync(python, [join(import.meta.dirname, 'torch_step.py'), String(threads), String(ROUNDS)], {
    encoding: 'utf8',
  })
  if (status !== 0) return none(stderr.trim().split('\n').at(-1) ?? 'it failed')
  const told = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as {
    version: string
    eager: Row
    compiled: Row
    why: string | null
  }
  const missing = { 'id-only': told.why ?? '', features: told.why ?? '' }
  return { [`PyTorch ${told.version} eager`]: told.eager, [`PyTorch ${told.version} compiled`]: { ...missing, ...told.compiled } }
}

/** Examples a second, and how many times the traced executor's that of each is. */
function table(rows: Readonly<Record<string, Row>>, threads: number): void {
  const batch: Record<string, number> = { 'id-only': 2048, features: 1024 }
  const fastest = rows['ONNX Runtime, traced']!
  console.log(`  ${threads} threads; examples/s (and how many times as fast the traced executor is); load ${os.loadavg()[0]!.toFixed(1)}`)
  for (const [executor, row] of Object.entries(rows)) {
    const cells = Object.keys(batch).map((name) => {
      const ms = row[name]
      if (typeof ms !== 'number') return ms ?? ''
      const rate = Math.round((1000 * batch[name]!) / ms).toLocaleString('en-US')
      return `${name} ${rate.padStart(9)} (${(ms / (fastest[name] as number)).toFixed(2)} ×)`
    })
    console.log(`  ${executor.padEnd(32)} ${cells.join('   ')}`)
  }
}
