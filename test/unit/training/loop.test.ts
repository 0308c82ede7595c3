/** The loop's rows of loss do not depend on where a run was stopped and resumed. */
import { expect, test } from 'vitest'
import { trainingSchema } from '../../../main/contract/shapes/spec.ts'
import { createOrder } from '../../../main/engine/training/loop/order.ts'
import { type Curve, trainLoop, type StepLoss } from '../../../main/engine/training/loop/run.ts'
import type { Counters, TrainingState } from '../../../main/engine/training/state/state.ts'
import { blankState } from '../../../main/engine/training/state/state.ts'
import { buildTwoTower } from '../../../main/engine/towers/two-tower.ts'
import { smallEncoders, smallSpec } from '../../helpers/model.ts'

const EPOCHS = 2
/** 300 steps an epoch give a row of loss each 6 steps. */
const POSITIONS = Int32Array.from({ length: 1200 }, (_, i) => i)

/** Trains until the end, or until the first yield after `stopAt` steps; a step takes so long that the loop yields every few. */
async function rows(state: TrainingState, stopAt = Infinity): Promise<{ losses: StepLoss[]; epochs: number[] }> {
  const found = { losses: [] as StepLoss[], epochs: [] as number[] }
  const spec = trainingSchema.parse({ batchSize: 4, epochs: EPOCHS })
  const step = async (positions: Int32Array, at: number): Promise<number> => {
    const until = performance.now() + 0.5
    while (performance.now() < until);
    return positions[0]! + Math.sqrt(at)
  }
  for await (const event of trainLoop(
    { spec, epochs: EPOCHS, order: createOrder(spec, POSITIONS, POSITIONS, null), batch: 4, step, validate: null },
    state,
  )) {
    if (event.kind === 'step') found.losses.push(...event.losses)
    else found.epochs.push(event.row.loss)
    if (state.counters.step >= stopAt) break
  }
  return found
}

test('a loop that is stopped in the middle of a row of loss and goes on from a copy of its counters gives the same rows', async () => {
  const fresh = (): TrainingState => blankState(buildTwoTower(smallSpec(), smallEncoders), null)
  const unbroken = await rows(fresh())
  const stopped = fresh()
  const before = await rows(stopped, 200)
  const { step, rowSteps } = stopped.counters
  expect([step > 0 && step < 300 * EPOCHS, rowSteps > 0 || step % 6 === 0]).toEqual([true, true])
  const resumed = fresh()
  Object.assign(resumed.counters, JSON.parse(JSON.stringify(stopped.counters)) as Counters)
  const after = await rows(resumed)
  const told = ({ losses, epochs }: typeof before): unknown => [losses.map(({ step: at, epoch, loss }) => [at, epoch, loss]), epochs]
  expect(told({ losses: [...before.losses, ...after.losses], epochs: [...before.epochs, ...after.epochs] })).toEqual(told(unbroken))
  expect(unbroken.losses.length).toBe(100)
})

test('a final fit keeps the learning rates of the pass that chose its epochs, epoch by epoch', async () => {
  const spec = trainingSchema.parse({ batchSize: 4, epochs: 8, schedule: { kind: 'cosine', warmupSteps: 3 } })
  const factors = async (examples: number, epochs: number, curve: Curve | null): Promise<number[]> => {
    const found: number[] = []
    const order = createOrder(
      spec,
      Int32Array.from({ length: examples }, (_, i) => i),
      new Int32Array(examples),
      null,
    )
    const step = (_: Int32Array, __: number, factor: number): Promise<number> => {
      found.push(factor)
      return Promise.resolve(0)
    }
    const state = blankState(buildTwoTower(smallSpec(), smallEncoders), null)
    for await (const _ of trainLoop({ spec, epochs, curve, order, batch: 4, step, validate: null }, state));
    return found
  }
  const chose = await factors(40, 8, null) // 10 steps an epoch
  const refitted = await factors(80, 5, { epochs: 8, stepsPerEpoch: 10 }) // twice the examples, stopped at the best epoch
  expect(refitted.length).toBe(100)
  // after as much of an epoch both are at one place of the curve: at the end of each epoch, and in the middle of the warm-up
  expect(chose.slice(0, 50)).toEqual(refitted.filter((_, i) => i % 2 === 1))
  expect(chose[79]).toBe(0)
  expect(refitted.at(-1)).toBeGreaterThan(0.25)
})
