/** Student's t: its tails and quantiles, and the upper tail of the noncentral one. */

/** With so many degrees of freedom it is the normal distribution to about 1e-7. */
const NORMAL_DF = 1e6

/** P(T > t) for t of either sign. */
export function tailAbove(t: number, df: number): number {
  const tail = studentTail(Math.abs(t), Math.min(df, NORMAL_DF))
  return t >= 0 ? tail : 1 - tail
}

/**
 * P(T' > t) of the noncentral t with centre `shift`: the probability that a difference is told. The normal approximation of Johnson &
 * Welch (1940), within .015 from two degrees of freedom on where t is a quantile of 5 % and less.
 */
export function noncentralTail(t: number, df: number, shift: number): number {
  const n = Math.min(df, NORMAL_DF)
  return tailAbove((t * (1 - 1 / (4 * n)) - shift) / Math.sqrt(1 + (t * t) / (2 * n)), NORMAL_DF)
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
