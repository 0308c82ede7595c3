/** The rotation against scipy, rank-biased overlap against the package rbo (test/golden/make_compat.py), and what must hold of any lists. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { procrustes } from '../../../main/engine/ann/procrustes.ts'
import { cannotRotate, checkHasVectors } from '../../../main/engine/model/placed.ts'
import { jaccard, rankBiasedOverlap, shared, spreadOf } from '../../../main/engine/evaluation/churn.ts'

const golden = JSON.parse(readFileSync(new URL('../../golden/compat.json', import.meta.url), 'utf8')) as {
  readonly dim: number
  readonly moved: number[]
  readonly reference: number[]
  readonly rotation: number[]
  readonly singularValues: number
  readonly lists: { readonly a: number[]; readonly b: number[]; readonly p: number; readonly rbo: number }[]
}

test('the rotation is that of scipy.linalg.orthogonal_procrustes', async () => {
  const { dim, moved, reference } = golden
  const { rotation, scale } = await procrustes(Float32Array.from(moved), dim, Float32Array.from(reference), dim, Infinity)
  for (const [i, value] of golden.rotation.entries()) expect(rotation[i]).toBeCloseTo(value, 12)
  const size = Float32Array.from(moved).reduce((sum, value) => sum + value * value, 0)
  expect(scale).toBeCloseTo(golden.singularValues / size, 12)
})

test('rank-biased overlap is that of the package rbo, lists of two lengths too', () => {
  expect(golden.lists.length).toBe(12)
  for (const { a, b, p, rbo } of golden.lists) expect(rankBiasedOverlap(a, b, p)).toBeCloseTo(rbo, 12)
})

test('alike is 1, nothing shared 0, either way round the same', () => {
  const list = fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(list, list, (a, b) => {
      expect(rankBiasedOverlap(a, a)).toBeCloseTo(1, 12)
      expect(jaccard(a, a)).toBe(1)
      expect(rankBiasedOverlap(a, b)).toBeCloseTo(rankBiasedOverlap(b, a), 12)
      const others = a.map((item) => item + 100)
      expect([rankBiasedOverlap(a, others), jaccard(a, others), shared(a, others)]).toEqual([0, 0, 0])
      expect(jaccard(a, b)).toBe(a.filter((item) => b.includes(item)).length / new Set([...a, ...b]).size)
    }),
  )
  expect([rankBiasedOverlap([], []), rankBiasedOverlap([], [1]), jaccard([], [])]).toEqual([1, 0, 1])
})

test('what changes above weighs more than what changes below', () => {
  const list = Array.from({ length: 20 }, (_, i) => i)
  const swapped = (at: number): number[] => list.with(at, 99)
  expect(rankBiasedOverlap(list, swapped(0))).toBeLessThan(rankBiasedOverlap(list, swapped(19)))
  expect(jaccard(list, swapped(0))).toBe(jaccard(list, swapped(19)))
})

test('what has no vectors is refused by name, and so is a rotation that would change scores', () => {
  expect(() => checkHasVectors({ model: 'ease' })).toThrow(/A run of ease has item-item weights and no vectors/)
  expect(() => checkHasVectors({ model: 'ials' })).not.toThrow()
  expect(cannotRotate({ dim: 4, matching: 'dot' }, { dim: 8, matching: 'cosine' })).toBeNull()
  expect(cannotRotate({ dim: 8, matching: 'dot' }, { dim: 4, matching: 'dot' })).toMatch(/8 numbers, those to be aligned to only 4/)
  const own = { kind: 'expression', score: 'dot(u, v)', retrieve: 'dot' } as never
  expect(cannotRotate({ dim: 4, matching: own }, { dim: 4, matching: 'dot' })).toMatch(/function of its own/)
})

test('tenths are those of NumPy', () => {
  // np.quantile([0, 1, 2, 3, 10], [.1, .5, .9])
  const { mean, p10, p50, p90 } = spreadOf([10, 0, 2, 1, 3])
  expect(mean).toBe(3.2)
  expect([p10, p50, p90].map((value) => Number(value.toFixed(9)))).toEqual([0.4, 2, 7.2])
  expect(spreadOf([])).toEqual({ mean: 0, p10: 0, p50: 0, p90: 0 })
})
