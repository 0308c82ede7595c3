/** The binary interaction matrix of some parts, by user and by item: distinct pairs, whatever their number and weight. */
import type { Part } from '../../contract/shapes/dataset.ts'
import { PylonError } from '../../contract/errors.ts'
import { rowOf, type CsrRows, InteractionSelection, transpose } from './interactions.ts'
import type { Dataset } from './dataset.ts'

export interface InteractionMatrix {
  readonly users: number
  readonly items: number
  readonly byUser: CsrRows
  readonly byItem: CsrRows
}

/** The matrix of the `most` most frequent items alone, of equals the first, and which they are, rising. */
export function mostFrequent(matrix: InteractionMatrix, most: number): { readonly matrix: InteractionMatrix; readonly kept: Int32Array } {
  const { users, items, byUser, byItem } = matrix
  const all = Int32Array.from({ length: items }, (_, item) => item)
  if (most >= items) return { matrix, kept: all }
  const count = (item: number): number => byItem.offsets[item + 1]! - byItem.offsets[item]!
  const kept = all
    .toSorted((a, b) => count(b) - count(a) || a - b)
    .subarray(0, most)
    .sort()
  const place = new Int32Array(items).fill(-1)
  for (const [i, item] of kept.entries()) place[item] = i
  const offsets = new Int32Array(users + 1)
  const indices: number[] = []
  for (let user = 0; user < users; user++) {
    for (const item of rowOf(byUser, user)) if (place[item]! >= 0) indices.push(place[item]!)
    offsets[user + 1] = indices.length
  }
  const few = { offsets, indices: Int32Array.from(indices) }
  return { matrix: { users, items: most, byUser: few, byItem: transpose(few, users, most) }, kept }
}

/** One pass over the interactions and a sort of each user's items. @throws PylonError bad-data where nothing is left */
export function interactionMatrix(
  { manifest, interactions }: Pick<Dataset, 'manifest' | 'interactions'>,
  parts: readonly Part[],
  events: readonly string[],
): InteractionMatrix {
  const counted = events.length === 0 ? null : events.map((event) => manifest.events.indexOf(event))
  const { users, items } = manifest
  const byUser = new InteractionSelection(interactions, parts, counted).distinctItems(users, items)
  for (let user = 0; user < users; user++) rowOf(byUser, user).sort()
  if (byUser.indices.length === 0)
    throw new PylonError('bad-data', 'No interaction of these events to learn from: change events, or the split.', 'events')
  return { users, items, byUser, byItem: transpose(byUser, users, items) }
}
