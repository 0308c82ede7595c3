/**
 * Are two models, or two recipes of several seeds each, different, the same within a margin, or can nobody say yet? From users and
 * seeds together. The value of user u under seed s of side m is taken for
 *
 *   y(m, s, u) = mean(m) + user(m, u) + seed(m, s) + rest(m, s, u)
 *
 * with random users (the same ones on both sides) and random seeds (of each side its own). The difference of the grand means then varies by
 *
 *   V = s²(d)/n + Σ s²(seed means of m)/S(m) − Σ s²(rest of m)/(n·S(m))
 *
 * d: the users' differences of their means over seeds; n users; S(m) seeds. It is the two-way clustered variance (Cameron, Gelbach & Miller
 * 2011; Owen 2007 for crossed random effects): users and seeds each count the rest once, so it is taken off once. Its degrees of freedom are
 * Satterthwaite's (1946), the seeds of both sides taken to vary alike: where seeds are all that varies, and as many on each side, it is
 * Student's t-test. The interval is Student's.
 * "The same within ±x" is the two one-sided tests of Schuirmann (1987): the 90 % interval lies within ±x.
 */
import { badInput } from '../../contract/errors.ts'
import { falseDiscoveryRates } from './correction.ts'
import { mean, variance } from './moments.ts'
import { noncentralTail, studentQuantile, tailAbove } from './student.ts'

/** One side: a value of each user [n], a row a seed. */
export interface Side {
  readonly seeds: readonly Float64Array[]
  /** whether another seed would make another model; a model in closed form is what it is */
  readonly isRandom: boolean
}

/** A variance with its degrees of freedom. */
interface Part {
  readonly variance: number
  readonly df: number
}

/** What varies between two sides, of one user and one seed. */
interface Spread {
  readonly n: number
  /** of the users' true differences, and of the rest of each side */
  readonly users: number
  readonly sides: readonly SideSpread[]
}
interface SideSpread {
  readonly isRandom: boolean
  readonly count: number
  /** of the seeds' means as they were seen, the rest of n users in it */
  readonly seeds: number
  readonly rest: number
}

/** What the users and seeds that are there say. */
export interface Comparison {
  readonly meanA: number
  readonly meanB: number
  /** B less A */
  readonly difference: number
  readonly standardError: number
  readonly df: number
  /** whether it speaks of recipes (another seed counted in), or of these models alone */
  readonly ofRecipes: boolean
  /** share of the variance that other seeds make */
  readonly seedShare: number
  readonly spread: Spread
}

export const LEVEL = 0.95
const ALPHA = 1 - LEVEL
/** Of the interval that lies within ±x where two one-sided tests at ALPHA say "the same". */
export const INNER_LEVEL = 1 - 2 * ALPHA
const POWER = 0.8
const MAX_USERS = 1e9
const MAX_SEEDS = 1000

/** Mean over a side's seeds, and the sample deviation of their means; null of one. */
export function acrossSeeds({ seeds }: Side): { mean: number; sd: number | null } {
  const means = seeds.map(mean)
  return { mean: mean(means), sd: means.length < 2 ? null : Math.sqrt(variance(means)) }
}

/** Compares B with A, over the same users in the same order. At least one user and one seed on each side. */
export function compareSides(a: Side, b: Side): Comparison {
  const n = a.seeds[0]!.length
  const [meansA, meansB] = [overSeeds(a.seeds), overSeeds(b.seeds)]
  const differences = meansB.map((value, u) => value - meansA[u]!)
  const [meanA, meanB] = [mean(meansA), mean(meansB)]
  const sides = lent([sideSpread(a, meansA), sideSpread(b, meansB)])
  const ofUsers = { variance: variance(differences), df: n - 1 }
  const rest = sides.reduce((sum, side) => sum + side.rest / side.count, 0)
  const spread = { n, users: Math.max(0, ofUsers.variance - rest), sides }
  const { variance: all, df } = total(ofUsers, sides, n)
  return {
    meanA,
    meanB,
    difference: meanB - meanA,
    standardError: Math.sqrt(all),
    df,
    ofRecipes: sides.some(({ isRandom }) => isRandom),
    seedShare: all === 0 ? 0 : Math.min(1, Math.max(0, 1 - ofUsers.variance / n / all)),
    spread,
  }
}

