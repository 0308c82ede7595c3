/** The points a chart draws: few enough, in order, none made up, and no extreme of any column of pixels lost. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { thinCurve, type XYCurve, type Scale } from '@/charts/thin.ts'

const value = fc.oneof(
  { weight: 9, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
  { weight: 1, arbitrary: fc.constant(NaN) },
)
const curve: fc.Arbitrary<XYCurve> = fc
  .array(fc.tuple(fc.double({ min: -10, max: 1000, noNaN: true }), value), { maxLength: 400 })
  .map((points) => points.sort(([a], [b]) => a - b))
  .map((points) => ({ x: points.map(([x]) => x), y: points.map(([, y]) => y) }))
const scale: fc.Arbitrary<Scale> = fc.record({
  window: fc.option(
    fc
      .tuple(fc.double({ min: 0.1, max: 1000, noNaN: true }), fc.double({ min: 0.1, max: 1000, noNaN: true }))
      .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) })),
  ),
  columns: fc.integer({ min: 1, max: 60 }),
  logX: fc.boolean(),
  logY: fc.boolean(),
})

type Point = readonly [x: number, y: number]
const pairs = (flat: Float64Array): Point[] => Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i]!, flat[2 * i + 1]!])
/** What the window shows of a curve, read without cleverness. */
const shown = ({ x, y }: XYCurve, { window, logX, logY }: Scale): Point[] =>
  Array.from(x, (at, i): Point => [at, logY && !(y[i]! > 0) ? NaN : y[i]!]).filter(
    ([at]) => (!logX || at > 0) && (window === null || (at >= window.from && at <= window.to)),
  )
const ys = (points: readonly Point[]): number[] => points.map(([, y]) => y).filter((y) => !Number.isNaN(y))

test('what is drawn is of the curve, in its order, and bounded', () => {
  fc.assert(
    fc.property(curve, scale, (points, how) => {
      const drawn = pairs(thinCurve(points, how))
      expect(drawn.length).toBeLessThanOrEqual(2 * how.columns + 2)
      const all = pairs(thinCurve(points, { ...how, window: null, columns: 1000 }))
      let at = 0
      for (const [x, y] of drawn) {
        while (at < all.length && !(Object.is(all[at]![0], x) && Object.is(all[at]![1], y))) at++
        expect(at).toBeLessThan(all.length)
        at++
      }
    }),
  )
})

test('the least and the greatest value in the window are drawn, and its ends', () => {
  fc.assert(
    fc.property(curve, scale, (points, how) => {
      const seen = shown(points, how)
      const drawn = pairs(thinCurve(points, how)).filter(([x]) => how.window === null || (x >= how.window.from && x <= how.window.to))
      if (seen.length === 0) return
      expect(drawn[0]![0]).toBe(seen[0]![0])
      expect(drawn.at(-1)![0]).toBe(seen.at(-1)![0])
      if (ys(seen).length > 0) {
        expect(Math.min(...ys(drawn))).toBe(Math.min(...ys(seen)))
        expect(Math.max(...ys(drawn))).toBe(Math.max(...ys(seen)))
      }
    }),
  )
})

test('every column of pixels keeps its extremes', () => {
  const n = 5000
  const y = Float32Array.from({ length: n }, (_, i) => Math.sin(i / 40) + (i === 3217 ? 50 : 0))
  const x = Int32Array.from({ length: n }, (_, i) => i)
  const drawn = pairs(thinCurve({ x, y }, { window: null, columns: 100, logX: false, logY: false }))
  for (let column = 0; column < 100; column++) {
    const [from, to] = [1 + (column * (n - 3)) / 100, column === 99 ? n - 1 : 1 + ((column + 1) * (n - 3)) / 100]
    const within = Array.from(y).filter((_, i) => i >= from && i < to)
    const kept = drawn.filter(([at]) => at >= from && at < to).map(([, value]) => value)
    expect([Math.min(...kept), Math.max(...kept)]).toEqual([Math.min(...within), Math.max(...within)])
  }
  expect(drawn).toContainEqual([3217, y[3217]])
})

test('a zoom to few points is the curve itself, and the way in and out of the window', () => {
  const x = Float64Array.from({ length: 10_000 }, (_, i) => i)
  const drawn = pairs(thinCurve({ x, y: x }, { window: { from: 500, to: 520 }, columns: 300, logX: false, logY: false }))
  expect(drawn).toEqual(Array.from({ length: 23 }, (_, i) => [499 + i, 499 + i]))
})
