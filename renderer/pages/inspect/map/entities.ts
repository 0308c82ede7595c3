/** Items of a map by their positions. */
import type { Entity } from '@contract/shapes/entity.ts'
import type { Call } from '@/composables/useCall.ts'

/** of `entities.at` at once: a fiftieth of a second */
const PAGE = 10_000

/** A page of the engine's answer after the other; the page lives between them, so a million can be gone through. @throws PylonError */
export async function* itemPages(call: Call['call'], dataset: string, indices: ArrayLike<number>): AsyncGenerator<readonly Entity[]> {
  for (let from = 0; from < indices.length; from += PAGE) {
    const asked = Array.from({ length: Math.min(PAGE, indices.length - from) }, (_, i) => indices[from + i]!)
    yield (await call('entities.at', { dataset, side: 'item', indices: asked })).entities
  }
}
