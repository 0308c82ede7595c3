/** A page of two runs' users: a user whose item has no rank stands last whichever way is sorted, and in no bar of the histogram. */
import { expect, test } from 'vitest'
import type { Paired } from '../../../main/engine/evaluation/difference.ts'
import type { Catalogue } from '../../../main/engine/serving/catalogue.ts'
import { differenceUsers } from '../../../main/engine/serving/difference-users.ts'

const catalogue = {
  dataset: { ids: async () => ['0', '1', '2', '3'] },
  titles: async () => () => null,
  counts: () => new Int32Array(4),
} as unknown as Catalogue
const paired: Paired = {
  held: { users: Int32Array.of(0, 1, 2, 3), offsets: Int32Array.of(0, 1, 2, 3, 4), items: Int32Array.of(0, 1, 2, 3) },
  valuesA: new Float64Array(4),
  valuesB: new Float64Array(4),
  item: Int32Array.of(0, 1, 2, 3),
  rankA: Int32Array.of(5, 0, 2, 9),
  rankB: Int32Array.of(1, 3, 4, 0),
  change: Float64Array.of(4, NaN, -2, NaN),
  history: new Int32Array(4),
  slices: new Uint8Array(4),
}
const ask = async (change: Partial<Parameters<typeof differenceUsers>[2]>) =>
  differenceUsers(catalogue, paired, {
    outcome: 'all',
    slice: 'all',
    text: '',
    sort: 'change',
    descending: true,
    changeFrom: null,
    changeTo: null,
    offset: 0,
    limit: 10,
    ...change,
  })
const order = async (change: Parameters<typeof ask>[0]): Promise<string> => (await ask(change)).users.map(({ user }) => user).join('')

test.each([
  ['change', true, '0213'],
  ['change', false, '2013'],
  ['rankA', true, '3021'],
  ['rankA', false, '2031'],
  ['rankB', true, '2103'],
  ['rankB', false, '0123'],
] as const)('sorted by %s, descending: %s', async (sort, descending, expected) => {
  expect(await order({ sort, descending })).toBe(expected)
})

test('a bar has only users with a change, and what has none is told as none', async () => {
  expect(await order({ changeFrom: 1 })).toBe('0')
  expect(await order({ changeTo: -1 })).toBe('2')
  expect((await ask({})).users.map(({ rankA, rankB, change }) => [rankA, rankB, change])).toEqual([
    [5, 1, 4],
    [2, 4, -2],
    [null, 3, null],
    [9, null, null],
  ])
})
