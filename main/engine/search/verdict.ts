/** The finals of a search compared on the validation part: users' values averaged over the seeds, the winner against each other one. */
import type { SearchVerdict } from '../../contract/shapes/search.ts'
import type { HeldOut } from '../evaluation/held-out.ts'
import { bootstrapInterval, randomisationTest } from '../evaluation/paired.ts'
import { type MetricAt, queryValues } from '../evaluation/ranks.ts'

export interface Final {
  readonly trial: number
  readonly runs: readonly string[]
  /** of each run: the ranks of what is held out */
  readonly ranks: readonly Int32Array[]
}

/** @param finals at least one, with as many seeds each */
export function verdictOf(held: HeldOut, finals: readonly Final[], { metric, seed }: { metric: MetricAt; seed: number }): SearchVerdict {
  const measured = finals.map(({ trial, runs, ranks }) => {
    const values = ranks.map((each) => queryValues(held, each, metric))
    const users = Float64Array.from(held.users, (_, q) => meanOf(values.map((each) => each[q]!)))
    return { trial, runs: [...runs], users, mean: meanOf(users), sd: deviation(values.map(meanOf)) }
  })
  const [winner, ...others] = measured.toSorted((a, b) => b.mean - a.mean)
  const pairs = others.map(({ trial, users }) => {
    const differences = winner!.users.map((value, q) => value - users[q]!)
    const { low, high } = bootstrapInterval(differences, { seed })
    return { trial, difference: meanOf(differences), interval: { level: 0.95, low, high }, p: randomisationTest(differences, { seed }).p }
  })
  const adjusted = holm(pairs.map(({ p }) => p))
  return {
    winner: winner!.trial,
    users: held.users.length,
    finals: measured.map(({ users: _, ...told }) => told),
    pairs: pairs.map((pair, i) => ({ ...pair, adjusted: adjusted[i]! })),
  }
}

/** p-values corrected for their number (Holm 1979): step by step from the smallest, never falling. */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!)
  const adjusted = new Array<number>(values.length)
  let least = 0
  for (const [rank, i] of order.entries()) adjusted[i] = least = Math.max(least, Math.min(1, values[i]! * (values.length - rank)))
  return adjusted
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return values.length === 0 ? 0 : sum / values.length
}

/** Sample standard deviation; null of fewer than two. */
function deviation(values: readonly number[]): number | null {
  const mean = meanOf(values)
  return values.length < 2 ? null : Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))
}
