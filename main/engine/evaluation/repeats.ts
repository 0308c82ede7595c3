/**
 * The mean of a measurement that was repeated (over seeds, over permutations) on the same users, with an interval that holds for other
 * repeats and other users alike: the variance of the users' means over n, and that of the repeats' means over their number, are added
 * (a two-way random-effects model without the interaction's own term, which both of them hold: so it is wide rather than narrow), and
 * Student's t has the degrees of freedom of Satterthwaite (1946).
 */
import { mean as meanOf, variance } from './moments.ts'
import { studentQuantile, studentTail } from './student.ts'

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
  const mean = meanOf(ofUsers)
  const [a, b] = [variance(ofUsers) / users, variance(values.map(meanOf)) / repeats]
  if (a + b === 0) return { mean, low: mean, high: mean, p: mean === 0 ? 1 : 0 }
  const part = (share: number, n: number): number => (share === 0 ? 0 : (share * share) / (n - 1))
  const freedom = (a + b) ** 2 / (part(a, users) + part(b, repeats))
  const error = Math.sqrt(a + b)
  const width = studentQuantile((1 + LEVEL) / 2, freedom) * error
  return { mean, low: mean - width, high: mean + width, p: 2 * studentTail(Math.abs(mean) / error, freedom) }
}
