/** A run on some items: against plain counting over the same ranks. */
import { expect, test } from 'vitest'
import { segmentOf } from '../../../main/engine/evaluation/segment.ts'

test('each side has its own held-out items, queries and means', () => {
  // three users; items 0 to 2 are inside
  const held = { users: Int32Array.of(4, 7, 9), offsets: Int32Array.of(0, 3, 4, 6), items: Int32Array.of(0, 1, 5, 6, 2, 7) }
  const ranks = Int32Array.of(30, 2, 1, 9, 0, 20)
  const { inside, outside } = segmentOf(held, ranks, (item) => item < 3, [5, 20])
  expect([inside.users, inside.held, outside.users, outside.held]).toEqual([2, 3, 3, 3])
  // inside: user 4 finds one of two within 5, user 9 none of one
  expect(inside.metrics['recall@5']).toBeCloseTo(0.25, 12)
  expect(inside.metrics['hit@20']).toBeCloseTo(0.5, 12)
  expect(inside.metrics['ndcg@5']).toBeCloseTo((1 / Math.log2(3) / (1 + 1 / Math.log2(3)) + 0) / 2, 12)
  // outside: ranks 1, 9 and 20
  expect(outside.metrics['recall@5']).toBeCloseTo(1 / 3, 12)
  expect(outside.metrics['recall@20']).toBe(1)
  expect(outside.metrics['mrr@20']).toBeCloseTo((1 + 1 / 9 + 1 / 20) / 3, 12)
})
