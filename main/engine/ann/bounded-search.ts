/** Exact search by upper bounds of scores: only what may be among the best is scored. */
import type { ScoreBlock } from './score-block.ts'
import { createTopK, type Hits, topKOf } from './topk.ts'

/** Rows of the highest bounds that are scored first, for each that is to be found: the worst of the best of them says who else is scored. */
const FIRST = 3
/** Rows that are scored at most, for each that is to be found and of all: beyond that to score every row is as quick. */
const [PER_FOUND, SHARE] = [64, 1 / 8]
/** One bound in so many is looked at to guess how high the highest are, and this many of the sample must be higher. */
const [STRIDE, FEWEST] = [31, 3]

/**
 * The `k` best rows, best first, equal scores by row: what topKOf selects of the scores of all.
 * @param bounds not less than the scores of rows 0 to `count`, -Infinity where a row is not to be found; changed here
 * @param scoresOf scores of some rows; a view that its next call may overwrite
 * @returns null where too many rows may be among the best
 */
export function bestByBounds(bounds: ScoreBlock, count: number, k: number, scoresOf: (rows: Int32Array) => Float32Array): Hits | null {
  const most = Math.max(PER_FOUND * k, SHARE * count)
  const first = firstRows(bounds, count, k, most)
  const hits = best(first, k, scoresOf)
  // where there are fewer than k, these are all
  const threshold = hits.keys.length < k ? -Infinity : below(hits.scores.at(-1)!)
  for (const row of first) bounds.scores[row] = -Infinity
  const others = above(bounds, count, threshold, most)
  if (others === null) return null
  return others.length === 0 ? hits : best(Int32Array.of(...first, ...others).sort(), k, scoresOf)
}

/** At least `k` rows of the highest bounds, rising, or all there are. A sample guesses where they begin; a heap finds them where it is wrong. */
function firstRows(bounds: ScoreBlock, count: number, k: number, most: number): Int32Array {
  const guess = guessed(bounds.scores, count, FIRST * k)
  const rows = guess === -Infinity ? null : above(bounds, count, guess, most)
  if (rows !== null && rows.length >= k) return Int32Array.from(rows)
  const highest = new Int32Array(Math.min(FIRST * k, count))
  const found = createTopK(highest.length, bounds)(bounds.scores, 0, count, highest, 0)
  return highest.subarray(0, Math.max(0, found)).sort()
}

/** A number that about as many bounds are above as are wanted; -Infinity where a sample cannot tell. */
function guessed(bounds: Float32Array, count: number, wanted: number): number {
  const highest = new Float32Array(Math.max(FEWEST, Math.ceil(wanted / STRIDE))).fill(-Infinity) // rising
  for (let i = 0; i < count; i += STRIDE) {
    const bound = bounds[i]!
    if (!(bound > highest[0]!)) continue
    let at = 1
    for (; at < highest.length && highest[at]! < bound; at++) highest[at - 1] = highest[at]!
    highest[at - 1] = bound
  }
  return highest[0]!
}

/** Rows whose bound is above a threshold, rising; null where they are more than `most`. */
function above(bounds: ScoreBlock, count: number, threshold: number, most: number): number[] | null {
  const rows: number[] = []
  for (let row = bounds.next(0, count, threshold); row < count; row = bounds.next(row + 1, count, threshold))
    if (rows.push(row) > most) return null
  return rows
}

function best(rows: Int32Array, k: number, scoresOf: (rows: Int32Array) => Float32Array): Hits {
  const { keys, scores } = topKOf(scoresOf(rows), k)
  return { keys: keys.map((i) => rows[i]!), scores }
}

/** A float32 that is smaller: a bound that equals the worst score is above it. */
const below = (score: number): number => Math.fround(score - Math.max(1e-37, Math.abs(score) * 2 ** -20))
