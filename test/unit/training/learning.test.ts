/** Training options on a small dataset: what an epoch holds, what examples weigh, gradients, averages, and that a stop changes nothing. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { optimizerSchema, trainingSchema } from '../../../main/contract/shapes/spec.ts'
import { temperatureAt } from '../../../main/engine/training/loop/schedule.ts'
import { Averages } from '../../../main/engine/training/state/average.ts'
import { loadCheckpoint, saveCheckpoint } from '../../../main/engine/training/state/checkpoint.ts'
import { drain } from '../../../main/engine/files/drain.ts'
import { createOptimizer, plainNumbers } from '../../../main/engine/training/state/optimizer.ts'
import { empiricalLogQ } from '../../../main/engine/training/candidates/negatives.ts'
import { createOrder } from '../../../main/engine/training/loop/order.ts'
import { type TrainingSetup, prepareTraining } from '../../../main/engine/training/loop/setup.ts'
import { random } from '../../../main/engine/training/random.ts'
import { parametersOf, type TrainingState } from '../../../main/engine/training/state/state.ts'
import { Table } from '../../../main/engine/training/state/tables.ts'
import { exampleWeights } from '../../../main/engine/training/candidates/weights.ts'
import { mineNegatives } from '../../../main/engine/jobs/training/mine.ts'
import { memoryDataset } from '../../helpers/dataset.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { smallSpec } from '../../helpers/model.ts'
import { numbers, relativeError } from '../../helpers/numbers.ts'
import { clip, l2 } from '../../../main/engine/training/state/transformations.ts'
import { applyRows } from '../../helpers/tables.ts'

/** 12 users of two tastes, 20 items of two cities, three event types. */
const rng = random(1, 'split')
const dataset = memoryDataset({
  items: Array.from({ length: 20 }, (_, i) => ({ id: String(i), city: i < 10 ? 'a' : 'b' })),
  interactions: Array.from({ length: 12 }, (_, u) =>
    Array.from({ length: 4 + u }, (_, k) => ({
      user: String(u),
      item: String((u % 2) * 10 + rng.below(10)),
      time: 600 * k + u,
      weight: 1 + (k % 3),
      event: k % 4 === 3 ? 'shown' : k % 4 === 2 ? 'view' : 'book',
    })),
  ).flat(),
})
const { interactions, manifest } = dataset
const FEATURES = { features: [{ kind: 'id', dim: 6 }], hidden: [8], output: 5 }
const spec = (change: object) =>
  smallSpec({
    user: FEATURES,
    item: FEATURES,
    ...change,
    training: { batchSize: 8, events: ['book', 'view'], ...(change as { training?: object }).training },
  })
const prepare = (change: object): Promise<TrainingSetup> =>
  drain(prepareTraining({ spec: spec(change), dataset, parts: ['train'], threads: 1 }))

/** Steps `from` to `to` (1-based), mining before each epoch as a run does. */
async function steps(phase: TrainingSetup, from: number, to: number): Promise<number[]> {
  const perEpoch = Math.floor(phase.order.examples / phase.batch)
  const losses: number[] = []
  for (let step = from; step <= to; step++) {
    const { counters } = phase.state
    counters.epoch = Math.floor((step - 1) / perEpoch)
    const at = ((step - 1) % perEpoch) * phase.batch
    if (at === 0) await mineNegatives(phase, counters.epoch + 1, 1)
    losses.push(await phase.step.run(phase.state, phase.order.of(counters.epoch).subarray(at, at + phase.batch), step, 1))
    counters.step = step
  }
  return losses
}
const everything = (state: TrainingState): ReadonlyMap<string, readonly number[]> =>
  new Map([
    ...[...parametersOf(state)].map(([name, { values }]) => [name, [...values]] as const),
    ...[...state.extras].map(([name, values]) => [name, [...values]] as const),
  ])

