import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ScoreBlock } from '../../../main/engine/ann/score-block.ts'
import { createTopK } from '../../../main/engine/ann/topk.ts'

const score = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -3, max: 3 }) },
  fc.constant(-Infinity),
  fc.constant(-0),
  fc.constant(Infinity),
)

/** A selector over any arrays, and one whose scores are put into a block first. */
const ways = {
  arrays: (k: number) => createTopK(k),
  block: (k: number): ReturnType<typeof createTopK> => {
    const block = new ScoreBlock(200)
    const select = createTopK(k, block)
    return (scores, ...rest) => {
      block.scores.set(scores)
      return select(block.scores, ...rest)
    }
  },
}

/** Against a stable sort of the whole row. */
test.for(Object.values(ways))('the K best, ties by position, -Infinity never; the selector keeps nothing between rows', (selector) => {
  fc.assert(
    fc.property(
      fc.array(score, { maxLength: 60 }),
      fc.array(score, { maxLength: 60 }),
      fc.integer({ min: 1, max: 40 }),
      (before, row, k) => {
        const select = selector(k)
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

test.for(Object.values(ways))('the first NaN is reported wherever it stands', (selector) => {
  fc.assert(
    fc.property(fc.array(score, { maxLength: 40 }), fc.array(score, { maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (head, tail, k) => {
      const row = Float32Array.from([...head, NaN, ...tail, NaN])
      expect(selector(k)(row, 0, row.length, new Int32Array(k), 0)).toBe(-1 - head.length)
    }),
  )
})

/** Against loops in JavaScript; positions need not be multiples of the kernel's stride. */
test('a block finds the next score above a threshold, and counts those above it', () => {
  const rows = fc.array(fc.oneof(score, fc.constant(NaN), fc.float()), { minLength: 1, maxLength: 90 })
  fc.assert(
    fc.property(rows, fc.nat(89), fc.nat(89), fc.oneof(score, fc.float({ noNaN: true })), (row, from, length, threshold) => {
      const block = new ScoreBlock(row.length)
      block.scores.set(row)
      const start = Math.min(from, row.length)
      const end = Math.min(row.length, start + length)
      const asked = Array.from(block.scores.subarray(start, end))
      const first = asked.findIndex((value) => !(value <= threshold))
      expect(block.next(start, end, threshold)).toBe(first < 0 ? end : start + first)
      expect(block.above(start, end, threshold)).toBe(asked.filter((value) => value > threshold).length)
      expect(block.atLeast(start, end, threshold)).toBe(asked.filter((value) => value >= threshold).length)
    }),
    { numRuns: 300 },
  )
})
