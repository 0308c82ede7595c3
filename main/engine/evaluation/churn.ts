/** How far ranked lists of one model differ from those of another, user by user. */
import { quantile } from './paired.ts'

/** Persistence of rank-biased overlap: of its weight 86 % lies on the first ten ranks. */
export const RBO_P = 0.9

/** Shared items of two lists. */
export function shared(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const of = new Set(Array.from(b))
  return Array.from(a).filter((item) => of.has(item)).length
}

/** |A ∩ B| / |A ∪ B|; 1 for two empty lists. */
export function jaccard(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const both = shared(a, b)
  const either = a.length + b.length - both
  return either === 0 ? 1 : both / either
}

/**
 * Rank-biased overlap of two lists without ties, extrapolated from where they end (Webber, Moffat & Zobel 2010, equation 32, which for lists
 * of one length is equation 23); 1 where both are empty, 0 where one is.
 */
export function rankBiasedOverlap(a: ArrayLike<number>, b: ArrayLike<number>, p = RBO_P): number {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a]
  const [s, l] = [short.length, long.length]
  if (s === 0) return l === 0 ? 1 : 0
  const [inShort, inLong] = [new Set<number>(), new Set<number>()]
  let [overlap, atShort, sum, weight] = [0, 0, 0, 1]
  for (let depth = 1; depth <= l; depth++) {
    const item = long[depth - 1]!
    inLong.add(item)
    if (inShort.has(item)) overlap++
    if (depth <= s) {
      const other = short[depth - 1]!
      inShort.add(other)
      if (inLong.has(other)) overlap++
    }
    weight *= p
    if (depth === s) atShort = overlap
    sum += (overlap / depth) * weight
    if (depth > s) sum += ((atShort * (depth - s)) / (s * depth)) * weight
  }
  return ((1 - p) / p) * sum + ((overlap - atShort) / l + atShort / s) * weight
}

export interface Spread {
  readonly mean: number
  readonly p10: number
  readonly p50: number
  readonly p90: number
}

/** Mean and tenths of values, one a user; zeros for nobody. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) return { mean: 0, p10: 0, p50: 0, p90: 0 }
  const sorted = values.toSorted((a, b) => a - b)
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return { mean, p10: quantile(sorted, 0.1), p50: quantile(sorted, 0.5), p90: quantile(sorted, 0.9) }
}
