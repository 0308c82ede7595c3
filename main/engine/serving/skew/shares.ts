/** Two samples of codes compared: the population stability index, and whether it is more than chance. */
import { random } from '../../training/random.ts'

/** Values of each sample that are permuted at most, and permutations. */
const [SAMPLE, PERMUTATIONS] = [4000, 999]

/** Shares of `bins` codes. */
export function sharesOf(codes: Int32Array, bins: number): Float64Array {
  const shares = new Float64Array(bins)
  for (const code of codes) shares[code]!++
  return shares.map((count) => count / codes.length)
}

/**
 * Population stability index Σ (now − before)·ln(now / before) (Siddiqi 2006, ch. 8), a symmetrised Kullback–Leibler divergence. Half a
 * value is added to each bin, so that an empty one is not infinitely far.
 */
export function stabilityIndex(before: Int32Array, now: Int32Array, bins: number): number {
  const [a, b] = [before, now].map((codes) => {
    const counts = new Float64Array(bins).fill(0.5)
    for (const code of codes) counts[code]!++
    return counts.map((count) => count / (codes.length + 0.5 * bins))
  })
  return a!.reduce((sum, share, i) => sum + (b![i]! - share) * Math.log(b![i]! / share), 0)
}

/** One-sided p-value of a permutation test of {@link stabilityIndex}: which sample a value is of was as likely the other way. */
export function permutationTest(before: Int32Array, now: Int32Array, bins: number, seed: number): number {
  const rng = random(seed, 'permutation')
  const some = (codes: Int32Array): Int32Array =>
    codes.length <= SAMPLE ? codes : Int32Array.from({ length: SAMPLE }, () => codes[rng.below(codes.length)]!)
  const [a, b] = [some(before), some(now)]
  const observed = stabilityIndex(a, b, bins)
  const all = Int32Array.of(...a, ...b)
  let asFar = 0
  for (let n = 0; n < PERMUTATIONS; n++) {
    for (let i = 0; i < a.length; i++) {
      const j = i + rng.below(all.length - i)
      ;[all[i], all[j]] = [all[j]!, all[i]!]
    }
    if (stabilityIndex(all.subarray(0, a.length), all.subarray(a.length), bins) >= observed - 1e-12) asFar++
  }
  return (asFar + 1) / (PERMUTATIONS + 1)
}
