/**
 * Is the mean of paired differences more than chance? A percentile bootstrap interval of the mean (Efron & Tibshirani 1993, ch. 13),
 * and a randomisation test that flips the signs of the differences (Fisher 1935; Smucker, Allan & Carterette 2007 for retrieval).
 * Both draw from named streams of a seed, so that the same question has the same answer.
 */
import { random } from '../training/random.ts'

/** Draws over all queries that a test may cost: about a second. */
const BUDGET = 2e8
const MAX_SAMPLES = 10_000
const MIN_SAMPLES = 1_000

/** Resamples for `n` queries: 10,000 up to 20,000 queries, fewer beyond, never below 1,000. */
export function resamples(n: number): number {
  return Math.max(MIN_SAMPLES, Math.min(MAX_SAMPLES, Math.floor(BUDGET / Math.max(1, n))))
}

/** The interval that holds the mean with probability `level`. [0, 0] for no queries. */
export function bootstrapInterval(
  differences: Float64Array,
  { seed, level = 0.95, samples = resamples(differences.length) }: { seed: number; level?: number; samples?: number },
): { low: number; high: number; samples: number } {
  const n = differences.length
  if (n === 0) return { low: 0, high: 0, samples }
  const rng = random(seed, 'bootstrap')
  const means = new Float64Array(samples)
  for (let s = 0; s < samples; s++) {
    let sum = 0
    for (let i = 0; i < n; i++) sum += differences[rng.below(n)]!
    means[s] = sum / n
  }
  means.sort()
  return { low: quantile(means, (1 - level) / 2), high: quantile(means, (1 + level) / 2), samples }
}

/**
 * Two-sided p-value of the hypothesis that either sign of each difference was as likely: the share of sign patterns whose mean is as
 * far from 0, the observed one among them. Ties add nothing to any mean and are left out.
 */
export function randomisationTest(
  differences: Float64Array,
  { seed, samples = resamples(differences.length) }: { seed: number; samples?: number },
): { p: number; samples: number } {
  const sizes = differences.filter((value) => value !== 0).map(Math.abs)
  const observed = Math.abs(differences.reduce((sum, value) => sum + value, 0))
  const slack = 1e-12 * sizes.reduce((sum, value) => sum + value, 0) // sums in another order differ in their last bits
  const rng = random(seed, 'randomisation')
  let asFar = 0
  for (let s = 0; s < samples; s++) {
    let sum = 0
    let bits = 0
    for (let i = 0; i < sizes.length; i++) {
      if ((i & 31) === 0) bits = rng.uint32()
      sum += (bits & 1) === 1 ? sizes[i]! : -sizes[i]!
      bits >>>= 1
    }
    if (Math.abs(sum) >= observed - slack) asFar++
  }
  return { p: (asFar + 1) / (samples + 1), samples }
}

/** Of ascending values, linear between order statistics (Hyndman & Fan 1996, type 7; NumPy's default). */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const at = (sorted.length - 1) * share
  const below = Math.floor(at)
  const [low, high] = [sorted[below]!, sorted[Math.min(sorted.length - 1, below + 1)]!]
  return low + (at - below) * (high - low)
}