/** The interval of the difference that holds the true one with probability `level`. */
export function intervalOf({ difference, standardError, df }: Comparison, level = LEVEL): { level: number; low: number; high: number } {
  const half = standardError === 0 ? 0 : studentQuantile((1 + level) / 2, df) * standardError
  return { level, low: difference - half, high: difference + half }
}

/** Two-sided p-value of no difference. */
export function pOf({ difference, standardError, df }: Comparison): number {
  if (standardError === 0) return difference === 0 ? 1 : 0
  return Math.min(1, 2 * tailAbove(Math.abs(difference) / standardError, df))
}

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

/** A side's seeds, each by its mean, and what neither its users nor its seeds explain. NaN for a random side of one seed. */
function sideSpread({ seeds, isRandom }: Side, ofUsers: Float64Array): SideSpread {
  const count = seeds.length
  if (!isRandom || count < 2) return { isRandom, count, seeds: isRandom ? NaN : 0, rest: isRandom ? NaN : 0 }
  const n = ofUsers.length
  const means = seeds.map(mean)
  const grand = mean(means)
  let squares = 0
  for (const [s, values] of seeds.entries()) for (let u = 0; u < n; u++) squares += (values[u]! - means[s]! - ofUsers[u]! + grand) ** 2
  return { isRandom, count, seeds: variance(means), rest: n < 2 ? 0 : squares / ((count - 1) * (n - 1)) }
}

/** A random side of one seed is taken to vary as the other; where neither has two, nothing is known of seeds, and nothing is said of them. */
function lent([a, b]: readonly [SideSpread, SideSpread]): readonly [SideSpread, SideSpread] {
  const lend = (to: SideSpread, from: SideSpread): SideSpread =>
    Number.isNaN(to.seeds) && from.isRandom && !Number.isNaN(from.seeds) ? { ...to, seeds: from.seeds, rest: from.rest } : to
  const [toA, toB] = [lend(a, b), lend(b, a)]
  const isKnown = [toA, toB].every(({ seeds }) => !Number.isNaN(seeds))
  return isKnown ? [toA, toB] : [withoutSeeds(a), withoutSeeds(b)]
}
const withoutSeeds = (side: SideSpread): SideSpread => ({ ...side, isRandom: false, seeds: 0, rest: 0 })

/**
 * The variance of the difference of n users' means, with Satterthwaite's degrees of freedom. What users truly differ by is not below 0,
 * however the rest was estimated, so that what seeds say is never taken off.
 */
function total(ofUsers: Part, sides: readonly SideSpread[], n: number): Part {
  const drawn = sides.filter(({ isRandom }) => isRandom)
  const seeds = drawn.map(({ seeds: all, count }) => all / count)
  const ofSeeds: Part = { variance: sum(seeds), df: seedFreedom(drawn) }
  const rest = drawn.map(({ rest: all, count }): Part => ({ variance: all / (n * count), df: Math.max(1, count - 1) * Math.max(1, n - 1) }))
  const users: Part = { ...ofUsers, variance: ofUsers.variance / n }
  const variance = ofSeeds.variance + Math.max(0, users.variance - sum(rest.map((part) => part.variance)))
  const squares = [users, ofSeeds, ...rest].reduce((all, part) => all + (part.df > 0 ? part.variance ** 2 / part.df : 0), 0)
  return { variance, df: squares === 0 ? 1 : Math.max(1, variance ** 2 / squares) }
}

/**
 * Degrees of freedom of the seeds' part, the seeds of both sides taken to vary alike: Welch's, by the variances as seen, fall with the luck of
 * either side where there are two or three seeds, and make the interval too wide (docs/verdicts.md). Of a lent side they are the lender's,
 * as it is one estimate.
 */
function seedFreedom(drawn: readonly SideSpread[]): number {
  const many = drawn.filter(({ count }) => count > 1)
  if (many.length < drawn.length) return Math.max(1, (many[0]?.count ?? 2) - 1)
  if (drawn.length === 0) return 1
  return sum(drawn.map(({ count }) => 1 / count)) ** 2 / sum(drawn.map(({ count }) => 1 / (count ** 2 * (count - 1))))
}
const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0)

function overSeeds(seeds: readonly Float64Array[]): Float64Array {
  return seeds[0]!.map((_, u) => seeds.reduce((sum, values) => sum + values[u]!, 0) / seeds.length)
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
