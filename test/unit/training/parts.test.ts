/** The trainer's parts, each against another implementation: plain loops, tfjs optimizers, brute force, or the distribution itself. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { optimizerSchema, scheduleSchema } from '../../../main/contract/shapes/spec.ts'
import type { BagRows } from '../../../main/engine/features/inputs.ts'
import { tf } from '../../../main/engine/compute/tf.ts'
import { UniqueEntities } from '../../../main/engine/training/step/unique-entities.ts'
import { createSampler, empiricalLogQ, KnownPositives } from '../../../main/engine/training/candidates/negatives.ts'
import { createOptimizer, plainNumbers } from '../../../main/engine/training/state/optimizer.ts'
import { fillNormal, random, shuffle } from '../../../main/engine/training/random.ts'
import { scheduleFactor } from '../../../main/engine/training/loop/schedule.ts'
import { Table } from '../../../main/engine/training/state/tables.ts'
import { numbers, relativeError } from '../../helpers/numbers.ts'
import { applyRows } from '../../helpers/tables.ts'

describe('tables', () => {
  const shape = { name: 'item.id', rows: 6, dim: 3 }
  const bags: BagRows = { count: 4, offsets: Int32Array.of(0, 1, 4, 4, 6), indices: Int32Array.of(2, 0, 2, 5, 5, 5) }
  const sgd = (values: Float32Array, _: unknown, at: number, gradient: Float32Array, from: number, count: number): void => {
    for (let i = 0; i < count; i++) values[at + i] = values[at + i]! - gradient[from + i]!
  }

  test.each([1, 3, 8, 11])('pooled rows and their gradients are those of a dense product, %i wide', (dim) => {
    const table = new Table({ ...shape, dim }, plainNumbers(numbers(6 * dim, 1)))
    const matrix = Array.from({ length: 4 }, (_, r) => {
      const rows = [...bags.indices.subarray(bags.offsets[r], bags.offsets[r + 1])]
      return Array.from({ length: 6 }, (_, row) => rows.filter((each) => each === row).length / Math.max(1, rows.length))
    })
    const before = table.values.slice()
    const out = new Float32Array(4 * dim)
    table.gather(bags, out)
    const gradient = numbers(4 * dim, 2)
    table.accumulate(bags, gradient)
    applyRows(table, sgd)
    const pooled = Float32Array.from({ length: 4 * dim }, (_, i) =>
      matrix[Math.floor(i / dim)]!.reduce((sum, share, row) => sum + share * before[row * dim + (i % dim)]!, 0),
    )
    const updated = Float32Array.from(
      { length: 6 * dim },
      (_, i) => before[i]! - matrix.reduce((sum, shares, r) => sum + shares[Math.floor(i / dim)]! * gradient[r * dim + (i % dim)]!, 0),
    )
    expect(relativeError(out, pooled)).toBeLessThan(1e-6)
    expect(relativeError(table.values, updated)).toBeLessThan(1e-6)
  })

  test('rows that did not occur keep their values and their moments', () => {
    const adam = createOptimizer(optimizerSchema.parse({ kind: 'adam' }))
    const table = new Table(shape, plainNumbers(numbers(18, 1), adam.createSlots(18)))
    const before = table.values.slice()
    for (const step of [1, 2]) {
      table.accumulate({ count: 1, offsets: Int32Array.of(0, 1), indices: Int32Array.of(4) }, Float32Array.of(1, -1, 2))
      applyRows(table, adam.step(step, 0.1))
    }
    const touched = (values: Float32Array, from: Float32Array): number[] =>
      [0, 1, 2, 3, 4, 5].filter((row) => values.slice(row * 3, row * 3 + 3).some((x, k) => x !== from[row * 3 + k]))
    expect(touched(table.values, before)).toEqual([4])
    expect(touched(table.slots[0]!, new Float32Array(18))).toEqual([4])
  })

  test('more rows than the first buffers hold', () => {
    const large = new Table({ name: 't', rows: 5000, dim: 2 }, plainNumbers(numbers(10_000, 1)))
    const before = large.values.slice()
    const all = Int32Array.from({ length: 10_000 }, (_, i) => i % 5000)
    large.accumulate(
      { count: 10_000, offsets: Int32Array.from({ length: 10_001 }, (_, i) => i), indices: all },
      new Float32Array(20_000).fill(0.5),
    )
    applyRows(large, sgd)
    expect(
      relativeError(
        large.values,
        before.map((x) => x - 1),
      ),
    ).toBeLessThan(1e-6)
  })
})

describe('optimizers', () => {
  test.each([
    ['adam', { kind: 'adam', learningRate: 0.05 }, () => tf.train.adam(0.05, 0.9, 0.999, 1e-8)],
    ['adagrad', { kind: 'adagrad', learningRate: 0.05, initialAccumulator: 0.1 }, () => tf.train.adagrad(0.05, 0.1)],
  ] as const)('%s walks like the one of tfjs', async (_, spec, reference) => {
    await tf.setBackend('cpu')
    const optimizer = createOptimizer(optimizerSchema.parse(spec))
    const values = numbers(8, 1)
    const slots = optimizer.createSlots(8)
    const variable = tf.variable(tf.tensor1d(values.slice()))
    const tfjs = reference()
    for (let step = 1; step <= 20; step++) {
      const gradient = numbers(8, 100 + step)
      optimizer.step(step, 0.05)(values, slots, 0, gradient, 0, 8)
      tfjs.applyGradients([{ name: variable.name, tensor: tf.tensor1d(gradient) }])
    }
    expect(relativeError(values, variable.dataSync())).toBeLessThan(2e-4)
  })

  test('weight decay is decoupled: with no gradient values shrink by rate times decay', () => {
    const optimizer = createOptimizer(optimizerSchema.parse({ kind: 'adam', weightDecay: 0.1 }))
    const values = Float32Array.of(1)
    optimizer.step(1, 0.5)(values, optimizer.createSlots(1), 0, Float32Array.of(0), 0, 1)
    expect(values[0]).toBeCloseTo(0.95, 6)
  })
})

test('schedules', () => {
  const at = (schedule: object, step: number): number => scheduleFactor(scheduleSchema.parse(schedule), step, 10, 100)
  expect([1, 5, 10, 60].map((step) => at({ kind: 'constant', warmupSteps: 10 }, step))).toEqual([0.1, 0.5, 1, 1])
  expect([1, 20, 21, 41].map((step) => at({ kind: 'step', everyEpochs: 2, factor: 0.5 }, step))).toEqual([1, 1, 0.5, 0.25])
  expect([50, 100].map((step) => at({ kind: 'cosine', finalFraction: 0.2 }, step))).toEqual([
    expect.closeTo(0.6, 12),
    expect.closeTo(0.2, 12),
  ])
})

describe('random numbers', () => {
  test('streams are reproducible and differ by seed, purpose and counter', () => {
    const head = (...args: Parameters<typeof random>): number[] =>
      Array.from(
        { length: 4 },
        (
          (rng) => () =>
            rng.uint32()
        )(random(...args)),
      )
    expect(head(1, 'shuffle', 0)).toEqual(head(1, 'shuffle', 0))
    const streams = [
      head(1, 'shuffle', 0),
      head(2, 'shuffle', 0),
      head(1, 'negatives', 0),
      head(1, 'shuffle', 1),
      head(1, 'shuffle', 2 ** 32),
    ]
    expect(new Set(streams.map(String)).size).toBe(5)
  })

  test('uniform and normal moments', () => {
    const rng = random(3, 'init')
    const uniform = Array.from({ length: 50_000 }, () => rng.uniform())
    const normal = new Float32Array(50_001)
    fillNormal(normal, 2, rng)
    const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0) / values.length
    expect(mean(uniform)).toBeCloseTo(0.5, 2)
    expect(mean(normal)).toBeCloseTo(0, 1)
    expect(Math.sqrt(mean(normal.map((x) => x * x)))).toBeCloseTo(2, 1)
  })

  test('a shuffle keeps every entry', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.nat(), (values, seed) => {
        const shuffled = Int32Array.from(values)
        shuffle(shuffled, random(seed, 'shuffle'))
        expect(Array.from(shuffled).toSorted()).toEqual(Array.from(Int32Array.from(values)).toSorted())
      }),
    )
  })
})

describe('negatives', () => {
  test.each([
    ['uniform', { kind: 'uniform' as const }, [0.2, 0.2, 0.2, 0.2, 0.2]],
    ['popularity^0.5', { kind: 'popularity' as const, alpha: 0.5 }, [0, 1 / 15, 2 / 15, 4 / 15, 8 / 15]],
  ])('%s draws by its own probabilities', (_, spec, expected) => {
    const counts = Int32Array.of(0, 1, 4, 16, 64)
    const sampler = createSampler(spec, counts, 7)
    const drawn = new Int32Array(100_000)
    sampler.draw(1, drawn)
    const shares = expected.map((_, item) => drawn.reduce((sum, x) => sum + (x === item ? 1 : 0), 0) / drawn.length)
    shares.forEach((share, item) => expect(share).toBeCloseTo(expected[item]!, 2))
    expect(relativeError(sampler.logQ.map(Math.exp), expected)).toBeLessThan(1e-6)
    const again = new Int32Array(100_000)
    sampler.draw(1, again)
    expect(again).toEqual(drawn)
  })

  test('empirical log q is the share of interactions', () => {
    expect(Array.from(empiricalLogQ(Int32Array.of(1, 3)), (x) => Math.exp(x))).toEqual([expect.closeTo(0.25, 6), expect.closeTo(0.75, 6)])
  })

  test('masked pairs are those of a brute-force search', () => {
    const model = fc.record({
      known: fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { maxLength: 6 }), { minLength: 1, maxLength: 5 }),
      rows: fc.array(fc.tuple(fc.nat(4), fc.integer({ min: 0, max: 9 })), { minLength: 1, maxLength: 6 }),
    })
    fc.assert(
      fc.property(model, ({ known, rows }) => {
        const offsets = Int32Array.from([0, ...known.map((_, i) => known.slice(0, i + 1).flat().length)])
        const finder = new KnownPositives(offsets, Int32Array.from(known.flat()), 10)
        const users = Int32Array.from(rows, ([user]) => user % known.length)
        const candidates = Int32Array.from(rows, ([, item]) => item)
        const expected = Array.from(users).flatMap((user, row) =>
          Array.from(candidates).flatMap((item, column) => (known[user]!.includes(item) ? [`${row},${column}`] : [])),
        )
        for (let repeat = 0; repeat < 2; repeat++) {
          const flat = finder.pairs(users, users.length, candidates)
          const actual = Array.from({ length: flat.length / 2 }, (_, i) => `${flat[2 * i]},${flat[2 * i + 1]}`)
          expect(actual.toSorted()).toEqual(expected.toSorted())
        }
      }),
    )
  })
})

test('rows of equal entities share what is distinct, and their gradients add up', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5), { minLength: 1, maxLength: 12 }), (rows) => {
      const distinct = new UniqueEntities(6, 12)
      const entities = Int32Array.from(rows)
      distinct.of(Int32Array.of(3, 3)) // an earlier batch leaves no trace
      const found = [...distinct.of(entities)]
      expect(found).toEqual([...new Set(rows)])
      const [expanded, summed] = [new Float32Array(24), new Float32Array(24)]
      distinct.expand(Float32Array.from(found.flatMap((entity) => [entity, -entity])), 2, expanded)
      expect([...expanded.subarray(0, 2 * rows.length)]).toEqual(rows.flatMap((entity) => [entity, -entity]))
      distinct.sum(Float32Array.from(rows.flatMap((_, i) => [1, i])), 2, summed)
      const expected = found.flatMap((entity) => {
        const places = [...rows.keys()].filter((i) => rows[i] === entity)
        return [places.length, places.reduce((a, b) => a + b, 0)]
      })
      expect([...summed.subarray(0, expected.length)]).toEqual(expected)
    }),
  )
})
