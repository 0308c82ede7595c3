/** How a run does on some items: the same ranked lists, with the held-out items of each query restricted to those, and to all others. */
import type { Metrics } from '../../contract/shapes/protocol.ts'
import type { HeldOut } from './held-out.ts'
import { MetricSums } from './metrics.ts'

export interface Segment {
  /** with a held-out item of this kind */
  readonly users: number
  /** held-out items */
  readonly held: number
  readonly metrics: Metrics
}

/**
 * @param ranks of the held-out items from 1; 0: not retrieved
 * @param isIn [items] whether an item is one of them
 */
export function segmentOf(
  held: HeldOut,
  ranks: Int32Array,
  isIn: (item: number) => boolean,
  ks: readonly number[],
): Record<'inside' | 'outside', Segment> {
  const sides = { inside: { sums: new MetricSums(ks), held: 0 }, outside: { sums: new MetricSums(ks), held: 0 } }
  for (let q = 0; q < held.users.length; q++) {
    const positions: Record<'inside' | 'outside', number[]> = { inside: [], outside: [] }
    const counts = { inside: 0, outside: 0 }
    for (let at = held.offsets[q]!; at < held.offsets[q + 1]!; at++) {
      const side = isIn(held.items[at]!) ? 'inside' : 'outside'
      counts[side]++
      if (ranks[at]! > 0) positions[side].push(ranks[at]! - 1)
    }
    for (const side of ['inside', 'outside'] as const) {
      if (counts[side] === 0) continue
      const hits = Int32Array.from(positions[side]).sort()
      sides[side].sums.add({ hits, found: hits.length, held: counts[side] })
      sides[side].held += counts[side]
    }
  }
  const told = ({ sums, held: count }: { sums: MetricSums; held: number }): Segment => ({
    users: sums.queries,
    held: count,
    metrics: sums.means(),
  })
  return { inside: told(sides.inside), outside: told(sides.outside) }
}
