/** A program tried on another processor: the two here are ONNX Runtime and tfjs-cpu, one of them made slow, wrong or broken on the way. */
import { expect, test } from 'vitest'
import { compileProgram, type Executable } from '../../../main/engine/compute/executor.ts'
import type { Feeds, Fetches } from '../../../main/engine/compute/graph-session.ts'
import { OnTrial, TRIAL_STEPS } from '../../../main/engine/compute/on-trial.ts'
import type { Program } from '../../../main/engine/compute/program.ts'
import { tf } from '../../../main/engine/compute/tf.ts'

const double: Program = {
  inputs: [{ name: 'x', shape: [3] }],
  run: ({ x }) => ({ y: tf.mul(x!, 2) }),
}
const FEEDS = { x: Float32Array.of(1, 2, 3) }

/** How a step goes on one of the two: counted, and changed from some step on. */
async function side(executor: 'onnxruntime' | 'tfjs-cpu', change: (answer: Fetches, step: number) => Fetches | Promise<Fetches>) {
  const real = await compileProgram(double, { executor, threads: 1 })
  const counted = { steps: 0, disposed: false }
  const executable: Executable = {
    run: async (feeds: Feeds) => change(await real.run(feeds), ++counted.steps),
    dispose: async () => {
      counted.disposed = true
      await real.dispose()
    },
  }
  return { executable, counted }
}

const slowly = async (answer: Fetches): Promise<Fetches> => {
  await new Promise((resolve) => setTimeout(resolve, 40))
  return answer
}
const asItIs = (answer: Fetches): Fetches => answer

async function tried(cpu: Awaited<ReturnType<typeof side>>, device: Awaited<ReturnType<typeof side>>, steps: number): Promise<string[]> {
  const told: string[] = []
  const program = new OnTrial(cpu.executable, device.executable, 'WebGPU', (text) => told.push(text))
  for (let step = 0; step < steps; step++) expect([...(await program.run(FEEDS))['y']!]).toEqual([2, 4, 6])
  await program.dispose()
  expect([cpu.counted.disposed, device.counted.disposed]).toEqual([true, true])
  return told
}

test('the faster of both goes on after the trial, alone', async () => {
  const [cpu, device] = [await side('onnxruntime', slowly), await side('tfjs-cpu', asItIs)]
  expect(await tried(cpu, device, TRIAL_STEPS + 5)).toEqual([expect.stringMatching(/^Steps run on WebGPU: /)])
  expect([cpu.counted.steps, device.counted.steps]).toEqual([TRIAL_STEPS, TRIAL_STEPS + 5])

  const [other, slow] = [await side('onnxruntime', asItIs), await side('tfjs-cpu', slowly)]
  expect(await tried(other, slow, TRIAL_STEPS + 5)).toEqual([
    expect.stringMatching(/^Steps run on the CPU and not on WebGPU: .* ms a step/),
  ])
  expect([other.counted.steps, slow.counted.steps]).toEqual([TRIAL_STEPS + 5, TRIAL_STEPS])
})

test('what answers otherwise, or with no number, is left at once', async () => {
  for (const wrong of [2.01, NaN]) {
    const [cpu, device] = [await side('onnxruntime', asItIs), await side('tfjs-cpu', () => ({ y: Float32Array.of(wrong, 4, 6) }))]
    expect(await tried(cpu, device, 3)).toEqual([expect.stringMatching(/its numbers are .* from the CPU's\.$/)])
    expect(device.counted.steps).toBe(1)
  }
})

test('what fails on the way, in the trial or after it, takes nothing with it', async () => {
  for (const at of [2, TRIAL_STEPS + 2]) {
    const failing = (answer: Fetches, step: number): Fetches => {
      if (step === at) throw new Error('device lost')
      return answer
    }
    const [cpu, device] = [await side('onnxruntime', slowly), await side('tfjs-cpu', failing)]
    const told = await tried(cpu, device, TRIAL_STEPS + 4)
    expect(told.at(-1)).toBe('Steps run on the CPU and not on WebGPU: device lost.')
    expect(device.counted.steps).toBe(at)
  }
})
