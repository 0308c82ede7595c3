/** Where the final fit of a run begins, read off its epochs. */
import { expect, test } from 'vitest'
import { finalFitRow, lastOfFirstFit } from '@/features/run/fits.ts'

const told = (bestEpoch: number | null, state: 'finished' | 'running', ...measured: (number | null)[]) => ({
  state,
  bestEpoch,
  epoch: Int32Array.from(measured, (_, i) => i + 1),
  validation: { 'ndcg@20': Float64Array.from(measured, (value) => value ?? NaN) },
})

test('what follows the last measured epoch, as many epochs as were best, is the final fit', () => {
  expect(lastOfFirstFit(told(2, 'finished', 0.1, 0.3, 0.2, null, null))).toBe(3)
  // a run without a final fit, one whose last epoch was only not measured, and one under way
  expect(lastOfFirstFit(told(2, 'finished', 0.1, 0.3, 0.2))).toBeNull()
  expect(lastOfFirstFit(told(2, 'finished', null, 0.3, null, 0.2, null))).toBeNull()
  expect(lastOfFirstFit(told(2, 'running', 0.1, 0.3, 0.2, null, null))).toBeNull()
  expect(lastOfFirstFit(told(null, 'finished', null, null))).toBeNull()
})

test('what is told of the vectors of every epoch is no sign of a validation part', () => {
  const epochs = told(1, 'finished', 0.1, 0.3, null)
  const geometry = { 'geometry.alignment': Float64Array.of(1, 0.9, 0.8) }
  expect(lastOfFirstFit({ ...epochs, validation: { ...geometry, ...epochs.validation } })).toBe(2)
  expect(lastOfFirstFit({ ...epochs, validation: geometry })).toBeNull()
})

test('its first row', () => {
  // rows of epochs 1, 1, 2, 3, 3, 4, 5; a row was thinned out before 8
  const rows = {
    step: Int32Array.of(1, 2, 4, 6, 8, 10, 12),
    epochs: { epoch: Int32Array.of(1, 2, 3, 4, 5), end: Int32Array.of(2, 4, 8, 10, 12) },
  }
  expect(finalFitRow(rows, 3)).toBe(5)
  expect(finalFitRow(rows, 0)).toBe(0)
  expect(finalFitRow(rows, 5)).toBe(7)
  expect(finalFitRow(rows, null)).toBe(7)
})
