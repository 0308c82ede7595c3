import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PART_CODE, type Part } from '../../../main/contract/shapes/dataset.ts'
import { type AsOf, type Batcher, type BatchTarget, createBatcher } from '../../../main/engine/features/batches.ts'
import { encodeSide } from '../../../main/engine/features/encode.ts'
import { createInputs, type Inputs, selectEntities } from '../../../main/engine/features/inputs.ts'
import type { FrozenEncoders } from '../../../main/engine/features/encoded.ts'
import type { Dataset } from '../../../main/engine/dataset/dataset.ts'
import { type MemoryInteraction, memoryDataset } from '../../helpers/dataset.ts'
import { bookings, everyItemFeature, everyUserFeature, fit, market, plain, specOf } from './market.ts'

interface Given {
  readonly dataset: Dataset
  readonly encoders: FrozenEncoders
  readonly batcher: Batcher
}

async function batcherOf(dataset: Dataset, user: readonly object[], target: Partial<BatchTarget> = {}): Promise<Given> {
  const encoders = await fit(specOf([{ kind: 'id', dim: 2 }, ...user], [{ kind: 'id', dim: 2 }]), dataset)
  return { dataset, encoders, batcher: await createBatcher(encoders, dataset, { parts: ['train'], eventCodes: null, ...target }) }
}

/** Rows of one bag, a list an example. */
const rowsOf = ({ bags, count }: Inputs, b = 0): number[][] =>
  Array.from({ length: count }, (_, r) => [...bags[b]!.indices.subarray(bags[b]!.offsets[r], bags[b]!.offsets[r + 1])])

/** Item indices of the histories at these positions. */
function historiesAt({ batcher, encoders, dataset }: Given, positions: Int32Array): number[][] {
  const out = batcher.createContext(positions.length)
  batcher.contextFor(positions, positions.length, out)
  return rowsOf(out).map((rows) => rows.map((row) => itemOfRow(encoders, dataset, row)))
}

function itemOfRow(encoders: FrozenEncoders, dataset: Dataset, row: number): number {
  const { values } = encoders.item[0]!.state['vocabulary'] as { values: string[] }
  return Array.from({ length: dataset.manifest.items }, (_, i) => `i${i}`).indexOf(values[row - 1]!)
}

/**
 * What of a history could not have been known at the event at `position`: the check the training data must pass. Items that the user
 * had no interaction with strictly before the event (in time, where there is time), in the same or an earlier part, often enough.
 */
function leaksOf({ interactions: { user, item, time, part } }: Dataset, position: number, history: readonly number[]): number[] {
  const known = [...item.keys()].filter(
    (q) => user[q] === user[position] && q < position && part[q]! <= part[position]! && (time === null || time[q]! < time[position]!),
  )
  const left = known.map((q) => item[q]!)
  return history.filter((i) => {
    const at = left.indexOf(i)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}

const HISTORY = { kind: 'history', dim: 2, share: true, maxLength: 3 }
const anyInteraction = (withTime: boolean): fc.Arbitrary<MemoryInteraction> =>
  fc.record({
    user: fc.constantFrom('u0', 'u1'),
    item: fc.nat(5).map((i) => `i${i}`),
    ...(withTime ? { time: fc.nat(8) } : {}),
    part: fc.constantFrom<Part>('train', 'train', 'train', 'validation', 'test', 'unused'),
  })
/**
 * Any mixture of parts in order, as a random split of ordered data gives; one training interaction an item, long ago,
 * makes all items known.
 */
const anyDataset = fc
  .tuple(fc.boolean(), fc.boolean())
  .chain(([withTime, hasOrder]) =>
    fc.array(anyInteraction(withTime), { minLength: 1, maxLength: 25 }).map((list) => ({ list, withTime, hasOrder: hasOrder || withTime })),
  )
  .map(({ list, withTime, hasOrder }) => {
    const known = Array.from({ length: 6 }, (_, i): MemoryInteraction => ({ user: 'u9', item: `i${i}`, ...(withTime ? { time: i } : {}) }))
    return memoryDataset({ interactions: [...known, ...list], hasOrder })
  })

test('no history holds anything of or after its event nor the item to predict, and it holds the most recent of the rest', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyDataset.filter(({ manifest }) => manifest.hasOrder),
      async (dataset) => {
        const given = await batcherOf(dataset, [HISTORY])
        const { item, time, part, user, length } = dataset.interactions
        const all = Int32Array.from({ length }, (_, p) => p).filter((p) => part[p] !== PART_CODE.unused)
        for (const [r, history] of historiesAt(given, all).entries()) {
          const p = all[r]!
          expect(leaksOf(dataset, p, history)).toEqual([])
          const before = [...item.keys()].filter(
            (q) => q < p && user[q] === user[p] && part[q]! <= part[p]! && (time === null || time[q]! < time[p]!) && item[q] !== item[p],
          )
          expect(history).toEqual(
            before
              .reverse()
              .slice(0, 3)
              .map((q) => item[q]),
          )
        }
      },
    ),
  )
})

