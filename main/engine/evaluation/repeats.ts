/**
 * The mean of a measurement that was repeated (over seeds, over permutations) on the same users, with an interval that holds for other
 * repeats and other users alike: the variance of the users' means over n, and that of the repeats' means over their number, are added
 * (a two-way random-effects model without the interaction's own term, which both of them hold: so it is wide rather than narrow), and
 * Student's t has the degrees of freedom of Satterthwaite (1946). And p-values corrected for their number.
 */

export interface MeanInterval {
  readonly mean: number
  /** of 95 % */
  readonly low: number
  readonly high: number
  /** two-sided, of a mean of 0 */
  readonly p: number
}

const LEVEL = 0.95

/** @param values [repeats][users]: of every repeat the same users. Of one repeat it speaks of other users alone. */
export function meanOfRepeats(values: readonly Float64Array[]): MeanInterval {
  const [repeats, users] = [values.length, values[0]?.length ?? 0]
  if (users === 0) return { mean: 0, low: 0, high: 0, p: 1 }
  const ofUsers = Float64Array.from({ length: users }, (_, q) => values.reduce((sum, each) => sum + each[q]!, 0) / repeats)
  const ofRepeats = Float64Array.from(values, (each) => moments(each).mean)
  const { mean, variance } = moments(ofUsers)
  const [a, b] = [variance / users, moments(ofRepeats).variance / repeats]
  if (a + b === 0) return { mean, low: mean, high: mean, p: mean === 0 ? 1 : 0 }
  const part = (share: number, n: number): number => (share === 0 ? 0 : (share * share) / (n - 1))
  const freedom = (a + b) ** 2 / (part(a, users) + part(b, repeats))
  const error = Math.sqrt(a + b)
  const width = studentQuantile((1 + LEVEL) / 2, freedom) * error
  return { mean, low: mean - width, high: mean + width, p: 2 * studentTail(Math.abs(mean) / error, freedom) }
}

/** Mean and sample variance; a variance of 0 for fewer than two. */
export function moments(values: Float64Array): { mean: number; variance: number } {
  const n = values.length
  if (n === 0) return { mean: 0, variance: 0 }
  const mean = values.reduce((sum, value) => sum + value, 0) / n
  return { mean, variance: n < 2 ? 0 : values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1) }
}

/**
 * p-values with the false discovery rate that calling them and all smaller ones findings would have (Benjamini & Hochberg 1995). `of`: of how
 * many tests they are the smallest.
 */
export function falseDiscoveryRates(values: readonly number[], of = values.length): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[b]! - values[a]!)
  const adjusted = new Array<number>(values.length)
  let most = 1
  for (const [place, i] of order.entries()) adjusted[i] = most = Math.min(most, (values[i]! * of) / (values.length - place))
  return adjusted
}

/** P(T > t) of Student's t for t ≥ 0. */
export function studentTail(t: number, freedom: number): number {
  return betaShare(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2
}

/** The t that a share of Student's distribution lies below, for a share above a half. By bisection, to 1e-12. */
export function studentQuantile(share: number, freedom: number): number {
  let [low, high] = [0, 1]
  while (studentTail(high, freedom) > 1 - share) high *= 2
  while (high - low > 1e-12 * high) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    if (studentTail(middle, freedom) > 1 - share) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** The regularised incomplete beta function by its continued fraction (Lentz; Press et al. 2007, § 6.4). */
function betaShare(a: number, b: number, x: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  if (x > (a + 1) / (a + b + 2)) return 1 - betaShare(b, a, 1 - x)
  const tiny = 1e-300
  let [c, d] = [1, 1 / nonZero(1 - ((a + b) * x) / (a + 1))]
  let fraction = d
  for (let m = 1; m <= 10_000; m++) {
    for (const term of [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ]) {
      d = 1 / nonZero(1 + term * d)
      c = nonZero(1 + term / c)
      fraction *= c * d
    }
    if (Math.abs(c * d - 1) < 1e-15) break
  }
  return (Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) * fraction) / a

  function nonZero(value: number): number {
    return Math.abs(value) < tiny ? tiny : value
  }
}

const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905, -0.13857109526572012,
  9.9843695780195716e-6, 1.5056327351493116e-7,
]

/** log Γ(x) for x > 0 (Lanczos 1964, g = 7), to about 1e-14. */
function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  const at = x - 1
  const t = at + LANCZOS.length - 0.5
  const sum = LANCZOS.reduce((total, coefficient, i) => total + coefficient / (at + i + 1), 0.99999999999980993)
  return 0.5 * Math.log(2 * Math.PI) + (at + 0.5) * Math.log(t) - t + Math.log(sum)
}
