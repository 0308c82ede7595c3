/** Which split is recommended, and why, before an import and after one. */
import { expect, test } from 'vitest'
import { describeFinding } from '../../../main/contract/shapes/finding.ts'
import { shapeFindings, type Shape } from '../../../main/engine/import/advice/split-advice.ts'
import { importFiles } from './imported.ts'

const shape: Shape = { users: 1000, usersOfOne: 100, usersOfTwo: 900, ordered: true, given: false, time: null }
const DAY = 86_400
const time = { from: 0, to: 400 * DAY, cut: 365 * DAY, warm: 300 }
const splitOf = (more: Partial<Shape>): (string | undefined)[] => shapeFindings({ ...shape, ...more }).map(({ split }) => split)

test('a cut in time where enough users are on both sides of it, else the last of each, at random without an order', () => {
  expect(splitOf({ time })).toEqual(['time:1971-01-01'])
  expect(splitOf({ time: { ...time, warm: 20 } })).toEqual(['leave-last'])
  expect(splitOf({})).toEqual(['leave-last'])
  expect(splitOf({ ordered: false })).toEqual(['random:0.2'])
  expect(splitOf({ time, given: true })).toEqual([])
})

test('a column of one time gives no order', () => {
  expect(shapeFindings({ ...shape, time: { ...time, from: 5, to: 5 } }).map(({ code }) => code)).toEqual(['one-time', 'split-random'])
})

test('most users of one event are counted', () => {
  const [first] = shapeFindings({ ...shape, usersOfOne: 940, usersOfTwo: 60, time })
  expect(describeFinding(first!)).toBe(
    '940 of 1,000 users (94 %) have one interaction: nothing of theirs can be learned from and tested on as well.',
  )
})

test('an import keeps what is found; the kind of split that it took is not recommended', async () => {
  const rows = Array.from({ length: 200 }, (_, k) => `u${k % 100},i${(k * 7) % 31},${(k % 100) * 1000 + (k >= 100 ? 5000 : 0)}`)
  const files = { 'log.csv': `user,item,time\n${rows.join('\n')}\n` }
  const found = async (split?: string): Promise<string[]> =>
    (await importFiles(files, { interactions: 'log.csv', ...(split !== undefined && { split }) })).manifest.findings!.map(
      ({ code }) => code,
    )
  expect(await found('random:0.2')).toEqual(['split-leave-last', 'users-without-test'])
  expect(await found()).toEqual(['future-in-training'])
})