test('where seen items may be retrieved, earlier contacts with the item to predict stay in its history', async () => {
  const dataset = memoryDataset({ interactions: ['i0', 'i1', 'i0'].map((item, time) => ({ user: 'u0', item, time })) })
  const at = Int32Array.of(2)
  expect(historiesAt(await batcherOf(dataset, [HISTORY]), at)).toEqual([[1]])
  expect(historiesAt(await batcherOf(dataset, [HISTORY], { withoutTarget: false }), at)).toEqual([[1, 0]])
})

test('the check finds a planted leak', async () => {
  const dataset = memoryDataset({
    interactions: ['i0', 'i1', 'i2', 'i3'].map((item, t) => ({
      user: 'u0',
      item,
      time: t === 2 ? 1 : t,
      part: t === 3 ? ('test' as const) : ('train' as const),
    })),
  })
  const [history] = historiesAt(await batcherOf(dataset, [HISTORY]), Int32Array.of(1))
  expect(leaksOf(dataset, 1, history!)).toEqual([])
  expect(leaksOf(dataset, 1, [...history!, 1])).toEqual([1]) // the item itself
  expect(leaksOf(dataset, 1, [...history!, 3])).toEqual([3]) // a test item
  expect(leaksOf(dataset, 2, [1, 0])).toEqual([1]) // at the same second
  expect(leaksOf(dataset, 3, [2, 2])).toEqual([2]) // once more than it happened
})

test('an interaction of the future planted at an earlier position does not enter', async () => {
  const dataset = memoryDataset({ interactions: ['i0', 'i1', 'i2'].map((item, time) => ({ user: 'u0', item, time })) })
  dataset.interactions.time![0] = 99 // a broken file order
  expect(historiesAt(await batcherOf(dataset, [HISTORY]), Int32Array.of(1, 2))).toEqual([[], [1]])
})

test('what comes later changes nothing of what an example sees', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyInteraction(true), { minLength: 4, maxLength: 20 }), fc.nat(8), fc.nat(5), async (list, cut, other) => {
      const known = Array.from({ length: 6 }, (_, i): MemoryInteraction => ({ user: 'u9', item: `i${i}`, time: -1 }))
      const changed = list.map((interaction) => (interaction.time! >= cut ? { ...interaction, item: `i${other}` } : interaction))
      const [a, b] = await Promise.all(
        [list, changed].map((interactions) =>
          batcherOf(memoryDataset({ interactions: [...known, ...interactions] }), [{ ...HISTORY, share: false }], { withoutTarget: false }),
        ),
      )
      const early = Int32Array.from(a!.dataset.interactions.item.keys()).filter((p) => a!.dataset.interactions.time![p]! <= cut)
      const ids = ({ encoders }: Given): readonly string[] => (encoders.user[1]!.state['vocabulary'] as { values: string[] }).values
      const named = (given: Given): string[][] => {
        const out = given.batcher.createContext(early.length)
        given.batcher.contextFor(early, early.length, out)
        return rowsOf(out).map((rows) => rows.map((row) => ids(given)[row - 1]!))
      }
      expect(named(b!)).toEqual(named(a!))
    }),
    { numRuns: 60 },
  )
})

