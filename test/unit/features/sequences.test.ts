/**
 * Histories that are encoded in the tower: their codes, their room, and the windows of the all-action objective, which
 * never see the future.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBatcher } from '../../../main/engine/features/batches.ts'
import { rowContext } from '../../../main/engine/features/typed-context.ts'
import { AGE_CODES, ageCode } from '../../../main/engine/features/history-rows.ts'
import { predictionWindow } from '../../../main/engine/features/windows.ts'
import type { Dataset } from '../../../main/engine/dataset/dataset.ts'
import { type MemoryInteraction, memoryDataset } from '../../helpers/dataset.ts'
import { fit, specOf } from './market.ts'

const DAY = 86_400
const SEQUENCE = { kind: 'history', dim: 2, share: true, maxLength: 6, encoder: { kind: 'gru', hidden: 2 }, inputs: ['age', 'event'] }

const timed = fc.array(
  fc.record({
    user: fc.constantFrom('u0', 'u1'),
    item: fc.nat(5).map((i) => `i${i}`),
    time: fc.nat(30).map((halfDays) => (halfDays * DAY) / 2),
    event: fc.constantFrom('book', 'view'),
    part: fc.constantFrom('train' as const, 'train' as const, 'validation' as const, 'test' as const),
  }),
  { minLength: 3, maxLength: 25 },
)
/** every item is known to the encoders */
const known = Array.from({ length: 6 }, (_, i): MemoryInteraction => ({
  user: 'u9',
  item: `i${i}`,
  time: 0,
  event: i === 0 ? 'book' : 'view',
}))

async function contextAt(dataset: Dataset, horizonDays: number | null) {
  const encoders = await fit(specOf([{ kind: 'id', dim: 2 }, SEQUENCE], [{ kind: 'id', dim: 2 }]), dataset)
  const batcher = await createBatcher(encoders, dataset, { parts: ['train', 'validation', 'test'], eventCodes: null, horizonDays })
  const out = batcher.createContext(dataset.interactions.length)
  batcher.contextFor(Int32Array.from(dataset.interactions.item.keys()), dataset.interactions.length, out)
  const { values } = encoders.item[0]!.state['vocabulary'] as { values: string[] }
  const [bag] = out.bags
  const rows = Array.from({ length: out.count }, (_, r) => {
    const [from, to] = [bag!.offsets[r]!, bag!.offsets[r + 1]!]
    return {
      items: [...bag!.indices.subarray(from, to)].map((row) => Number(values[row - 1]!.slice(1))),
      ages: [...bag!.codes!.ages.subarray(from, to)],
      events: [...bag!.codes!.events.subarray(from, to)],
    }
  })
  return { rows, encoders }
}

