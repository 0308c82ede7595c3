/** A test part that was handed in, and whether it is of other items than the validation part. */
import { expect, test } from 'vitest'
import { PART_CODE } from '../../../main/contract/shapes/dataset.ts'
import { describeFinding } from '../../../main/contract/shapes/finding.ts'
import { popularityShift } from '../../../main/engine/import/advice/popularity.ts'
import { random } from '../../../main/engine/training/random.ts'

/**
 * 40,000 interactions of 500 items, the first the most popular.
 * @param chance of an item's being in the test part; of the others a tenth is in validation
 */
function drawn(chance: (item: number) => number): { readonly item: Int32Array; readonly part: Uint8Array } {
  const rng = random(7, 'negatives')
  const item = Int32Array.from({ length: 40_000 }, () => Math.floor(500 * rng.uniform() ** 2))
  const part = Uint8Array.from(item, (i) => {
    if (rng.uniform() < chance(i)) return PART_CODE.test
    return rng.uniform() < 0.1 ? PART_CODE.validation : PART_CODE.train
  })
  return { item, part }
}

test('a part drawn at random is as popular as another', () => {
  for (const share of [0.05, 0.2, 0.5]) {
    const { item, part } = drawn(() => share)
    expect(popularityShift(500, item, part)).toEqual([])
  }
})

test('a part with more, or less, of the most popular items is told, with both shares', () => {
  const more = drawn((i) => (i < 10 ? 0.35 : 0.2))
  const [found] = popularityShift(500, more.item, more.part)
  const popular = more.item.filter((i) => i < Number(found!.values['n']))
  expect(popular.length / more.item.length).toBeCloseTo(0.1, 1)
  expect(describeFinding(found!)).toMatch(
    /^The test part that was given is no random one: the \d+ most popular items, .* are [\d.]+ % of it and [\d.]+ % of/,
  )
  expect(Number(found!.values['share'])).toBeGreaterThan(1.5 * Number(found!.values['validationShare']))
  const less = drawn((i) => (i < 10 ? 0.08 : 0.2))
  expect(popularityShift(500, less.item, less.part)).toMatchObject([{ code: 'test-popularity' }])
})

test('of few interactions nothing is said, and of no validation part neither', () => {
  const { item, part } = drawn((i) => (i < 10 ? 0.35 : 0.2))
  expect(popularityShift(500, item.subarray(0, 300), part.subarray(0, 300))).toEqual([])
  const rest = part.map((code) => (code === PART_CODE.validation ? PART_CODE.train : code))
  expect(popularityShift(500, item, rest)).toEqual([])
})
