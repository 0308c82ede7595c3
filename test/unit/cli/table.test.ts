/** Tables for people. */
import { expect, test } from 'vitest'
import { right, table } from '../../../main/cli/table.ts'

test('columns are as wide as their widest cell, wide characters counted twice', () => {
  expect(
    table(
      ['name', right('n')],
      [
        ['a', '10'],
        ['北京', '5'],
      ],
    )
      .split('\n')
      .slice(1),
  ).toEqual(['a     10', '北京   5'])
})

test('more rows than a call takes arguments', () => {
  const rows = Array.from({ length: 300_000 }, (_, i) => [String(i)])
  expect(
    table([right('x')], rows)
      .split('\n')
      .at(-1),
  ).toBe('299999')
})
