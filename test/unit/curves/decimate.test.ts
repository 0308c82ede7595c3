/** Thinned-out curves: properties over random ones, and the picture of a long one. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimate } from '../../../main/engine/decimate.ts'

const curves = fc.array(fc.oneof({ weight: 9, arbitrary: fc.float({ noNaN: true }) }, { weight: 1, arbitrary: fc.constant(NaN) }), {
  maxLength: 400,
})

test('what stays is ascending, has both ends and the extremes, and is not too much', () => {
  fc.assert(
    fc.property(curves, fc.integer({ min: 2, max: 100 }), (list, most) => {
      const values = Float32Array.from(list)
      const kept = decimate(values, most)
      expect(kept.length).toBeLessThanOrEqual(Math.max(2, most))
      expect([...kept]).toEqual([...new Set(kept)].sort((a, b) => a - b))
      if (values.length <= most) {
        expect(kept.length).toBe(values.length)
        return
      }
      expect([kept[0], kept.at(-1)]).toEqual([0, values.length - 1])
      if (most < 4) return
      const inner = values.slice(1, -1).filter((value) => !Number.isNaN(value))
      const stayed = new Set(Array.from(kept, (i) => values[i]!))
      if (inner.length > 0) for (const extreme of [Math.min(...inner), Math.max(...inner)]) expect(stayed.has(extreme)).toBe(true)
    }),
  )
})

test('a spike of one step in 10,000 stays, and every stretch is there', () => {
  const values = Float32Array.from({ length: 10_000 }, (_, i) => (i === 4321 ? 50 : 5 / (1 + i / 500)))
  const kept = decimate(values, 500)
  expect(kept).toContain(4321)
  expect(kept.length).toBeGreaterThan(400)
  const gaps = kept.slice(1).map((index, i) => index - kept[i]!)
  expect(Math.max(...gaps)).toBeLessThanOrEqual(2 * Math.ceil(10_000 / 249))
})
