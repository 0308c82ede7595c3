/** One query of an index: how deep it is asked, and what of its answer is left under a filter. */
import { mergeByBest, splitInterests } from '../ann/interests.ts'
import type { Hits } from '../ann/topk.ts'
import type { AnnIndex } from '../ann/usearch.ts'

/** How deep an index is asked so that enough of what it finds fits a filter: as many as do at random, and some more. */
export function depthFor(asked: {
  readonly k: number
  readonly excluded: number
  readonly candidates: number
  readonly size: number
  readonly filtered: boolean
}): number {
  const { k, excluded, candidates, size, filtered } = asked
  return Math.ceil(((k + excluded) * size) / candidates) + (filtered ? 2 * k : 0)
}

/** The best `k` of an index that are not excluded and of the filter, best first: fewer where it finds fewer. Interests are merged. */
export function searchIndex(
  index: AnnIndex,
  query: Float32Array,
  k: number,
  excluded: ReadonlySet<number>,
  filter: Uint8Array | null = null,
): Hits {
  const depth = k + excluded.size
  const answers = splitInterests(query, index.dim).map((vector) => index.search(vector, depth))
  const { keys, scores } = answers.length === 1 ? answers[0]! : mergeByBest(answers, depth)
  if (excluded.size === 0 && filter === null) return { keys, scores }
  const kept = Array.from(keys.keys())
    .filter((i) => !excluded.has(keys[i]!) && filter?.[keys[i]!] !== 0)
    .slice(0, k)
  return { keys: Int32Array.from(kept, (i) => keys[i]!), scores: Float32Array.from(kept, (i) => scores[i]!) }
}
