/** Lines of parallel coordinates: a run has no place on an axis that it has no value for. */
import { expect, test } from 'vitest'
import { lineParts } from '@/pages/compare/parallel.ts'

const axis = (values: (number | string | null)[], categories: string[] | null = null) => ({ name: 'a', categories, log: false, values })

test('a line is parted where a value is missing, and a category stands at its place', () => {
  const axes = [axis([1, 1]), axis([null, 'y'], ['x', 'y']), axis([3, 0]), axis([4, null])]
  expect(lineParts(axes, 0)).toEqual([
    [1, null, null, null],
    [null, null, 3, 4],
  ])
  expect(lineParts(axes, 1)).toEqual([[1, 1, 0, null]])
  expect(lineParts([axis([null])], 0)).toEqual([])
})
