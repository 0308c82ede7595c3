/** The queries of each slice, with their held-out items restricted to it as in an evaluation. */
import { SLICE_NAMES, type SliceName } from '../../contract/metrics.ts'
import { EARLIER_PARTS, type Protocol } from '../../contract/shapes/protocol.ts'
import type { DifferenceSlice } from '../../contract/verbs.ts'
import type { Dataset } from '../dataset/dataset.ts'
import { itemCounts, userCounts, type HeldOut } from './held-out.ts'
import { type MetricAt, queryValues } from './ranks.ts'
import { SLICES, type InSlice } from './slices.ts'

/** Bit i of what is kept of a query's slices is slice i. */
export const PAIRED_SLICES = SLICE_NAMES

export interface SliceSource {
  readonly dataset: Pick<Dataset, 'manifest' | 'interactions'>
  readonly protocol: Protocol
  readonly held: HeldOut
}

export interface SliceQueries {
  readonly slice: DifferenceSlice
  readonly users: number
  /** the metric of each of its queries under a run's ranks of all held-out items */
  readonly values: (ranks: Int32Array, metric: MetricAt) => Float64Array
}

/** Whether a held-out item is in each of {@link PAIRED_SLICES}. */
export function sliceTests({ dataset, protocol }: Omit<SliceSource, 'held'>): InSlice[] {
  const parts = EARLIER_PARTS[protocol.part]
  const context = { itemCounts: itemCounts(dataset, parts), userCounts: userCounts(dataset, parts) }
  return PAIRED_SLICES.map((name) => SLICES[name](context))
}

/** All queries, then those of each slice that has any. */
export function sliceQueries({ dataset, protocol, held }: SliceSource): SliceQueries[] {
  const tests = sliceTests({ dataset, protocol })
  const slices = PAIRED_SLICES.map((slice, i) => ofSlice(slice, restrict(held, tests[i]!)))
  const all: SliceQueries = { slice: 'all', users: held.users.length, values: (ranks, metric) => queryValues(held, ranks, metric) }
  return [all, ...slices].filter(({ users }) => users > 0)
}

/** Users with a held-out item of a slice, ascending. */
export function usersOfSlice(slice: SliceName, { held, ...source }: SliceSource): Int32Array {
  return restrict(held, sliceTests(source)[PAIRED_SLICES.indexOf(slice)]!).held.users
}

function ofSlice(slice: DifferenceSlice, { held, places }: ReturnType<typeof restrict>): SliceQueries {
  return {
    slice,
    users: held.users.length,
    values: (ranks, metric) =>
      queryValues(
        held,
        places.map((i) => ranks[i]!),
        metric,
      ),
  }
}

/** The queries with held-out items of a slice, and the places of those items among all. */
function restrict(held: HeldOut, inSlice: InSlice): { held: HeldOut; places: Int32Array } {
  const [users, offsets, places] = [[] as number[], [0], [] as number[]]
  for (const [q, user] of held.users.entries()) {
    for (let i = held.offsets[q]!; i < held.offsets[q + 1]!; i++) if (inSlice(user, held.items[i]!)) places.push(i)
    if (places.length === offsets.at(-1)) continue
    users.push(user)
    offsets.push(places.length)
  }
  const kept = Int32Array.from(places)
  return {
    held: { users: Int32Array.from(users), offsets: Int32Array.from(offsets), items: kept.map((i) => held.items[i]!) },
    places: kept,
  }
}
