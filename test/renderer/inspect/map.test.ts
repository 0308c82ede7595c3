/** The arithmetic of the map, against the definitions it speeds up. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Colouring, pointColours, scaleColour } from '@/pages/inspect/map/colours.ts'
import { binCounts, codeCounts, type Filter, filtersText, openFilter, passing, scaleOf, textFilters } from '@/pages/inspect/map/filters.ts'
import { createGrid, fitCamera, pointsInside, zoomAt } from '@/pages/inspect/map/plane.ts'

const number = fc.double({ min: -5, max: 5, noNaN: true })
const plane = fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 80 }).map((pairs) => Float32Array.from(pairs.flat()))

test('the nearest point is the nearest of all', () =>
  fc.assert(
    fc.property(plane, number, number, fc.double({ min: 0, max: 4, noNaN: true }), (points, x, y, within) => {
      const off = (i: number): number => (points[2 * i]! - x) ** 2 + (points[2 * i + 1]! - y) ** 2
      const found = createGrid(points).nearest(x, y, within)
      const all = Array.from({ length: points.length / 2 }, (_, i) => off(i))
      const least = Math.min(...all)
      if (found < 0) expect(least).toBeGreaterThan(within * within)
      else expect(off(found)).toBe(least)
    }),
  ))

test('points within an outline: in a square those between its sides, in a ring not those in its hole', () => {
  fc.assert(
    fc.property(plane, (points) => {
      const found = new Set(pointsInside(points, [-2, -1, 3, -1, 3, 4, -2, 4]))
      for (let i = 0; i < points.length / 2; i++) {
        const [x, y] = [points[2 * i]!, points[2 * i + 1]!]
        if ([-2, 3].includes(x) || [-1, 4].includes(y)) continue
        expect(found.has(i)).toBe(x > -2 && x < 3 && y > -1 && y < 4)
      }
    }),
  )
  const c = [0, 0, 4, 0, 4, 1, 1, 1, 1, 3, 4, 3, 4, 4, 0, 4]
  expect(pointsInside(Float32Array.of(0.5, 2, 2, 2, 2, 3.5), c)).toEqual([0, 2])
  expect(pointsInside(Float32Array.of(0, 0), [0, 0, 1, 1])).toEqual([])
})

test('a camera that fits shows every point, and zooming keeps the place under the pointer', () =>
  fc.assert(
    fc.property(plane, number, number, fc.double({ min: 0.2, max: 5, noNaN: true }), (points, px, py, factor) => {
      const camera = fitCamera([points], 300, 200)
      for (let i = 0; i < points.length; i += 2) {
        expect(Math.abs((points[i]! - camera.x) * camera.scale)).toBeLessThanOrEqual(150)
        expect(Math.abs((points[i + 1]! - camera.y) * camera.scale)).toBeLessThanOrEqual(100)
      }
      const zoomed = zoomAt(camera, factor, px, py)
      expect(zoomed.x + px / zoomed.scale).toBeCloseTo(camera.x + px / camera.scale, 6)
      expect(zoomed.y + py / zoomed.scale).toBeCloseTo(camera.y + py / camera.scale, 6)
    }),
  ))

test('colours: a category has its own, what is rarer or missing is quiet; numbers run along the scale', () => {
  const colours = pointColours(
    { kind: 'category', values: Uint8Array.of(0, 1, 254, 255), labels: ['a', 'b'] },
    ['#ff0000', '#00ff00'],
    '#808080',
  )
  expect([...colours]).toEqual([255, 0, 0, 210, 0, 255, 0, 210, 128, 128, 128, 120, 128, 128, 128, 120])
  const numbers = pointColours({ kind: 'number', values: Float32Array.of(0, 10, NaN), minimum: 0, maximum: 10 }, [], '#808080')
  expect([...numbers.subarray(0, 3)]).toEqual(scaleColour(0))
  expect([...numbers.subarray(4, 7)]).toEqual(scaleColour(1))
  expect([...numbers.subarray(8)]).toEqual([128, 128, 128, 120])
})

test('a camera of two maps shows the points of both', () =>
  fc.assert(
    fc.property(plane, plane, (left, right) => {
      const { x, y, scale } = fitCamera([left, right], 400, 300)
      for (const points of [left, right])
        for (let i = 0; i < points.length; i += 2) {
          expect(Math.abs(points[i]! - x) * scale).toBeLessThanOrEqual(200)
          expect(Math.abs(points[i + 1]! - y) * scale).toBeLessThanOrEqual(150)
        }
    }),
  ))

test('a filtered item is none that is met, and the nearest of the others is the nearest of all others', () =>
  fc.assert(
    fc.property(plane, number, number, (points, x, y) => {
      const off = (i: number): number => (points[2 * i]! - x) ** 2 + (points[2 * i + 1]! - y) ** 2
      const even = Array.from({ length: points.length / 2 }, (_, i) => i).filter((i) => i % 2 === 0)
      const found = createGrid(points).nearest(x, y, 20, (point) => point % 2 === 0)
      expect(off(found)).toBe(Math.min(...even.map(off)))
    }),
  ))

test('an item passes all filters; what has no value passes where that is said; counts are of what the other filters leave', () => {
  const price: Colouring = { kind: 'number', values: Float32Array.of(1, 2, NaN, 900, 30), minimum: 1, maximum: 900 }
  const kind: Colouring = { kind: 'category', values: Uint8Array.of(0, 1, 0, 255, 254), labels: ['lamp', 'chair'] }
  const valuesOf = (column: string): Colouring | undefined => (({ price, kind }) as Record<string, Colouring>)[column]
  const open = [openFilter('price', price), openFilter('kind', kind)]
  expect(passing(open, valuesOf, 5)).toBeNull()
  const low: Filter = { column: 'price', kind: 'number', low: 2, high: 900, missing: true }
  const lamps: Filter = { column: 'kind', kind: 'category', off: new Set([1, 254, 255]) }
  expect(passing([low], valuesOf, 5)).toEqual(Uint8Array.of(0, 1, 1, 1, 1))
  expect(passing([{ ...low, missing: false }], valuesOf, 5)).toEqual(Uint8Array.of(0, 1, 0, 1, 1))
  expect(passing([low, lamps], valuesOf, 5)).toEqual(Uint8Array.of(0, 0, 1, 0, 0))
  expect([...codeCounts(kind.values, passing([low], valuesOf, 5)).entries()].filter(([, count]) => count > 0)).toEqual([
    [0, 1],
    [1, 1],
    [254, 1],
    [255, 1],
  ])
  expect([...binCounts(price.values, scaleOf(1, 900, true), 4, passing([lamps], valuesOf, 5))]).toEqual([1, 0, 0, 0])
  expect([...binCounts(price.values, scaleOf(1, 900, true), 4, null)]).toEqual([2, 1, 0, 1])
})

test('the value that stands at a place of a scale stands there, and the ends are the ends', () =>
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean(), (share, long) => {
      const scale = scaleOf(3, 4000, long)
      expect(scale.share(scale.value(share))).toBeCloseTo(share, 9)
      expect([scale.value(0), scale.value(1)]).toEqual([3, 4000])
    }),
  ))

test('filters are a text for the address, and come back from it; what somebody typed wrong is left out', () => {
  const filters: readonly Filter[] = [
    { column: 'a, b!~%c 城市', kind: 'category', off: new Set([3, 0, 255]) },
    { column: '', kind: 'number', low: -1.5, high: 1e21, missing: false },
    { column: 'price', kind: 'number', low: 0, high: 1e-7, missing: true },
    { column: 'open', kind: 'category', off: new Set() },
  ]
  expect(textFilters(filtersText(filters))).toEqual(filters)
  expect(textFilters('')).toEqual([])
  expect(textFilters('a!300,b~x~2,c~1,%E0!1,d!1.,e!1,e!2')).toEqual([{ column: 'e', kind: 'category', off: new Set([1]) }])
})