test('without order: the other training items of the user, never the one to predict, a window by the seed', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyDataset.filter(({ manifest }) => !manifest.hasOrder),
      fc.nat(),
      async (dataset, seed) => {
        const given = await batcherOf(dataset, [HISTORY], { seed })
        const { item, part, user } = dataset.interactions
        const histories = historiesAt(given, given.batcher.examples)
        expect(historiesAt(await batcherOf(dataset, [HISTORY], { seed }), given.batcher.examples)).toEqual(histories)
        for (const [r, history] of histories.entries()) {
          const p = given.batcher.examples[r]!
          const others = [...item.keys()]
            .filter((q) => user[q] === user[p] && part[q] === PART_CODE.train && item[q] !== item[p])
            .map((q) => item[q]!)
          expect(history).toHaveLength(Math.min(3, others.length))
          for (const i of history) {
            expect(others).toContain(i)
            others.splice(others.indexOf(i), 1)
          }
        }
      },
    ),
  )
  const many = memoryDataset({ hasOrder: false, interactions: Array.from({ length: 30 }, (_, i) => ({ user: 'u', item: `i${i}` })) })
  const windows = await Promise.all(
    [1, 2].map(async (seed) =>
      historiesAt(
        await batcherOf(many, [HISTORY], { seed }),
        Int32Array.from({ length: 30 }, (_, p) => p),
      ),
    ),
  )
  expect(windows[0]).not.toEqual(windows[1])
  expect(new Set(windows[0]!.flat()).size).toBe(30)
})

test('a query knows all of its parts, and the hour of the first event held out', async () => {
  const dataset = market()
  const encoders = await fit(specOf(everyUserFeature, everyItemFeature), dataset)
  const batcher = await createBatcher(encoders, dataset, { parts: ['train'], eventCodes: null })
  const names = { 1: 'b', 2: 'a', 3: 'c', 4: 'd' } as Record<number, string>
  const at = (asOf: AsOf): unknown => {
    const inputs = batcher.queryContext(Int32Array.of(0, 1, 2, 3), asOf)
    return {
      weekday: rowsOf(inputs, 1).join(' '),
      history: rowsOf(inputs, 2).map((rows) => rows.map((row) => names[row]).join('')),
      booked: rowsOf(inputs, 3),
      age: new Set(inputs.dense).size,
    }
  }
  expect({ train: at('train'), both: at('train+validation'), all: at('all') }).toMatchInlineSnapshot(`
    {
      "all": {
        "age": 1,
        "booked": [
          [
            1,
          ],
          [
            1,
          ],
          [
            2,
          ],
          [],
        ],
        "history": [
          "dcba",
          "cbb",
          "ad",
          "",
        ],
        "weekday": "3 3 3 3",
      },
      "both": {
        "age": 1,
        "booked": [
          [
            1,
          ],
          [
            1,
          ],
          [
            2,
          ],
          [],
        ],
        "history": [
          "dcba",
          "bb",
          "ad",
          "",
        ],
        "weekday": "5 5 3 3",
      },
      "train": {
        "age": 1,
        "booked": [
          [
            1,
          ],
          [
            1,
          ],
          [
            2,
          ],
          [],
        ],
        "history": [
          "cba",
          "bb",
          "ad",
          "",
        ],
        "weekday": "4 5 3 3",
      },
    }
  `)
})

test('without order a query knows every item of its parts, more than maxLength too', async () => {
  const interactions = Array.from({ length: 9 }, (_, i): MemoryInteraction => ({
    user: 'u',
    item: `i${i}`,
    part: i < 6 ? 'train' : i < 8 ? 'validation' : 'test',
  }))
  const dataset = memoryDataset({ hasOrder: false, interactions })
  const { batcher } = await batcherOf(dataset, [HISTORY], { parts: ['train'] })
  expect(rowsOf(batcher.queryContext(Int32Array.of(0), 'train')).map((rows) => rows.length)).toEqual([6])
  expect(rowsOf(batcher.queryContext(Int32Array.of(0), 'all')).map((rows) => rows.length)).toEqual([6]) // later items have no row
})

