/** The binary interaction matrix of some parts, by user and by item: distinct pairs, whatever their number and weight. */
import type { Part } from '../../../contract/shapes/dataset.ts'
import { PylonError } from '../../../contract/errors.ts'
import { rowOf, type CsrRows, InteractionSelection, transpose } from '../../dataset/interactions.ts'
import type { Dataset } from '../../dataset/types.ts'

export interface InteractionMatrix {
  readonly users: number
  readonly items: number
  readonly byUser: CsrRows
  readonly byItem: CsrRows
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
