/** What rows of steps are drawn over, from the engine's columns to the page's x: worked out by hand, and held to simple laws on random runs. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { xOfEpochs, xOfRows } from '@/features/run/curve-axis.ts'
import { epochEnds, secondsSpent } from '../../../main/engine/curve-axes.ts'

function curve(step: number[], epoch: number[], rate: number[], batch: number | null) {
  const columns = { step: Int32Array.from(step), epoch: Int32Array.from(epoch), examplesPerSecond: Float32Array.from(rate) }
  return { step: columns.step, seconds: secondsSpent(columns, batch), batch, epochs: epochEnds(columns) }
}

test('two epochs of four steps and a row in the third: fractions of an epoch, examples, and seconds at changing speed', () => {
  const rows = curve([2, 4, 6, 8, 9], [1, 1, 2, 2, 3], [100, 50, 100, 100, 200], 100)
  expect(rows.epochs).toEqual({ epoch: Int32Array.of(1, 2, 3), end: Int32Array.of(4, 8, 9) })
  expect([...(xOfRows(rows, 'epoch') as Float64Array)]).toEqual([0.5, 1, 1.5, 2, 2.25])
  expect([...(xOfRows(rows, 'examples') as Float64Array)]).toEqual([200, 400, 600, 800, 900])
  expect([...(xOfRows(rows, 'seconds') as Float32Array)]).toEqual([2, 6, 8, 10, 10.5])
  expect([...(xOfEpochs([1, 2], 'seconds', rows) as Float64Array)]).toEqual([6, 10])
  expect(xOfEpochs([1, 2], 'step', null)).toEqual(Float64Array.of(NaN, NaN))
})

test('rows that are left out change nothing of the others', () => {
  const all = curve([2, 4, 6, 8, 9], [1, 1, 2, 2, 3], [100, 50, 100, 100, 200], 100)
  const thinned = { ...all, step: Int32Array.of(2, 6, 9), seconds: Float32Array.of(2, 8, 10.5) }
  expect([...(xOfRows(thinned, 'epoch') as Float64Array)]).toEqual([0.5, 1.5, 2.25])
  expect([...(xOfRows(thinned, 'examples') as Float64Array)]).toEqual([200, 600, 900])
})

test('where the batch or a throughput is not known there is no time, and epochs are there all the same', () => {
  expect(xOfRows(curve([1, 2], [1, 2], [5, 5], null), 'examples')).toEqual(Float64Array.of(NaN, NaN))
  expect([...(xOfRows(curve([1, 2, 3], [1, 2, 3], [5, NaN, 5], 10), 'seconds') as Float32Array)]).toEqual([2, NaN, NaN])
  expect(xOfRows(curve([], [], [], 10), 'epoch')).toEqual(new Float64Array())
})

test('every axis rises with the steps, and a whole epoch ends at its number', () => {
  const run = fc.record({
    every: fc.integer({ min: 1, max: 4 }),
    rows: fc.integer({ min: 1, max: 6 }),
    epochs: fc.integer({ min: 1, max: 6 }),
  })
  fc.assert(
    fc.property(run, ({ every, rows, epochs: of }) => {
      const step = Array.from({ length: rows * of }, (_, i) => (i + 1) * every)
      const epoch = step.map((_, i) => Math.floor(i / rows) + 1)
      const rate = step.map((at) => 1 + (at % 7))
      const told = curve(step, epoch, rate, 32)
      for (const axis of ['epoch', 'examples', 'seconds'] as const) {
        const x = xOfRows(told, axis)
        for (let i = 1; i < x.length; i++) expect(x[i]).toBeGreaterThan(x[i - 1]!)
      }
      for (let e = 1; e <= of; e++) expect(xOfRows(told, 'epoch')[e * rows - 1]).toBe(e)
    }),
  )
})
