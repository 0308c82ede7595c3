/** Queries of several vectors (the interests of one user): an item's score is that of the nearest of them, and lists are merged so. */
import type { Hits } from './topk.ts'

/** The `k` best items of several lists, each item once, by its best score; equal scores by item. Keys below 0 are no items. */
export function mergeByBest(lists: readonly Hits[], k: number): Hits {
  const best = new Map<number, number>()
  for (const { keys, scores } of lists) {
    for (let i = 0; i < keys.length; i++) {
      if (keys[i]! >= 0 && scores[i]! > (best.get(keys[i]!) ?? -Infinity)) best.set(keys[i]!, scores[i]!)
    }
  }
  const ranked = [...best].sort(([a, x], [b, y]) => y - x || a - b).slice(0, k)
  return { keys: Int32Array.from(ranked, ([key]) => key), scores: Float32Array.from(ranked, ([, score]) => score) }
}

/** The vectors of a query of one or several, as views. */
export function splitInterests(query: Float32Array, dim: number): Float32Array[] {
  return Array.from({ length: query.length / dim }, (_, i) => query.subarray(i * dim, (i + 1) * dim))
}

/** out[r] [rows × items] = the largest of the scores of r's interests, which are consecutive rows of `scores`. */
export function maxOverInterests(scores: Float32Array, rows: number, interests: number, out: Float32Array): void {
  const items = scores.length / (rows * interests)
  for (let row = 0; row < rows; row++) {
    const target = out.subarray(row * items, (row + 1) * items)
    target.set(scores.subarray(row * interests * items, (row * interests + 1) * items))
    for (let n = 1; n < interests; n++) {
      const from = (row * interests + n) * items
      for (let item = 0; item < items; item++) if (scores[from + item]! > target[item]!) target[item] = scores[from + item]!
    }
  }
}
