import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTopK } from '../../../main/engine/ann/topk.ts'

const score = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -3, max: 3 }) },
  fc.constant(-Infinity),
  fc.constant(-0),
  fc.constant(Infinity),
)

/** Against a stable sort of the whole row. */
test('the K best, ties by position, -Infinity never; the selector keeps nothing between rows', () => {
  fc.assert(
    fc.property(
      fc.array(score, { maxLength: 60 }),
      fc.array(score, { maxLength: 60 }),
      fc.integer({ min: 1, max: 40 }),
      (before, row, k) => {
        const select = createTopK(k)
        const keys = new Int32Array(k + 2).fill(7)
        const values = new Float32Array(k + 2).fill(7)
        select(Float32Array.from(before), 0, before.length, keys, 1, values)
        const selected = select(Float32Array.from([9, ...row, 9]), 1, row.length, keys, 1, values)

        const order = [...row.keys()].filter((i) => row[i]! > -Infinity).sort((a, b) => row[b]! - row[a]! || a - b)
        const best = order.slice(0, k)
        const padding = Array.from({ length: k - best.length }, () => -1)
        expect(selected).toBe(best.length)
        expect([...keys]).toEqual([7, ...best, ...padding, 7])
        expect([...values].map((v) => v + 0)).toEqual([7, ...best.map((i) => row[i]! + 0), ...padding.map(() => -Infinity), 7])
      },
    ),
  )
})

test('the first NaN is reported wherever it stands', () => {
  fc.assert(
    fc.property(fc.array(score, { maxLength: 40 }), fc.array(score, { maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (head, tail, k) => {
      const row = Float32Array.from([...head, NaN, ...tail, NaN])
      expect(createTopK(k)(row, 0, row.length, new Int32Array(k), 0)).toBe(-1 - head.length)
    }),
  )
})
