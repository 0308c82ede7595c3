/** The same training on libtensorflow and on ONNX Runtime: one definition of towers and losses, two executors, one loss curve. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compileProgram } from '../../main/engine/compute/executor.ts'
import { buildTwoTower } from '../../main/engine/towers/two-tower.ts'
import { drain } from '../../main/engine/files/drain.ts'
import { prepareTraining } from '../../main/engine/training/loop/setup.ts'
import { stepProgram } from '../../main/engine/training/step/program.ts'
import { trainLoop } from '../../main/engine/training/loop/run.ts'
import type { ExecutorName } from '../../main/engine/compute/executor.ts'
import { memoryDataset } from '../helpers/dataset.ts'
import { randomFeeds, smallEncoders, smallSpec } from '../helpers/model.ts'
import { needing } from '../helpers/needs.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { answerOf } from '../helpers/workspace.ts'

/** 40 users in four circles of taste, 24 items. */
const dataset = memoryDataset({
  interactions: Array.from({ length: 600 }, (_, n) => {
    const [user, i] = [n % 40, Math.floor(n / 40)]
    return { user: `u${user}`, item: `i${i % 2 === 0 ? (user % 4) * 6 + ((i + user) % 6) : (i * 5 + user) % 24}`, time: 1000 + n }
  }),
})

async function losses(executor: ExecutorName): Promise<number[]> {
  const tower = { hidden: [16], layerNorm: true, output: 8 }
  const spec = smallSpec({
    user: {
      ...tower,
      features: [
        { kind: 'id', dim: 8 },
        { kind: 'history', dim: 8 },
      ],
    },
    item: { ...tower, features: [{ kind: 'id', dim: 8 }] },
    training: { batchSize: 32, epochs: 1, tables: { kind: 'adam', learningRate: 0.01 }, earlyStopping: null },
  })
  const phase = await drain(prepareTraining({ spec, dataset, parts: ['train'], threads: 1, executor }))
  try {
    const found: number[] = []
    const step = async (rows: Int32Array, n: number, factor: number): Promise<number> => {
      const loss = await phase.step.run(phase.state, rows, n, factor)
      found.push(loss)
      return loss
    }
    const { order, batch, state, spec: settled } = phase
    const loop = trainLoop({ spec: settled.training, epochs: 1, order, batch, step, validate: null }, state)
    await drain(loop)
    return found
  } finally {
    await phase.dispose()
  }
}

needing('tfjs-node').describe('tfjs-node', () => {
  test('a step has the same loss and gradients as on ONNX Runtime', async () => {
    const spec = smallSpec()
    const program = stepProgram(buildTwoTower(spec, smallEncoders), spec, { batch: 4, negatives: 0 })
    const feeds = randomFeeds(program, 3)
    const [traced, eager] = [await compileProgram(program, { threads: 1 }), await compileProgram(program, { executor: 'tensorflow' })]
    const [expected, found] = [await traced.run(feeds), await eager.run(feeds)]
    for (const [name, values] of Object.entries(expected))
      for (const [i, value] of values.entries()) expect(found[name]![i], name).toBeCloseTo(value, 4)
    await traced.dispose()
  })

  test('a run of the command line says what ran it, and finds what the default finds', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pylon-tensorflow-'))
    try {
      const { interactions } = writeSmallMarket(folder)
      const home = join(folder, 'home')
      const must = (...args: string[]) => answerOf(args, { home })
      await must('import', '--name', 'd', '--interactions', interactions)
      const sets = ['epochs=1', 'batchSize=64', 'earlyStopping=null', 'finalFit=false'].flatMap((set) => ['--set', `training.${set}`])
      const found: { loss: number; environment: object }[] = []
      for (const executor of ['onnxruntime', 'tensorflow']) {
        await must('train', '--dataset', 'd', '--recipe', 'mf-softmax', '--name', executor, '--executor', executor, ...sets)
        const run = (await must('show', '--run', executor)) as { environment: object; epochsLog: { loss: number }[] }
        found.push({ loss: run.epochsLog[0]!.loss, environment: run.environment })
      }
      const [traced, eager] = found as [(typeof found)[0], (typeof found)[0]]
      expect(traced.environment).toMatchObject({ executor: 'onnxruntime' })
      expect(eager.environment).toMatchObject({ executor: 'tensorflow', executorVersion: expect.stringMatching(/^tfjs-node \d/) as string })
      expect(Math.abs(eager.loss - traced.loss)).toBeLessThan(1e-3)
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    }
  })

  test('an epoch has the same loss curve to 1e-3', async () => {
    const [traced, eager] = [await losses('onnxruntime'), await losses('tensorflow')]
    expect(traced.length).toBeGreaterThan(10)
    for (const [i, loss] of traced.entries()) expect(Math.abs(eager[i]! - loss)).toBeLessThan(1e-3)
    expect(traced.at(-1)).toBeLessThan(traced[0]!)
  })
})
