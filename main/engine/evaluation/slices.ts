/**
 * Slices of an evaluation: the same ranked lists, with the held-out items of a query restricted to some of them. A query without
 * any is not in the slice. "Earlier" are the parts before the held-out one, so that a slice is the same set for every model.
 */

import type { SliceName } from '../../contract/metrics.ts'

/** What a slice may look at. */
export interface SliceContext {
  /** interactions of each item in the earlier parts */
  readonly itemCounts: Int32Array
  /** interactions of each user in the earlier parts */
  readonly userCounts: Int32Array
}

/** Whether a held-out item of a user belongs to a slice. */
export type InSlice = (user: number, item: number) => boolean

/** Slices by name; a metric's prefix: `cold.recall@20`. At most 30. */
export const SLICES = {
  /** items without any interaction in the earlier parts */
  cold:
    ({ itemCounts }) =>
    (_user, item) =>
      itemCounts[item] === 0,
  /** the most popular items that together hold half of the earlier interactions */
  head: ({ itemCounts }) => {
    const least = headCount(itemCounts)
    return (_user, item) => itemCounts[item]! >= least
  },
  /** items with interactions that are not in the head */
  tail: ({ itemCounts }) => {
    const least = headCount(itemCounts)
    return (_user, item) => itemCounts[item]! > 0 && itemCounts[item]! < least
  },
  /** users with at most five earlier interactions */
  short:
    ({ userCounts }) =>
    (user) =>
      userCounts[user]! <= 5,
} satisfies Record<SliceName, (context: SliceContext) => InSlice>

/** The least count among the head's items; items of equal count are in it together. */
function headCount(counts: Int32Array): number {
  const sorted = Int32Array.from(counts).sort().reverse()
  const half = counts.reduce((sum, count) => sum + count, 0) / 2
  let held = 0
  for (const count of sorted) {
    held += count
    if (held >= half) return Math.max(1, count)
  }
  return 1
}
