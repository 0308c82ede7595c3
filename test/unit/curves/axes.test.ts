/** What rows of steps are drawn over: worked out by hand, and held to simple laws on random runs. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { curveAxes } from '../../../main/engine/curve-axes.ts'

const columns = (step: number[], epoch: number[], rate: number[]) => ({
  step: Int32Array.from(step),
  epoch: Int32Array.from(epoch),
  loss: Float32Array.from(step, () => 1),
  learningRate: Float32Array.from(step, () => 1),
  examplesPerSecond: Float32Array.from(rate),
})

test('two epochs of four steps and a row in the third: fractions of an epoch, examples, and seconds at changing speed', () => {
  const { epochs, examples, seconds } = curveAxes(columns([2, 4, 6, 8, 9], [1, 1, 2, 2, 3], [100, 50, 100, 100, 200]), 100)
  expect([...epochs]).toEqual([0.5, 1, 1.5, 2, 2.25])
  expect([...examples]).toEqual([200, 400, 600, 800, 900])
  expect([...seconds]).toEqual([2, 6, 8, 10, 10.5])
})

test('where the batch or a throughput is not known there is no time, and epochs are there all the same', () => {
  expect([...curveAxes(columns([1, 2], [1, 2], [5, 5]), null).examples]).toEqual([NaN, NaN])
  expect([...curveAxes(columns([1, 2, 3], [1, 2, 3], [5, NaN, 5]), 10).seconds]).toEqual([2, NaN, NaN])
  expect([...curveAxes(columns([], [], []), 10).epochs]).toEqual([])
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
      const { epochs, examples, seconds } = curveAxes(
        columns(
          step,
          epoch,
          step.map((at) => 1 + (at % 7)),
        ),
        32,
      )
      for (const axis of [epochs, examples, seconds]) for (let i = 1; i < axis.length; i++) expect(axis[i]).toBeGreaterThan(axis[i - 1]!)
      for (let e = 1; e <= of; e++) expect(epochs[e * rows - 1]).toBe(e)
    }),
  )
})
