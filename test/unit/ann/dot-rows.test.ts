/** Products by WebAssembly against a plain loop in float64. */
import { expect, test } from 'vitest'
import { DotRows } from '../../../main/engine/ann/dot-rows.ts'
import { numbers } from '../../helpers/numbers.ts'

test.each([
  [1, 4],
  [7, 8],
  [50, 12],
  [300, 64],
  [33, 100],
  [5, 512],
])('%i rows of width %i', (count, dim) => {
  const block = new DotRows(count + 3, dim)
  block.rows.set(numbers(count * dim, 1))
  const query = numbers(dim, 2)
  const found = block.products(query, count)
  expect(found).toHaveLength(count)
  for (let row = 0; row < count; row++) {
    let [sum, size] = [0, 0]
    for (let j = 0; j < dim; j++) {
      const product = block.rows[row * dim + j]! * query[j]!
      sum += product
      size += Math.abs(product)
    }
    expect(Math.abs(found[row]! - sum)).toBeLessThanOrEqual(2 ** -24 * Math.abs(sum) + 1e-14 * size)
  }
  block.rows[dim * (count - 1)] = NaN
  expect(block.products(query, count)[count - 1]).toBeNaN()
  expect(block.products(query, 0)).toHaveLength(0)
})

test('what it is not for: widths that are no fours, and large copies', () => {
  expect([DotRows.fits(10, 6), DotRows.fits(0, 4), DotRows.fits(1e9, 64), DotRows.fits(3000, 64)]).toEqual([false, false, false, true])
})