/** Items of a history that the user had not met strictly before the event at `p`, or that are p's own. */
function leaksOf({ interactions: { user, item, time, part } }: Dataset, p: number, items: readonly number[]): number[] {
  const left = [...item.keys()]
    .filter((q) => user[q] === user[p] && time![q]! < time![p]! && part[q]! <= part[p]! && item[q] !== item[p])
    .map((q) => item[q]!)
  return items.filter((i) => {
    const at = left.indexOf(i)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}

test('with windows, too, no history holds anything of or after its event nor the item to predict', async () => {
  await fc.assert(
    fc.asyncProperty(timed, fc.constantFrom(null, 1, 4, 100), async (list, horizonDays) => {
      const dataset = memoryDataset({ interactions: [...known, ...list] })
      const { rows } = await contextAt(dataset, horizonDays)
      for (const [p, { items }] of rows.entries()) expect(leaksOf(dataset, p, items)).toEqual([])
    }),
    { numRuns: 40 },
  )
  // the check finds what is planted
  const dataset = memoryDataset({ interactions: [0, 1, 2].map((i) => ({ user: 'u0', item: `i${i}`, time: i * DAY })) })
  expect(leaksOf(dataset, 1, [0])).toEqual([])
  expect([leaksOf(dataset, 1, [0, 2]), leaksOf(dataset, 1, [1]), leaksOf(dataset, 1, [0, 0])]).toEqual([[2], [1], [0]])
})

test('a window is an earlier moment of the user within the horizon, every one of which is drawn', () => {
  const times = [0, 1, 2, 2, 9, 10]
  const dataset = memoryDataset({ interactions: times.map((day, i) => ({ user: 'u0', item: `i${i}`, time: day * DAY })) })
  const drawn = (p: number, days: number): number[] => {
    const windows = Array.from({ length: 60 }, (_, seed) => predictionWindow(dataset.interactions, days, seed)(p))
    return [...new Set(windows)].sort((a, b) => a - b)
  }
  expect(drawn(0, 14)).toEqual([0]) // nothing before it: its own moment, before which its history ends
  expect(drawn(3, 14)).toEqual([0, 1]) // not the other interaction of the same second
  expect(drawn(5, 5)).toEqual([4])
  expect(drawn(5, 9)).toEqual([1, 2, 3, 4])
  expect(drawn(4, 3)).toEqual([4]) // a week away from all
})

test('the history of a window ends with it, and ages are measured from it', async () => {
  const list = [0, 1, 2, 3].map((i) => ({ user: 'u0', item: `i${i}`, time: i * DAY, event: i === 1 ? 'book' : 'view' }))
  const dataset = memoryDataset({ interactions: [...list, ...known] })
  const at = (days: number): string => ageCode(days * DAY).toString()
  const { rows } = await contextAt(dataset, null)
  expect(rows[3]).toEqual({ items: [2, 1, 0], ages: [at(1), at(2), at(3)].map(Number), events: [2, 1, 2] })
  const windowed = (await contextAt(dataset, 2)).rows[3]!
  const w = predictionWindow(dataset.interactions, 2, 0)(3)
  expect(windowed.items).toEqual([2, 1, 0].filter((i) => i <= w))
  expect(windowed.ages).toEqual(windowed.items.map((i) => ageCode((w - i) * DAY)))
})

test('age codes are octaves of minutes, the first below one', () => {
  expect([-5, 0, 59, 60, 179, 180, 3600, DAY, 400 * DAY, 1e12].map(ageCode)).toEqual([1, 1, 1, 2, 2, 3, 6, 11, 20, AGE_CODES - 1])
})

test('a sequence has room for the longest history of the data, or maxLength', async () => {
  const dataset = memoryDataset({ interactions: known })
  const lengthOf = async (maxLength: number): Promise<number> => {
    const encoders = await fit(specOf([{ ...SEQUENCE, inputs: [], maxLength }], [{ kind: 'id', dim: 2 }]), dataset)
    expect(rowContext(encoders, { history: Array.from({ length: 9 }, (_, i) => `i${i % 6}`) }).bags[0]!.offsets[1]).toBe(
      encoders.userLayout.contextBags[0]!.sequence!.length,
    )
    return encoders.userLayout.contextBags[0]!.sequence!.length
  }
  expect([await lengthOf(4), await lengthOf(50)]).toEqual([4, 6])
})

test.each([
  [{ encoder: { kind: 'self-attention', heads: 3 } }, /3 heads do not divide dim 2/],
  [{ encoder: { kind: 'gru' }, maxLength: 200 }, /at most 100 items/],
  [{ inputs: ['event'] }, /one event type/],
  [{ inputs: ['age'] }, /no time/],
])('what cannot be encoded is refused: %j', async (change, message) => {
  const dataset = memoryDataset({ interactions: ['i0', 'i1'].map((item) => ({ user: 'u', item })) })
  await expect(
    fit(specOf([{ ...SEQUENCE, encoder: { kind: 'mean' }, inputs: [], ...change }], [{ kind: 'id', dim: 2 }]), dataset),
  ).rejects.toThrow(message)
})
