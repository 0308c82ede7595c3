/**
 * The normal distribution cut off at both ends, in logarithms, so that tails far from the mean keep their digits. The error function is
 * that of FreeBSD's msun (s_erf.c, Sun Microsystems 1993), good to the last digits.
 */

const LOG_ROOT_2_PI = 0.5 * Math.log(2 * Math.PI)

/** c[0] + c[1]·x + … */
function polynomial(x: number, coefficients: readonly number[]): number {
  let sum = 0
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + coefficients[i]!
  return sum
}

const ERX = 8.45062911510467529297e-1
const PP = [
  1.28379167095512558561e-1, -3.2504210724700149937e-1, -2.84817495755985104766e-2, -5.77027029648944159157e-3, -2.37630166566501626084e-5,
]
const QQ = [
  1, 3.97917223959155352819e-1, 6.50222499887672944485e-2, 5.08130628187576562776e-3, 1.32494738004321644526e-4, -3.9602282787753681232e-6,
]
const PA = [
  -2.36211856075265944077e-3, 4.14856118683748331666e-1, -3.72207876035701323847e-1, 3.18346619901161753674e-1, -1.10894694282396677476e-1,
  3.54783043256182359371e-2, -2.166375594868790843e-3,
]
const QA = [
  1, 1.06420880400844228286e-1, 5.40397917702171048937e-1, 7.18286544141962662868e-2, 1.26171219808761642112e-1, 1.36370839120290507362e-2,
  1.1984499846799107417e-2,
]
const RA = [
  -9.86494403484714822705e-3, -6.93858572707181764372e-1, -1.05586262253232909814e1, -6.23753324503260060396e1, -1.62396669462573470355e2,
  -1.84605092906711035994e2, -8.12874355063065934246e1, -9.81432934416914548592,
]
const SA = [
  1, 1.96512716674392571292e1, 1.376577541435190426e2, 4.34565877475229228821e2, 6.45387271733267880336e2, 4.29008140027567833386e2,
  1.08635005541779435134e2, 6.57024977031928170135, -6.04244152148580987438e-2,
]
const RB = [
  -9.86494292470009928597e-3, -7.99283237680523006574e-1, -1.77579549177547519889e1, -1.60636384855821916062e2, -6.37566443368389627722e2,
  -1.02509513161107724954e3, -4.83519191608651397019e2,
]
const SB = [
  1, 3.03380607434824582924e1, 3.25792512996573918826e2, 1.53672958608443695994e3, 3.19985821950859553908e3, 2.55305040643316442583e3,
  4.74528541206955367215e2, -2.24409524465858183362e1,
]

/** 1 − erf(x) for x ≥ 1.25. */
function erfcTail(x: number): number {
  if (x >= 28) return 0
  const s = 1 / (x * x)
  const ratio = x < 1 / 0.35 ? polynomial(s, RA) / polynomial(s, SA) : polynomial(s, RB) / polynomial(s, SB)
  // the upper bits of x squared are exact, so that exp loses none of its digits
  const upper = Math.fround(x)
  return (Math.exp(-upper * upper - 0.5625) * Math.exp((upper - x) * (upper + x) + ratio)) / x
}

/** The complementary error function. */
export function erfc(x: number): number {
  const size = Math.abs(x)
  if (size < 0.84375) {
    const z = x * x
    return 1 - (x + (x * polynomial(z, PP)) / polynomial(z, QQ))
  }
  if (size < 1.25) {
    const s = size - 1
    const erf = ERX + polynomial(s, PA) / polynomial(s, QA)
    return x >= 0 ? 1 - erf : 1 + erf
  }
  return x >= 0 ? erfcTail(x) : 2 - erfcTail(size)
}

/** log Φ(x). */
export function logNormalCdf(x: number): number {
  if (x > 6) return -0.5 * erfc(x * Math.SQRT1_2)
  if (x > -20) return Math.log(0.5 * erfc(-x * Math.SQRT1_2))
  // asymptotic series (Abramowitz & Stegun 26.2.12)
  let [sum, term, last] = [1, 1, 0]
  for (let i = 1; Math.abs(last - sum) > Number.EPSILON; i++) {
    last = sum
    term *= -(2 * i - 1) / (x * x)
    sum += term
  }
  return -0.5 * x * x - Math.log(-x) - LOG_ROOT_2_PI + Math.log(sum)
}

const logDifference = (p: number, q: number): number => p + Math.log1p(-Math.exp(q - p))
function logSum(p: number, q: number): number {
  const most = Math.max(p, q)
  return most === -Infinity ? most : most + Math.log1p(Math.exp(Math.min(p, q) - most))
}

/** log (Φ(b) − Φ(a)) for a ≤ b, worked out in the tail where it is exact. */
export function logNormalMass(a: number, b: number): number {
  if (b <= 0) return logDifference(logNormalCdf(b), logNormalCdf(a))
  if (a > 0) return logDifference(logNormalCdf(-a), logNormalCdf(-b))
  return Math.log1p(-0.5 * erfc(-a * Math.SQRT1_2) - 0.5 * erfc(b * Math.SQRT1_2))
}

/** log of the normal density of mean 0 and variance 1. */
export const logNormalPdf = (x: number): number => -0.5 * x * x - LOG_ROOT_2_PI

/** The x of log Φ(x) = y, by Newton's method from the tail's asymptote or the logistic curve near the middle. */
function inverseLogCdf(y: number): number {
  const flipped = y > -1e-2
  const z = flipped ? Math.log(-Math.expm1(y)) : y
  let x = z < -5 ? -Math.sqrt(-2 * (z + LOG_ROOT_2_PI)) : (-Math.sqrt(3) / Math.PI) * Math.log(Math.expm1(-z))
  for (let i = 0; i < 100; i++) {
    const log = logNormalCdf(x)
    const change = (log - z) * Math.exp(log - logNormalPdf(x))
    x -= change
    if (Math.abs(change) < 1e-12 * Math.abs(x)) break
  }
  return flipped ? -x : x
}

/** The value below which a share of the normal distribution between a and b lies. */
export function truncatedQuantile(share: number, a: number, b: number): number {
  const mass = logNormalMass(a, b)
  const x =
    a < 0
      ? inverseLogCdf(logSum(logNormalCdf(a), Math.log(share) + mass))
      : -inverseLogCdf(logSum(logNormalCdf(-b), Math.log1p(-share) + mass))
  return Math.min(b, Math.max(a, Number.isNaN(x) ? a : x))
}
