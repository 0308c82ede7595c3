/**
 * Are two models, or two recipes of several seeds each, different, the same within a margin, or can nobody say yet? From users and
 * seeds together (crossed.ts). "The same within ±x" is the two one-sided tests of Schuirmann (1987): the 90 % interval lies within ±x.
 */
import { badInput } from '../../contract/errors.ts'
import { falseDiscoveryRates } from './correction.ts'
import { acrossSeeds, type Comparison, compareSides, LEVEL, pOf, type Side, total } from './crossed.ts'
import { noncentralTail, studentQuantile, tailAbove } from './student.ts'

const ALPHA = 1 - LEVEL
/** Of the interval that lies within ±x where two one-sided tests at ALPHA say "the same". */
export const INNER_LEVEL = 1 - 2 * ALPHA
const POWER = 0.8
const MAX_USERS = 1e9
const MAX_SEEDS = 1000

/** p-value of a difference of `margin` or more, either way: the greater of the two one-sided ones. */
export function pSame({ difference, standardError, df }: Comparison, margin: number): number {
  const room = margin - Math.abs(difference)
  if (standardError === 0) return room > 0 ? 0 : 1
  return tailAbove(room / standardError, df)
}

/** The same within the margin goes before different: a difference may be certain and too small to matter. */
export function decide(compared: Comparison, margin: number): 'different' | 'same' | 'unknown' {
  return pSame(compared, margin) < ALPHA ? 'same' : pOf(compared) < ALPHA ? 'different' : 'unknown'
}

/** The probability that a true difference of `size` is told from none, with so many users and seeds of each side that has any. */
export function powerOf({ spread }: Pick<Comparison, 'spread'>, size: number, { users, seeds }: { users: number; seeds?: number }): number {
  const sides = spread.sides.map((side) => ({ ...side, count: side.isRandom ? (seeds ?? side.count) : side.count }))
  // what n users saw of a seed's mean has the rest in it; with others there is more or less of that
  const scaled = sides.map((side) => ({ ...side, seeds: Math.max(0, side.seeds - side.rest / spread.n) + side.rest / users }))
  const rest = sides.reduce((sum, side) => sum + side.rest / side.count, 0)
  const { variance: all, df } = total({ variance: spread.users + rest, df: users - 1 }, scaled, users)
  if (all === 0) return 1
  const critical = studentQuantile(1 - ALPHA / 2, df)
  return Math.min(1, noncentralTail(critical, df, size / Math.sqrt(all)))
}

/** Users with the seeds there are, and seeds with the users there are, that tell a difference of `size`; null where no number would do. */
export function neededFor(
  compared: Pick<Comparison, 'spread' | 'ofRecipes'>,
  size: number,
): { power: number; users: number | null; seeds: number | null } {
  const { n, sides } = compared.spread
  const bySeeds = compared.ofRecipes && sides.some(({ isRandom }) => isRandom)
  return {
    power: POWER,
    users: least(2, MAX_USERS, (users) => powerOf(compared, size, { users }) >= POWER),
    seeds: bySeeds ? least(2, MAX_SEEDS, (seeds) => powerOf(compared, size, { users: n, seeds }) >= POWER) : null,
  }
}

/** The least whole number from `low` to `high` that is enough, where every greater one is too; null: none is. */
function least(low: number, high: number, isEnough: (value: number) => boolean): number | null {
  if (!isEnough(high)) return null
  let [from, to] = [low, high]
  while (from < to) {
    const middle = Math.floor((from + to) / 2)
    if (isEnough(middle)) to = middle
    else from = middle + 1
  }
  return from
}

/** A margin as typed, of these two: a number, or a percentage of the better mean. @throws PylonError bad-input where it is 0 */
export function marginOf(text: string, { meanA, meanB }: Pick<Comparison, 'meanA' | 'meanB'>): number {
  const number = Number.parseFloat(text)
  if (!(number > 0)) throw badInput('A margin is above 0.', 'within')
  return text.endsWith('%') ? (number / 100) * Math.max(meanA, meanB) : number
}

/**
 * By metric the row of a table that is the best, where it is told from each other row: p-values of the best against all others, all
 * metrics together corrected by Benjamini & Hochberg. A metric that not all rows have is not told.
 * @param sidesOf the rows by a metric; asked for one metric after the other
 */
export function bestRows(metrics: readonly string[], sidesOf: (metric: string) => readonly (Side | null)[]): Record<string, number> {
  const tests = metrics.flatMap((metric) => {
    const all = sidesOf(metric)
    const sides = all.filter((side) => side !== null)
    if (sides.length < 2 || sides.length < all.length) return []
    const means = sides.map((side) => acrossSeeds(side).mean)
    const best = means.indexOf(Math.max(...means))
    return sides.flatMap((side, i) => (i === best ? [] : [{ metric, best, p: pOf(compareSides(side, sides[best]!)) }]))
  })
  const adjusted = falseDiscoveryRates(tests.map(({ p }) => p))
  const unclear = new Set(tests.filter((_, i) => adjusted[i]! >= ALPHA).map(({ metric }) => metric))
  return Object.fromEntries(tests.filter(({ metric }) => !unclear.has(metric)).map(({ metric, best }) => [metric, best]))
}
