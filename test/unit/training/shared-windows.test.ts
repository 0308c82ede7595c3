/**
 * Examples of a user that share a window: one pass over all its places trains as a pass for each example does, on whatever executes it;
 * what an example must not see opens a window of its own.
 */
import { describe, expect, test } from 'vitest'
import { twoTowerSchema } from '../../../main/contract/shapes/spec.ts'
import type { ExecutorName } from '../../../main/engine/compute/executor.ts'
import { port } from '../../../main/engine/compute/port.ts'
import type { BagRows } from '../../../main/engine/features/inputs.ts'
import { drain } from '../../../main/engine/files/drain.ts'
import { learningChecks } from '../../../main/engine/towers/check-learning.ts'
import { createOrder } from '../../../main/engine/training/loop/order.ts'
import { prepareTraining, type TrainingSetup } from '../../../main/engine/training/loop/setup.ts'
import { newestFirst, SharedWindows } from '../../../main/engine/training/step/shared-windows.ts'
import { parametersOf } from '../../../main/engine/training/state/state.ts'
import { growingHistories as dataset } from '../../helpers/growing-histories.ts'
import { relativeError } from '../../helpers/numbers.ts'

const history = { kind: 'history', dim: 4, maxLength: 8, share: true, encoder: { kind: 'self-attention', layers: 2 }, inputs: ['event'] }
/** a step is in proportion to the gradient, near enough, and not its sign */
const gradient = { kind: 'adam', learningRate: 0.01, epsilon: 1 }

const specOf = (training: object, change: object = {}) =>
  twoTowerSchema.parse({
    user: {
      features: [
        { kind: 'id', dim: 4 },
        { ...history, ...change },
      ],
      hidden: [6],
      output: 5,
    },
    item: { features: [{ kind: 'id', dim: 4 }], output: 5 },
    match: { temperature: { kind: 'fixed', value: 0.5 } },
    loss: { kind: 'in-batch-softmax' },
    training: { batchSize: 18, tables: gradient, dense: gradient, ...training },
  })

const prepared = (training: object, executor?: ExecutorName): Promise<TrainingSetup> =>
  drain(prepareTraining({ spec: specOf(training), dataset, parts: ['train'], threads: 1, executor }))

/** The losses of some steps on the same examples, and all parameters after them. */
async function trained(training: object, executor?: ExecutorName): Promise<{ losses: number[]; parameters: Map<string, Float32Array> }> {
  const order = createOrder(
    specOf({ order: 'sequences' }).training,
    Int32Array.from({ length: dataset.interactions.length }, (_, i) => i),
    dataset.interactions.user,
    dataset.interactions.time,
  )
  const phase = await prepared(training, executor)
  const losses: number[] = []
  try {
    for (let step = 1; step <= 4; step++) {
      const epoch = order.of(step >> 1)
      losses.push(await phase.step.run(phase.state, epoch.subarray((step % 2) * 18, (step % 2) * 18 + 18), step, 100))
    }
    return { losses, parameters: new Map([...parametersOf(phase.state)].map(([name, { values }]) => [name, values.slice()])) }
  } finally {
    await phase.dispose()
  }
}

test.each(['next', 'all-action'])('one pass over all places trains as a pass for each example: %s', async (kind) => {
  const objective = kind === 'next' ? { kind } : { kind, horizonDays: 1 }
  const alone = await trained({ order: 'shuffled', objective })
  const shared = await trained({ order: 'sequences', objective })
  expect(relativeError(Float32Array.from(shared.losses), Float32Array.from(alone.losses), 0.01)).toBeLessThan(1e-5)
  for (const [name, values] of alone.parameters) expect(relativeError(shared.parameters.get(name)!, values, 0.01), name).toBeLessThan(2e-5)
  // and it did train
  expect(alone.losses[3]!).not.toBeCloseTo(alone.losses[0]!, 2)
})

test('traced and eager train alike, and a repeat is equal bit for bit', async () => {
  const [traced, again] = [await trained({ order: 'sequences' }), await trained({ order: 'sequences' })]
  expect(again).toEqual(traced)
  const eager = await trained({ order: 'sequences' }, 'tfjs-cpu')
  for (const [name, values] of eager.parameters) expect(relativeError(traced.parameters.get(name)!, values, 0.01), name).toBeLessThan(2e-5)
})