describe('what an epoch holds', () => {
  const positions = Int32Array.from({ length: interactions.length }, (_, i) => i)
  const order = (change: object) =>
    createOrder(trainingSchema.parse({ batchSize: 2, ...change }), positions, interactions.user, interactions.time)

  test('shuffled: every example once, anew each epoch', () => {
    const { of, examples } = order({})
    expect(examples).toBe(positions.length)
    expect(of(0).toSorted()).toEqual(positions)
    expect(of(1)).not.toEqual(of(0))
  })

  test.each(['shuffled', 'time'])('what is left over of whole batches is another each epoch, the newest too is trained on: %s', (kind) => {
    const { of, examples } = order({ order: kind, batchSize: 16 })
    const newest = positions.reduce((a, b) => (interactions.time![b]! >= interactions.time![a]! ? b : a))
    expect([examples % 16 > 0, of(0).length]).toEqual([true, examples - (examples % 16)])
    const epochs = Array.from({ length: 200 }, (_, epoch) => of(epoch))
    const share = epochs.filter((epoch) => epoch.includes(newest)).length / 200
    expect(Math.abs(share - of(0).length / examples)).toBeLessThan(0.1)
    expect(new Set(epochs.flatMap((epoch) => [...epoch])).size).toBe(examples)
  })

  test('time: rising times, the same each epoch', () => {
    const { of } = order({ order: 'time' })
    const times = Array.from(of(0), (p) => interactions.time![p]!)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(of(1)).toEqual(of(0))
  })

  test.each(['shuffled', 'time'])('a cap takes as many of each user, others each epoch, %s', (kind) => {
    const { of, examples } = order({ perUserCap: 5, order: kind, batchSize: 59 })
    const perUser = (epoch: number): number[] =>
      Array.from({ length: 12 }, (_, u) => of(epoch).filter((p) => interactions.user[p] === u).length)
    expect(perUser(0)).toEqual(Array.from({ length: 12 }, (_, u) => Math.min(5, 4 + u)))
    expect(of(0).length).toBe(examples)
    expect(of(1).toSorted()).not.toEqual(of(0).toSorted())
    if (kind === 'time')
      expect(Array.from(of(0), (p) => interactions.time![p]!)).toEqual(
        Array.from(of(0), (p) => interactions.time![p]!).toSorted((a, b) => a - b),
      )
  })
})

test.each([null, 5])('log q is of the examples that epochs hold: the share of each item over many of them (cap %s)', async (perUserCap) => {
  const prepared = await prepare({ training: { perUserCap } })
  const { positives } = prepared
  try {
    const EPOCHS = 4000
    const drawn = new Float64Array(manifest.items)
    let total = 0
    for (let epoch = 0; epoch < EPOCHS; epoch++) {
      for (const p of prepared.order.of(epoch)) drawn[interactions.item[p]!]!++
      total += prepared.order.of(epoch).length
    }
    const logQ = empiricalLogQ(positives.perEpoch)
    expect(positives.perEpoch.reduce((a, b) => a + b, 0)).toBeCloseTo(prepared.order.examples, 6)
    expect(Array.from(logQ, Math.exp)).toEqual(Array.from(drawn, (n): unknown => expect.closeTo(n / total, 3)))
    if (perUserCap === null) expect([...positives.perEpoch]).toEqual([...positives.itemCounts])
    else {
      // the share among all examples, which a cap changes, is another
      const off = logQ.map((each, item) => Math.abs(Math.exp(each) - positives.itemCounts[item]! / positives.positions.length))
      expect(Math.max(...off)).toBeGreaterThan(0.005)
    }
  } finally {
    await prepared.dispose()
  }
})

describe('what an example weighs', () => {
  const positions = Int32Array.from({ length: interactions.length }, (_, i) => i)
  const weights = (change: object, share = (_user: number): number => 1): Float32Array | null =>
    exampleWeights(trainingSchema.parse({ weights: change }).weights, interactions, manifest.events, positions, share)
  const sums = (values: Float32Array, key: (p: number) => number): number[] => {
    const found: number[] = []
    for (const p of positions) found[key(p)] = (found[key(p)] ?? 0) + values[p]!
    return found
  }

  test('nothing asked for: no weights; otherwise the mean is 1', () => {
    expect(weights({})).toBeNull()
    for (const change of [{ users: 'equal' }, { reward: true }, { events: { view: 0.2 } }, { eventMean: true, events: { book: 3 } }]) {
      expect(weights(change)!.reduce((a, b) => a + b, 0) / positions.length).toBeCloseTo(1, 5)
    }
  })

  test('equal users have equal sums', () => {
    for (const sum of sums(weights({ users: 'equal' })!, (p) => interactions.user[p]!)) expect(sum).toBeCloseTo(positions.length / 12, 4)
  })

  test('equal users have equal sums in an epoch of capped ones, and the mean of its weights is 1', () => {
    const { of, examples, share } = createOrder(trainingSchema.parse({ perUserCap: 5, batchSize: 59 }), positions, interactions.user, null)
    const found = weights({ users: 'equal' }, share)!
    const epoch = new Float64Array(12)
    for (const p of of(0)) epoch[interactions.user[p]!]! += found[p]!
    for (const sum of epoch) expect(sum).toBeCloseTo(examples / 12, 4)
  })

  test('rewards are in proportion', () => {
    const found = weights({ reward: true })!
    for (const p of positions) expect(found[p]! / found[0]!).toBeCloseTo(interactions.weight![p]! / interactions.weight![0]!, 5)
  })

  test('tasks: each event type sums to its weight, however many examples it has', () => {
    const found = sums(weights({ eventMean: true, events: { book: 3, view: 2, shown: 0 } })!, (p) => interactions.event![p]!)
    expect(found.map((sum) => (5 * sum) / positions.length)).toEqual([3, 0, 2].map((w): unknown => expect.closeTo(w, 4)))
  })
})

