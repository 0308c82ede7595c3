/**
 * Users crossed with repeats (seeds, permutations): how far a mean, or the difference of two, would be otherwise with other users and other
 * repeats. The value of user u under seed s of side m is taken for
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
 * Student's t-test. The interval is Student's. A mean alone is the difference from a side that is 0 for everybody.
 */
import { mean, variance } from './moments.ts'
import { studentQuantile, tailAbove } from './student.ts'

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

/** A mean, its interval at {@link LEVEL}, and the two-sided p-value of a mean of 0. */
export interface MeanInterval {
  readonly mean: number
  readonly low: number
  readonly high: number
  readonly p: number
}

/** The mean of what was measured again and again. @param values [repeats][users]: of every repeat the same users. Of one repeat it speaks of other users alone. */
export function meanOfRepeats(values: readonly Float64Array[]): MeanInterval {
  const users = values[0]?.length ?? 0
  if (users === 0) return { mean: 0, low: 0, high: 0, p: 1 }
  const compared = compareSides({ seeds: [new Float64Array(users)], isRandom: false }, { seeds: values, isRandom: true })
  const { low, high } = intervalOf(compared)
  return { mean: compared.difference, low, high, p: pOf(compared) }
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
 * however the rest was estimated, so that what seeds say is never taken off. In the degrees of freedom alone the seeds' variance stands at
 * what it is below in three of four cases: of two or three seeds it is small by luck often enough, and then it would both make the interval
 * narrow and hide that it rests on so few (docs/verdicts.md).
 */
export function total(ofUsers: Part, sides: readonly SideSpread[], n: number): Part {
  const drawn = sides.filter(({ isRandom }) => isRandom)
  const seeds = drawn.map(({ seeds: all, count }) => all / count)
  const ofSeeds: Part = { variance: sum(seeds), df: seedFreedom(drawn) }
  const rest = drawn.map(({ rest: all, count }): Part => ({ variance: all / (n * count), df: Math.max(1, count - 1) * Math.max(1, n - 1) }))
  const users: Part = { ...ofUsers, variance: ofUsers.variance / n }
  const alone = Math.max(0, users.variance - sum(rest.map((part) => part.variance)))
  const upper = { ...ofSeeds, variance: ofSeeds.variance / lowerQuartile(ofSeeds.df) }
  const squares = [users, upper, ...rest].reduce((all, part) => all + (part.df > 0 ? part.variance ** 2 / part.df : 0), 0)
  return { variance: ofSeeds.variance + alone, df: squares === 0 ? 1 : Math.max(1, (upper.variance + alone) ** 2 / squares) }
}

/** The lower quartile of χ² over its degrees of freedom (Wilson & Hilferty 1931), to 3 %. */
function lowerQuartile(df: number): number {
  const spread = 2 / (9 * df)
  return (1 - spread - 0.6745 * Math.sqrt(spread)) ** 3
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
