/** Bounds of products against plain loops in float64, and the best found by them against the best of all scores. */
import { describe, expect, test } from 'vitest'
import { bestByBounds } from '../../../main/engine/ann/bounded-search.ts'
import { ScoreBounds } from '../../../main/engine/ann/score-bounds.ts'
import { topKOf } from '../../../main/engine/ann/topk.ts'
import { productsOf } from '../../../main/engine/model/compare.ts'
import { numbers } from '../../helpers/numbers.ts'

const boundsOf = (rows: Float32Array, dim: number, spare = 0): ScoreBounds => {
  const bounds = new ScoreBounds(rows.length / dim + spare, dim)
  for (let row = 0; row < rows.length / dim; row++) bounds.set(row, rows.subarray(row * dim, (row + 1) * dim))
  return bounds
}
const keysOf = (count: number): Int32Array => Int32Array.from({ length: count }, (_, key) => key)

describe.each([
  ['as drawn', (x: number) => x],
  ['lengths from a thousandth to a thousand', (x: number, row: number) => x * 10 ** ((row % 7) - 3)],
  ['one row in nine of zeros', (x: number, row: number) => (row % 9 === 0 ? 0 : x)],
  ['very short', (x: number) => x * 1e-36],
  ['one number of each row far above the others', (x: number, _: number, j: number) => (j === 1 ? 1000 * x : x)],
])('%s', (name, change) => {
  test.each([
    [1, 4],
    [40, 6],
    [1000, 1],
    [3000, 64],
    [500, 100],
    [50, 2048],
    [20_000, 16],
  ])('%i rows of width %i', (count, dim) => {
    const rows = numbers(count * dim, 1).map((x, i) => change(x, Math.floor(i / dim), i % dim))
    const bounds = boundsOf(rows, dim, 5)
    for (let q = 0; q < 5; q++) {
      const query = numbers(dim, 10 + q)
      const scores = productsOf(rows, query, keysOf(count))
      const block = bounds.of(query, count)!
      let [loose, lengths] = [0, 0]
      for (let row = 0; row < count; row++) {
        expect(block.scores[row]).toBeGreaterThanOrEqual(scores[row]!)
        loose += block.scores[row]! - scores[row]!
        lengths += Math.hypot(...rows.subarray(row * dim, (row + 1) * dim)) * Math.hypot(...query)
      }
      if (name === 'as drawn') expect(loose).toBeLessThanOrEqual(0.05 * lengths) // else they would exclude nothing
      for (const k of [1, 20, count]) {
        const found = bestByBounds(bounds.of(query, count)!, count, k, (keys) => productsOf(rows, query, keys))
        if (found !== null) expect(found).toEqual(topKOf(scores, k))
      }
    }
  })
})

test('equal scores go to the lower row, what is masked is not found, and few rows are scored of many', () => {
  const [count, dim] = [20_000, 64]
  const rows = numbers(count * dim, 3)
  rows.copyWithin(19_000 * dim, 100 * dim, 101 * dim) // twins
  const [bounds, query] = [boundsOf(rows, dim), rows.slice(100 * dim, 101 * dim)]
  const block = bounds.of(query, count)!
  block.scores[7] = block.scores[101] = -Infinity
  const scores = productsOf(rows, query, keysOf(count))
  scores[7] = scores[101] = -Infinity
  let scored = 0
  const found = bestByBounds(block, count, 10, (keys) => {
    scored += keys.length
    return productsOf(rows, query, keys)
  })
  expect(found).toEqual(topKOf(scores, 10))
  expect([...found!.keys.subarray(0, 2)]).toEqual([100, 19_000])
  expect(scored).toBeLessThan(500)
})

test('numbers that float32 cannot multiply have no bounds, and widths beyond 4,096 are not held', () => {
  const bounds = boundsOf(numbers(40, 1), 4)
  expect(bounds.of(Float32Array.of(1, 2, 3, 1e16), 10)).toBeNull()
  bounds.set(3, Float32Array.of(0, 1e20, 0, 0))
  expect(bounds.of(Float32Array.of(1, 2, 3, 4), 10)).toBeNull()
  expect([ScoreBounds.fits(0, 4), ScoreBounds.fits(10, 4097), ScoreBounds.fits(1e9, 64), ScoreBounds.fits(10, 3)]).toEqual([
    false,
    false,
    false,
    true,
  ])
})
