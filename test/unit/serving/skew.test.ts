import { expect, test } from 'vitest'
import { permutationTest, stabilityIndex } from '../../../main/engine/serving/skew/shares.ts'
import { altered, changeOf, coded } from '../../../main/engine/serving/skew/values.ts'
import { random } from '../../../main/engine/training/random.ts'

const codes = (counts: readonly number[]): Int32Array =>
  Int32Array.from(counts.flatMap((count, code) => Array.from({ length: count }, () => code)))

test('the stability index is that of shares with half a value in each bin; alike samples have none', () => {
  // by hand: (60.5, 40.5)/101 and (30.5, 70.5)/101
  const [a, b, c, d] = [60.5 / 101, 40.5 / 101, 30.5 / 101, 70.5 / 101]
  expect(stabilityIndex(codes([60, 40]), codes([30, 70]), 2)).toBeCloseTo((c - a) * Math.log(c / a) + (d - b) * Math.log(d / b), 12)
  expect(stabilityIndex(codes([60, 40]), codes([60, 40]), 2)).toBe(0)
})

test('the permutation test calls what chance does by chance, and the rest seldom', () => {
  expect(permutationTest(codes([60, 40]), codes([30, 70]), 2, 1)).toBe(0.001)
  const rng = random(5, 'bootstrap')
  const drawn = (): Int32Array => Int32Array.from({ length: 100 }, () => rng.below(4))
  const values = Array.from({ length: 60 }, (_, seed) => permutationTest(drawn(), drawn(), 4, seed))
  const below = values.filter((p) => p <= 0.2).length / values.length
  expect(below).toBeGreaterThan(0.05)
  expect(below).toBeLessThan(0.4)
})

test('numbers that are put into a column are at the places of those in the log, ties and missing ones too', () => {
  const column = { storage: 'number', values: Float64Array.of(1, 2, 2, 3, NaN, 10) } as const
  const now = [10, 20, 20, 30, null, 100]
  expect(altered(column, now, null, random(1, 'permutation'))).toEqual({
    storage: 'number',
    values: Float64Array.of(10, 20, 20, 30, NaN, 100),
  })
})

test('categories become, of the same share, what the log has more of; unknown ones stand for nothing that is known', () => {
  const before = Array.from({ length: 1000 }, (_, n) => (n % 2 === 0 ? 'a' : 'b'))
  const now = Array.from({ length: 1000 }, (_, n) => (n % 4 === 0 ? 'a' : n % 4 === 1 ? 'new' : 'b'))
  const knows = (value: string): boolean => value === 'a' || value === 'b'
  const made = altered({ storage: 'text', values: before }, now, knows, random(1, 'permutation'))
  const share = (test: (value: unknown) => boolean): number => (made.values as unknown[]).filter(test).length / 1000
  expect(share((value) => value === 'a')).toBeCloseTo(0.25, 1)
  expect(share((value) => value === 'b')).toBe(0.5) // as before: those are not touched
  expect(share((value) => !knows(String(value)))).toBeCloseTo(0.25, 1)
  const both = coded(before, now, knows)
  expect(changeOf(both, before, now, true)).toMatchObject({ skew: 'unknown', unknown: { before: 0, now: 0.25 }, size: 0.25 })
})