test('examples are those of the wanted parts and events; only counted events enter a history', async () => {
  const given = await batcherOf(market(), [{ ...HISTORY, events: ['book'] }], { eventCodes: [0] })
  expect([...given.batcher.examples]).toEqual([1, 6, 9])
  const all = await batcherOf(market(), [{ ...HISTORY, events: ['book'] }], { parts: ['train', 'validation', 'test'] })
  const out = all.batcher.createContext(bookings.length)
  all.batcher.contextFor(all.batcher.examples, bookings.length, out)
  expect(rowsOf(out).map((rows) => rows.length)).toEqual([0, 0, 0, 1, 2, 0, 0, 1, 0, 0])
})

test('hour, weekday and age of the event', async () => {
  const time = Date.parse('2024-02-25T23:59:59Z') / 1000 // a Sunday
  const dataset = memoryDataset({ interactions: [0, 1].map((day) => ({ user: 'u', item: `i${day}`, time: time + day * 86_400 })) })
  const { batcher, encoders } = await batcherOf(dataset, [{ kind: 'time', name: 'when', dim: 2 }])
  const out = batcher.createContext(2)
  batcher.contextFor(Int32Array.of(0, 1), 2, out)
  expect([rowsOf(out, 0), rowsOf(out, 1), [...out.dense]]).toEqual([
    [[24], [24]],
    [[7], [1]],
    [1, -1],
  ])
  expect([...batcher.queryContext(Int32Array.of(0), 'train').dense]).toEqual([-1])
  expect(encoders.userLayout.contextDenseWidth).toBe(1)
})

test('the period of the event, and of the request: its first event held out, by periods of training alone', async () => {
  const [day, parts] = [86_400, ['train', 'train', 'train', 'train', 'validation', 'test'] as const]
  const dataset = memoryDataset({
    interactions: parts.map((part, i) => ({ user: 'u', item: `i${i}`, time: 1_700_000_000 + (part === 'test' ? 1 : i) * day, part })),
  })
  const { batcher, encoders } = await batcherOf(dataset, [{ kind: 'time', name: 'moment', parts: ['period'], periods: 2, dim: 2 }])
  const out = batcher.createContext(4)
  // in order of time: the one of test is as old as the second of training
  const train = batcher.examples
  batcher.contextFor(train, 4, out)
  expect(rowsOf(out, 0)).toEqual([[1], [1], [2], [2]])
  expect(rowsOf(batcher.queryContext(Int32Array.of(0), 'train+validation'), 0)).toEqual([[1]])
  expect(rowsOf(batcher.queryContext(Int32Array.of(0), 'all'), 0)).toEqual([[2]])
  expect(encoders.userLayout.contextBags).toMatchObject([{ kind: 'period', table: 'user.moment.period' }])
})

test('buffers are refilled, grow with their bags, and refuse a batch they were not made for', async () => {
  const dataset = market()
  const encoders = await fit(specOf(everyUserFeature, everyItemFeature), dataset)
  const item = await encodeSide(encoders, 'item', dataset)
  const { denseWidth, bags } = item
  const out = createInputs(4, denseWidth, bags.length)
  selectEntities(item, Int32Array.of(4, 4, 4, 4), 4, out)
  selectEntities(item, Int32Array.of(1, 0, 1), 3, out)
  const selected = { count: 3, denseWidth, dense: out.dense, bags: out.bags.map((bag, b) => ({ ...bags[b]!, ...bag })) }
  expect([0, 1, 2].map((r) => plain(selected, r))).toEqual([1, 0, 1].map((e) => plain(item, e)))
  expect(() => selectEntities(item, Int32Array.of(0, 0, 0, 0, 0), 5, out)).toThrow('A batch of 5 in buffers for 4')
})