test('a scheduled temperature', () => {
  const at = (shape: 'linear' | 'exponential', done: number): number =>
    temperatureAt({ kind: 'scheduled', from: 0.4, to: 0.1, epochs: 10, shape }, done)
  expect([0, 5, 10, 30].map((done) => at('linear', done))).toEqual([0.4, 0.25, 0.1, 0.1].map((t): unknown => expect.closeTo(t)))
  expect([0, 5, 20].map((done) => at('exponential', done))).toEqual([0.4, 0.2, 0.1].map((t): unknown => expect.closeTo(t)))
})

test('averages of rows that are touched now and then are those of a dense moving average', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 12 }), (touched) => {
      const table = new Table({ name: 't', rows: 4, dim: 2 }, plainNumbers(numbers(8, 1)))
      const state = {
        tables: new Map([['t', table]]),
        weights: new Map(),
        extras: new Map(),
        counters: { step: 0 },
      } as unknown as TrainingState
      const averages = new Averages(state, 0.8)
      const dense = Float64Array.from(table.values)
      for (const [i, rows] of touched.entries()) {
        table.accumulate(
          { count: rows.length, offsets: Int32Array.from({ length: rows.length + 1 }, (_, r) => r), indices: Int32Array.from(rows) },
          numbers(2 * rows.length, i + 2),
        )
        applyRows(
          table,
          (values, _, at, gradient, from, count) => {
            for (let k = 0; k < count; k++) values[at + k]! -= gradient[from + k]!
          },
          averages.beforeRow('t', i + 1),
        )
        state.counters.step = i + 1
        for (let k = 0; k < dense.length; k++) dense[k] = 0.8 * dense[k]! + 0.2 * table.values[k]!
      }
      const trained = table.values.slice()
      averages.swap()
      expect(relativeError(table.values, dense)).toBeLessThan(1e-5)
      averages.swap()
      expect(table.values).toEqual(trained)
    }),
    { numRuns: 50 },
  )
})

test('L2 and clipping are of the rows that occur', () => {
  const table = new Table(
    { name: 't', rows: 5, dim: 2 },
    plainNumbers(numbers(10, 1), createOptimizer(optimizerSchema.parse({ kind: 'adagrad' })).createSlots(10)),
  )
  table.accumulate({ count: 2, offsets: Int32Array.of(0, 1, 2), indices: Int32Array.of(3, 3) }, Float32Array.of(1, 2, 3, 4))
  l2(10)([table.gradient], 1, 1)
  const expected = [4 + 10 * table.values[6]!, 6 + 10 * table.values[7]!]
  expect(table.gradient.gradient.reduce((sum, g) => sum + g * g, 0)).toBeCloseTo(expected[0]! ** 2 + expected[1]! ** 2, 2)
  clip(Math.hypot(...table.gradient.gradient) / 2)([table.gradient], 1, 1)
  const before = table.values.slice()
  applyRows(table, (values, _, at, gradient, from, count) => {
    for (let k = 0; k < count; k++) values[at + k]! -= gradient[from + k]!
  })
  expect(
    relativeError(
      before.map((x, i) => x - table.values[i]!),
      [0, 0, 0, 0, 0, 0, expected[0]! / 2, expected[1]! / 2, 0, 0],
    ),
  ).toBeLessThan(1e-6)
})

