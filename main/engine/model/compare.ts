/** Queries compared with every item, in plain numbers: 15 ns an item of width 64, the same on every machine to rounding. */
import type { VectorMetric } from '../../contract/shapes/spec.ts'

/**
 * Raises out[key] to the item's score where that is more. `cosine`: of a query of length 1. NaN is let through, and
 * reported when ranked.
 */
export function compare(
  vectors: Float32Array,
  query: Float32Array,
  by: VectorMetric,
  alive: Uint8Array,
  filter: Uint8Array | null,
  out: Float32Array,
): void {
  const dim = query.length
  for (let key = 0; key < out.length; key++) {
    if (alive[key] === 0 || filter?.[key] === 0) continue
    let score = 0
    let at = key * dim
    if (by === 'dot') for (let j = 0; j < dim; j++, at++) score += vectors[at]! * query[j]!
    else if (by === 'euclidean') for (let j = 0; j < dim; j++, at++) score -= (vectors[at]! - query[j]!) ** 2
    else {
      let square = 0
      for (let j = 0; j < dim; j++, at++) {
        score += vectors[at]! * query[j]!
        square += vectors[at]! * vectors[at]!
      }
      score = square === 0 ? 0 : score / Math.sqrt(square)
    }
    if (!(score <= out[key]!)) out[key] = score
  }
}

/** Raises out[key] to the item's score where that is more, as {@link compare} does. */
export function raise(scores: Float32Array, alive: Uint8Array, filter: Uint8Array | null, out: Float32Array): void {
  for (let key = 0; key < out.length; key++)
    if (alive[key] === 1 && filter?.[key] !== 0 && !(scores[key]! <= out[key]!)) out[key] = scores[key]!
}

/** Inner products of some rows, each summed as {@link compare} does. */
export function productsOf(vectors: Float32Array, query: Float32Array, rows: ArrayLike<number>): Float32Array {
  const dim = query.length
  return Float32Array.from(rows, (row) => {
    let score = 0
    for (let j = 0, at = row * dim; j < dim; j++, at++) score += vectors[at]! * query[j]!
    return score
  })
}
