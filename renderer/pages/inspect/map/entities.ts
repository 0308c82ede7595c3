/** Items of a map by their positions, and as a file. */
import { csvBlob, csvText } from '@/charts/leave.ts'
import type { Entity } from '@contract/shapes/entity.ts'
import type { Call } from '@/composables/useCall.ts'

/** of `entities.at` at once: 100,000 items take .45 s so, and as long by 10,000 */
const PAGE = 500

/** A page of the engine's answer after the other; the page lives between them, so a million can be gone through. @throws PylonError */
export async function* itemPages(call: Call['call'], dataset: string, indices: ArrayLike<number>): AsyncGenerator<readonly Entity[]> {
  for (let from = 0; from < indices.length; from += PAGE) {
    const asked = Array.from({ length: Math.min(PAGE, indices.length - from) }, (_, i) => indices[from + i]!)
    yield (await call('entities.at', { dataset, side: 'item', indices: asked })).entities
  }
}

/** Items with their places on each of the maps, as CSV: a page at a time, so that a million do not hold the page up. `tell` hears how many. */
export async function itemsCsv(
  pages: AsyncIterable<readonly Entity[]>,
  maps: readonly Float32Array[],
  tell: (written: number) => void = () => undefined,
): Promise<Blob> {
  const parts = [csvText([['item', 'title', 'popularity', ...maps.flatMap((_, i) => (i === 0 ? ['x', 'y'] : ['x beside', 'y beside']))]])]
  let written = 0
  for await (const page of pages) {
    const rows = page.map(({ index, id, title, popularity }) => {
      const places = maps.flatMap((points) => [points[2 * index]!, points[2 * index + 1]!])
      return [id, title, popularity, ...places]
    })
    parts.push(csvText(rows))
    tell((written += page.length))
  }
  return csvBlob(parts)
}
