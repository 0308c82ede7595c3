/** The items of a served model, page by page: those it was trained with, those that were put since, those that were deleted since. */
import type { ItemsPage, ListItemsRequest } from '../../contract/shapes/serving.ts'

export interface ItemStates {
  /** by key; '' where an item was deleted */
  readonly ids: readonly string[]
  /** keys of those that were put */
  readonly put: ReadonlyMap<number, unknown>
  readonly deleted: ReadonlySet<string>
  readonly titleOf: (key: number) => string | null
}

/** One page, in the order in which the model got to know them. Costs a pass over the items before it. */
export function pageOfItems({ ids, put, deleted, titleOf }: ItemStates, { offset, limit, state }: ListItemsRequest): ItemsPage {
  const counts = { put: put.size, deleted: deleted.size }
  const found: ItemsPage['items'] = []
  const pageOf = (total: number): ItemsPage => {
    const end = offset + found.length
    return { items: found, total, ...counts, next: end < total && found.length > 0 ? end : null }
  }
  if (state === 'deleted') {
    for (const id of deleted.values().drop(offset).take(limit)) found.push({ id, title: null, state: 'deleted' })
    return pageOf(deleted.size)
  }
  let total = 0
  for (const [key, id] of ids.entries()) {
    if (id === '' || (state === 'put' && !put.has(key))) continue
    if (total >= offset && found.length < limit) found.push({ id, title: titleOf(key), state: put.has(key) ? 'put' : 'trained' })
    total++
  }
  return pageOf(total)
}