test('an epoch has every example once, a user’s together in stretches of fifty at most, that begin elsewhere in the next', () => {
  const user = Int32Array.from({ length: 400 }, (_, p) => (p < 130 ? 0 : 1 + Math.floor((p - 130) / 9)))
  const { of } = createOrder(specOf({ order: 'sequences', batchSize: 2 }).training, Int32Array.from(user.keys()), user, null)
  expect(of(0).toSorted()).toEqual(Int32Array.from(user.keys()))
  expect(of(0)).toEqual(of(0))
  const breaks = (epoch: number): number[] => Array.from(of(epoch)).filter((p, i, all) => i > 0 && p !== all[i - 1]! + 1)
  for (const p of breaks(0).filter((each) => each >= 130)) expect(p === 130 || user[p] !== user[p - 1]).toBe(true)
  expect(breaks(0).filter((p) => p < 130).length).toBeGreaterThanOrEqual(2)
  expect(breaks(1)).not.toEqual(breaks(0))
})

describe('windows', () => {
  const bag = (...histories: number[][]): BagRows => {
    const offsets = [0]
    for (const each of histories) offsets.push(offsets.at(-1)! + each.length)
    return { count: histories.length, offsets: Int32Array.from(offsets), indices: Int32Array.from(histories.flat()) }
  }
  const ports = { places: port('places', ['rows'], 'int32'), known: port('known', ['rows', 1]) }
  const packed = (length: number, users: number[], moments: number[], ...histories: number[][]) => {
    const windows = new SharedWindows(length, ports, users.length)
    const entities = Int32Array.from(users)
    const { count, offsets, indices } = windows.share(bag(...histories), entities, newestFirst(entities, Int32Array.from(moments)))
    const rows = Array.from({ length: count }, (_, w) => [...indices.subarray(offsets[w], offsets[w + 1])])
    const { places, known } = windows.feeds(users.length)
    return { rows, places: [...places!], known: [...known!] }
  }

  test('the newest history is the window, older ones read where theirs begins; who has none reads nothing', () => {
    const { rows, places, known } = packed(4, [7, 7, 3, 7, 3], [1, 3, 9, 2, 8], [5], [6, 8, 5], [5, 6], [8, 5], [])
    expect(rows).toEqual([
      [6, 8, 5],
      [5, 6],
    ])
    expect([places, known]).toEqual([
      [2, 0, 4, 1, 0],
      [1, 1, 1, 1, 0],
    ])
  })

  test('a history without the target, or of another user, has a window of its own', () => {
    expect(packed(4, [1, 1, 1], [3, 2, 1], [6, 8, 5], [5], [8, 5]).rows).toEqual([
      [6, 8, 5],
      [8, 5],
    ])
    expect(packed(4, [1, 2], [1, 1], [6, 8], [8]).rows).toEqual([[6, 8], [8]])
    expect(packed(4, [1, 1], [2, 1], [6, 8, 5], [6, 5]).rows).toEqual([
      [6, 8, 5],
      [6, 5],
    ])
  })

  test('histories that go further back than the window are cut to half its length and no further', () => {
    const items = [1, 2, 3, 4, 5, 6, 7]
    const { rows, places } = packed(4, [1, 1, 1, 1], [4, 3, 2, 1], ...[0, 1, 2, 3].map((from) => items.slice(from, from + 4)))
    expect(rows).toEqual([
      [1, 2, 3, 4],
      [4, 5, 6, 7],
    ])
    expect(places).toEqual([0, 1, 2, 4])
  })
})

test.each([
  [{ order: 'sequences', gradientCache: 4 }, {}, /cannot be cut by rows/],
  [{ order: 'sequences' }, { inputs: ['age'] }, /Leave age out/],
  [{ order: 'sequences' }, { encoder: { kind: 'mean' } }, /self-attention encoder/],
])('%j with %j is refused', (training, change, message) => {
  expect(() => {
    for (const check of learningChecks(specOf(training, change), dataset.manifest)) check()
  }).toThrow(message)
})
