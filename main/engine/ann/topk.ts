/**
 * Selection of the K best of a row of scores: the one rule by which exact search, evaluation and queries rank. Higher
 * is better; equal scores go to the lower item index; -Infinity is never selected, NaN is reported. A scan against the
 * current K-th best over a small heap kept in typed arrays: about 30 µs for 41,000 scores at K = 20, 5 to 10 µs in a ScoreBlock.
 */
import { badData } from '../../contract/errors.ts'
import type { ScoreBlock } from './score-block.ts'

/**
 * Selects from scores[from .. from + count). Writes the positions (0 .. count - 1) of the best, best first, to keys[at ..] and -1 up
 * to `k`; likewise the scores, and -Infinity, where `values` is given.
 * @returns how many were selected, or -1 - i where score i is the first NaN that is met (then nothing is written)
 */
export type SelectTopK = (scores: Float32Array, from: number, count: number, keys: Int32Array, at: number, values?: Float32Array) => number

/** Hits of one query, best first; equal scores by key. */
export interface Hits {
  readonly keys: Int32Array
  readonly scores: Float32Array
}

/** scores a step; unrolled, as the engine does not: 27 µs instead of 35 */
const STRIDE = 8
/** false also where one is NaN */
const allAtMost = (s: Float32Array, i: number, t: number): boolean =>
  s[i]! <= t && s[i + 1]! <= t && s[i + 2]! <= t && s[i + 3]! <= t && s[i + 4]! <= t && s[i + 5]! <= t && s[i + 6]! <= t && s[i + 7]! <= t

const BLOCK_BYTES = 12 * 1024 * 1024
const MOST_BYTES = 4 * 1024 ** 3 - 65_536

/**
 * How many rows of scores to hold at once: 12 MB of them, which the processor's cache still knows when they are scanned
 * (29,858 × 41,000 scores at d 64: 3 s in blocks of 76, 9 s in blocks of 256), but at least 32 rows, or reading the
 * items bounds the product, at most 256, and never more than a {@link ScoreBlock} holds.
 */
export function blockRows(items: number): number {
  const rowsIn = (bytes: number): number => Math.floor(bytes / 4 / Math.max(1, items))
  return Math.min(Math.max(32, Math.min(256, rowsIn(BLOCK_BYTES))), rowsIn(MOST_BYTES))
}

/** The position in [from, end) of the first score that is not ≤ threshold, NaN included; `end` where there is none. */
function nextAbove(scores: Float32Array, from: number, end: number, threshold: number): number {
  let at = from
  while (at + STRIDE <= end && allAtMost(scores, at, threshold)) at += STRIDE
  while (at < end && scores[at]! <= threshold) at++
  return at
}

/** A selector with buffers for `k` of its own; not for concurrent use. It is quicker where all scores it is given are of a block. */
export function createTopK(k: number, block?: ScoreBlock): SelectTopK {
  const heapScore = new Float32Array(k)
  const heapItem = new Int32Array(k)
  let size = 0

  /** whether heap entry a is worse than (score, item): the root is the worst of all */
  const worse = (a: number, score: number, item: number): boolean =>
    heapScore[a]! < score || (heapScore[a]! === score && heapItem[a]! > item)

  const up = (score: number, item: number): void => {
    let at = size++
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!(heapScore[parent]! > score || (heapScore[parent]! === score && heapItem[parent]! < item))) break
      heapScore[at] = heapScore[parent]!
      heapItem[at] = heapItem[parent]!
      at = parent
    }
    heapScore[at] = score
    heapItem[at] = item
  }

  const down = (score: number, item: number): void => {
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      if (child + 1 < size && worse(child + 1, heapScore[child]!, heapItem[child]!)) child++
      if (!worse(child, score, item)) break
      heapScore[at] = heapScore[child]!
      heapItem[at] = heapItem[child]!
      at = child
    }
    heapScore[at] = score
    heapItem[at] = item
  }

  return (scores, from, count, keys, at, values) => {
    size = 0
    let threshold = -Infinity
    const end = from + count
    const next = (at: number): number => (block === undefined ? nextAbove(scores, at, end, threshold) : block.next(at, end, threshold))
    for (let i = next(from); i < end; i = next(i + 1)) {
      const score = scores[i]!
      if (score !== score) return -1 - (i - from)
      if (size < k) up(score, i - from)
      else down(score, i - from)
      if (size === k) threshold = heapScore[0]!
    }
    const selected = size
    keys.fill(-1, at + selected, at + k)
    values?.fill(-Infinity, at + selected, at + k)
    while (size > 0) {
      keys[at + size - 1] = heapItem[0]!
      if (values !== undefined) values[at + size - 1] = heapScore[0]!
      size--
      if (size > 0) down(heapScore[size]!, heapItem[size]!)
    }
    return selected
  }
}

/** The `k` best of one row of scores, fewer where there are fewer. @throws PylonError bad-data where a score is NaN */
export function topKOf(scores: Float32Array, k: number): Hits {
  const size = Math.min(k, scores.length)
  const hits = { keys: new Int32Array(size), scores: new Float32Array(size) }
  const found = createTopK(size)(scores, 0, scores.length, hits.keys, 0, hits.scores)
  if (found < 0) throw badData('A score is not a number: the model has diverged; train it with a lower learning rate.')
  return { keys: hits.keys.subarray(0, found), scores: hits.scores.subarray(0, found) }
}
