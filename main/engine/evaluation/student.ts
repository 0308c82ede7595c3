/** Student's t beyond the upper tail of repeats.ts: either sign, and the noncentral one. */
import { studentTail } from './repeats.ts'

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
