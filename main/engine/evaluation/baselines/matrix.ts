/** The binary interaction matrix of some parts, by user and by item: distinct pairs, whatever their number and weight. */
import { PART_CODE, type Part } from '../../../contract/shapes/dataset.ts'
import { PylonError } from '../../../contract/errors.ts'
import type { Dataset } from '../../dataset/types.ts'

/** Row r has `indices[offsets[r] .. offsets[r + 1])`, ascending. */
export interface Rows {
  readonly offsets: Int32Array
  readonly indices: Int32Array
}

export interface InteractionMatrix {
  readonly users: number
  readonly items: number
  readonly byUser: Rows
  readonly byItem: Rows
}

/** One pass over the interactions and a sort of each user's items. @throws PylonError bad-data where nothing is left */
export function interactionMatrix(
  { manifest, interactions }: Pick<Dataset, 'manifest' | 'interactions'>,
  parts: readonly Part[],
  events: readonly string[],
): InteractionMatrix {
  const codes: readonly number[] = parts.map((part) => PART_CODE[part])
  const counted = events.map((event) => manifest.events.indexOf(event))
  const { users, items } = manifest
  const offsets = new Int32Array(users + 1)
  const indices = new Int32Array(interactions.length)
  const metBy = new Int32Array(items).fill(-1)
  let at = 0
  for (let user = 0; user < users; user++) {
    const start = at
    for (let p = interactions.offsets[user]!; p < interactions.offsets[user + 1]!; p++) {
      const item = interactions.item[p]!
      if (metBy[item] === user || !codes.includes(interactions.part[p]!)) continue
      if (counted.length > 0 && !counted.includes(interactions.event?.[p] ?? 0)) continue
      metBy[item] = user
      indices[at++] = item
    }
    indices.subarray(start, at).sort()
    offsets[user + 1] = at
  }
  if (at === 0) throw new PylonError('bad-data', 'No interaction of these events to learn from: change events, or the split.', 'events')
  const byUser = { offsets, indices: indices.slice(0, at) }
  return { users, items, byUser, byItem: transpose(byUser, users, items) }
}

/** The same pairs by column. */
export function transpose({ offsets, indices }: Rows, rows: number, columns: number): Rows {
  const starts = new Int32Array(columns + 1)
  for (const column of indices) starts[column + 1]!++
  for (let c = 0; c < columns; c++) starts[c + 1]! += starts[c]!
  const next = starts.slice()
  const transposed = new Int32Array(indices.length)
  for (let r = 0; r < rows; r++) for (let i = offsets[r]!; i < offsets[r + 1]!; i++) transposed[next[indices[i]!]!++] = r
  return { offsets: starts, indices: transposed }
}

/** A view of row r. */
export function rowOf({ offsets, indices }: Rows, r: number): Int32Array {
  return indices.subarray(offsets[r], offsets[r + 1])
}
