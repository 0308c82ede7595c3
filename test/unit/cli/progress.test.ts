/** Progress: few reports, a rate over the last seconds, and bars or lines of them. */
import { expect, test } from 'vitest'
import { duration, right, table } from '../../../main/cli/table.ts'
import type { Progress } from '../../../main/contract/shapes/progress.ts'
import { ProgressMeter } from '../../../main/engine/queue/progress-meter.ts'

test('reports are four a second and one at each change of stage, with the rate of the last seconds', () => {
  let now = 0
  const reports: [string, number, number | null, number | null][] = []
  const meter = new ProgressMeter(
    (progress, perSecond, eta) => reports.push([progress.stage, progress.done, perSecond, eta]),
    () => now,
  )
  const take = (stage: string, done: number, total: number | null): void =>
    meter.take({ stage, done, total, unit: 'rows' } satisfies Progress)
  for (; now < 500; now += 10) take('read', now, 1000)
  take('write', 0, null)
  take('write', 1, null)
  meter.end()
  expect(reports).toEqual([
    ['read', 0, null, null],
    ['read', 250, 1000, 0.75],
    ['read', 490, 1000, 0.51],
    ['write', 0, null, null],
    ['write', 1, null, null],
  ])
})

test('tables are aligned, wide characters included', () => {
  const text = table(
    ['name', right('recall@20'), 'note'],
    [
      ['京都', '0.1000', ''],
      ['a', '0.0123', 'x'],
    ],
  )
  expect(`\n${text}`).toBe(`
name  recall@20  note
京都     0.1000
a        0.0123  x`)
})

test('durations', () => {
  expect([0.84, 9.96, 59.6, 200, 3900].map(duration)).toEqual(['0.8 s', '10.0 s', '1 min 00 s', '3 min 20 s', '1 h 05 min'])
})
