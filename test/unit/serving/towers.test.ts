/** What a tower may answer with. */
import { expect, test } from 'vitest'
import { checkFinite } from '../../../main/engine/model/towers.ts'

test('a vector that is not finite is refused: values of a content vector can be too large for its tower', () => {
  const vector = Float32Array.of(1, -2)
  expect(checkFinite('item', vector)).toBe(vector)
  for (const bad of [NaN, Infinity, 1e39])
    expect(() => checkFinite('item', Float32Array.of(1, bad))).toThrow('too large for the item tower')
})