test('clipping shortens the whole gradient to the limit and changes nothing where it is shorter', async () => {
  const change = (clipNorm: number | null, learningRate = 1): object => ({
    training: {
      clipNorm,
      tables: { kind: 'adagrad', learningRate, initialAccumulator: 1e6 },
      dense: { kind: 'adagrad', learningRate, initialAccumulator: 1e6 },
    },
  })
  const moved = async (clipNorm: number | null): Promise<number> => {
    const phase = await prepare(change(clipNorm))
    const before = [...parametersOf(phase.state).values()].flatMap(({ values }) => [...values])
    await steps(phase, 1, 1)
    const after = [...parametersOf(phase.state).values()].flatMap(({ values }) => [...values])
    await phase.dispose()
    return Math.hypot(...after.map((x, i) => x - before[i]!)) * 1000
  }
  const free = await moved(null)
  expect(free).toBeGreaterThan(0.02)
  expect(await moved(0.01)).toBeCloseTo(0.01, 3)
  expect(await moved(1e6)).toBeCloseTo(free, 6)
})

const RESUMED: Record<string, object> = {
  'streaming q, averages': { loss: { kind: 'in-batch-softmax', estimator: { kind: 'streaming', buckets: 64 } }, training: { ema: 0.9 } },
  'count-min q, memory, refined': {
    loss: { kind: 'mixed-softmax', negatives: 6, estimator: { kind: 'count-min', buckets: 64 }, form: 'refined' },
    extraNegatives: { memory: 24, memoryFromEpoch: 2 },
  },
  'mined, group, session, impressions, own draws': {
    loss: { kind: 'hinge', negatives: 3, shared: false },
    extraNegatives: {
      mined: { fromRank: 2, toRank: 8, startEpoch: 2, refreshEpochs: 2 },
      group: { column: 'city', perRow: 2 },
      session: { events: ['shown'] },
      impressions: { event: 'shown' },
    },
  },
  'scheduled temperature, weights, cap, dropout, pooled BSL': {
    match: { temperature: { kind: 'scheduled', from: 0.5, to: 0.1, epochs: 2 } },
    loss: { kind: 'bsl', negatives: 6 },
    training: {
      weights: { users: 'equal', reward: true, events: { view: 0.5 } },
      perUserCap: 4,
      embeddingDropout: 0.2,
      l2: 0.01,
      clipNorm: 0.5,
    },
  },
  'sequences that share windows, cap': {
    user: { features: [{ kind: 'history', dim: 4, encoder: { kind: 'self-attention', layers: 1 }, inputs: ['position'] }], output: 4 },
    item: { features: [{ kind: 'id', dim: 4 }], output: 4 },
    training: { order: 'sequences', perUserCap: 9 },
  },
}

test.each(Object.entries(RESUMED))(
  'a run that is stopped and goes on from its checkpoint ends with the same numbers: %s',
  async (_, change) => {
    const folder = await temporaryFolder()
    const [whole, first] = [await prepare(change), await prepare(change)]
    const unbroken = await steps(whole, 1, 24)
    const before = await steps(first, 1, 11)
    await saveCheckpoint(folder, first.state, { chosen: null })
    await first.dispose()
    const second = await prepare(change)
    await loadCheckpoint(folder, second.state)
    const after = await steps(second, 12, 24)
    expect([...before, ...after]).toEqual(unbroken)
    expect(everything(second.state)).toEqual(everything(whole.state))
    await Promise.all([whole.dispose(), second.dispose()])
  },
)

test.each([
  [
    'in-batch softmax, learned temperature, dropout',
    { match: { temperature: { kind: 'learned', initial: 0.3 } }, training: { embeddingDropout: 0.2 } },
  ],
  // Adam's first steps go by the sign of a gradient, also of one that is all rounding
  ['matryoshka', { training: { matryoshka: [2, 3], tables: { kind: 'adagrad' }, dense: { kind: 'adagrad' } } }],
  [
    'own negatives and a memory',
    { loss: { kind: 'ccl', negatives: 3, shared: false, margin: 0.1, weight: 2 }, extraNegatives: { memory: 16, memoryFromEpoch: 1 } },
  ],
])('a gradient cache trains as the batch at once does: %s', async (_, change) => {
  const cached = { ...change, training: { ...(change as { training?: object }).training, gradientCache: 3 } }
  const [plain, pieces] = [await prepare(change), await prepare(cached)]
  const [a, b] = [await steps(plain, 1, 6), await steps(pieces, 1, 6)]
  expect(relativeError(b, a)).toBeLessThan(1e-5)
  const [x, y] = [parametersOf(plain.state), parametersOf(pieces.state)]
  for (const [name, { values }] of x) expect(relativeError(y.get(name)!.values, values), name).toBeLessThan(1e-4)
  await Promise.all([plain.dispose(), pieces.dispose()])
})
