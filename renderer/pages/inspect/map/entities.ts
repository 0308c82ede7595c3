/** Items of a map by their positions, a page of the engine's answer after the other. */
import type { Entity } from '@contract/shapes/entity.ts'
import type { Call } from '@/composables/useCall.ts'

/** of `entities.at` at once */
const PAGE = 500

/** @throws PylonError */
export async function itemsAt(call: Call['call'], dataset: string, indices: readonly number[]): Promise<Entity[]> {
  const all: Entity[] = []
  for (let from = 0; from < indices.length; from += PAGE)
    all.push(...(await call('entities.at', { dataset, side: 'item', indices: indices.slice(from, from + PAGE) })).entities)
  return all
}
