/**
 * The shape of a model's vectors, watched while it trains: a falling loss says little about a model that puts everything in one place.
 * All numbers are of samples that the caller draws; 500 users against 40,000 items cost about 0.2 s.
 */
import type { Metrics } from '../../contract/shapes/protocol.ts'
import { normaliseRows } from '../ann/scale-vectors.ts'
import { dotAt } from '../compute/dot.ts'
import { symmetricEigen } from '../compute/eigen.ts'
import { clusterBalance, type ClusterMetric } from './clusters.ts'

/** Prefix of these numbers among an epoch's. */
export const GEOMETRY = 'geometry.'

export interface GeometryInput {
  readonly dim: number
  /** [users × dim] of the sample, and of each user an item they are known to like */
  readonly users: Float32Array
  readonly liked: Int32Array
  /** [items × dim], all of them */
  readonly items: Float32Array
  /** training interactions of each item */
  readonly itemCounts: Int32Array
  /** [users × K] the items each user would get, best first */
  readonly lists: Int32Array
  /** how the model's vectors are served; under cosine lengths say nothing */
  readonly metric: ClusterMetric
}

/** Items of a uniformity or a rank: as many as give it two digits. */
const SAMPLE = 1000
/** Items that are clustered: over 100 a cluster. */
const CLUSTERED = 4000

/**
 * `alignment`: mean |u − v|² of pairs that belong together; `uniformity.users`, `uniformity.items`: log mean e^(−2|x −
 * y|²), about −4 for directions spread evenly and 0 where all are one (Wang & Isola 2020); `effectiveRank`: e^entropy
 * of the item vectors' normalised singular values, of at most dim (Roy & Vetterli 2007); `normPopularity`: rank
 * correlation of an item's length with its count; `sameTop10`: share of the users who get the most common set of 10
 * items; `clusterBalance` and `largestCluster`: how even the clusters of an inverted-file index would be (clusters.ts),
 * where there are items enough.
 */
export function geometryOf({ dim, users, liked, items, itemCounts, lists, metric }: GeometryInput): Metrics {
  const u = normaliseRows(users, dim)
  const v = normaliseRows(items, dim)
  const values: Record<string, number> = {
    alignment: alignment(u, v, liked, dim),
    'uniformity.users': uniformity(u, dim),
    'uniformity.items': uniformity(v, dim),
    effectiveRank: effectiveRank(items, dim),
    sameTop10: largestShare(lists, users.length / dim),
  }
  if (metric !== 'cosine') values['normPopularity'] = rankCorrelation(lengths(items, dim), itemCounts)
  const clusters = clusterBalance(someRows(metric === 'cosine' ? v : items, dim, CLUSTERED), dim, metric, 0)
  if (clusters !== null) Object.assign(values, { clusterBalance: clusters.balance, largestCluster: clusters.largest })
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [GEOMETRY + name, value]))
}

/**
 * What is wrong with a model of such a geometry, and what to do about it; null where nothing is. Towers that begin with all vectors in one
 * direction, as attention over what items say does, need some epochs to spread them: while they do, nothing is wrong.
 * @param of an epoch's numbers
 * @param before those of the epoch before it; null: the first
 */
export function collapseOf(of: Metrics, before: Metrics | null): string | null {
  if (before === null) return null
  const [same = 0, rank = Infinity, spread = -Infinity, popular = 0] = [
    'sameTop10',
    'effectiveRank',
    'uniformity.items',
    'normPopularity',
  ].map((name) => of[GEOMETRY + name])
  const remedy = 'Lower the learning rates, lower match.temperature, or give the loss more negatives; with directau raise loss.gamma.'
  const falls = (name: string, by: number): boolean => (before[GEOMETRY + name] ?? -Infinity) - (of[GEOMETRY + name] ?? 0) > by
  if (falls('uniformity.items', 0.05)) return null
  if (spread > -0.5) {
    return `The model has collapsed: all items point the same way (uniformity ${spread.toFixed(2)}, evenly spread would be near -4). ${remedy}`
  }
  if (rank < 2.5) return `The model has collapsed: its items use ${rank.toFixed(1)} dimensions. ${remedy}`
  if (same <= 0.5 || falls('sameTop10', 0.02)) return null
  const share = `${Math.round(100 * same)} % of the users get the same 10 items`
  return popular > 0.5
    ? `${share}, because long item vectors are the popular ones (rank correlation ${popular.toFixed(2)}). Use match.kind cosine, or the logQ correction.`
    : `${share}: the user tower tells them apart too little. Give it features or a history, or train longer with more negatives.`
}

/** By how much a model's validation has to pass most-popular's for its lists to be taken as its users' own. */
const ABOVE_POPULAR = 1.1

/**
 * Whether the lists of a model whose geometry looks collapsed are good all the same: its validation rises, or is well above that of most
 * popular. Where a few items are right for most users, as in dense data, most get the same ten.
 * @param metric what is compared, higher is better
 */
export function ranksWell(
  metric: string,
  { of, before, popular }: { readonly of: Metrics; readonly before: Metrics | null; readonly popular: Metrics },
): boolean {
  const value = of[metric]
  if (value === undefined) return false
  return value > (before?.[metric] ?? Infinity) || value > ABOVE_POPULAR * (popular[metric] ?? Infinity)
}

function alignment(u: Float32Array, v: Float32Array, liked: Int32Array, dim: number): number {
  let sum = 0
  for (const [row, item] of liked.entries()) sum += 2 - 2 * dotAt(u, row * dim, v, item * dim, dim)
  return sum / Math.max(1, liked.length)
}

function uniformity(x: Float32Array, dim: number): number {
  const rows = rowsOf(x, dim)
  let sum = 0
  for (let a = 0; a < rows.length; a++) {
    for (let b = 0; b < a; b++) sum += Math.exp(-4 + 4 * dotAt(x, rows[a]! * dim, x, rows[b]! * dim, dim))
  }
  return Math.log(sum / ((rows.length * (rows.length - 1)) / 2))
}

/** Of the second moments: a common direction that all items share counts as one dimension, which is what a collapse looks like. */
function effectiveRank(items: Float32Array, dim: number): number {
  const rows = rowsOf(items, dim)
  const moments = Array.from({ length: dim }, () => new Array<number>(dim).fill(0))
  for (const row of rows) {
    for (let i = 0; i < dim; i++) {
      const x = items[row * dim + i]!
      for (let j = 0; j < dim; j++) moments[i]![j]! += x * items[row * dim + j]!
    }
  }
  const singular = symmetricEigen(moments).values.map((value) => Math.sqrt(Math.max(0, value)))
  const total = singular.reduce((a, b) => a + b, 0)
  if (total === 0) return 0
  const entropy = singular.reduce((sum, value) => (value > 0 ? sum - (value / total) * Math.log(value / total) : sum), 0)
  return Math.exp(entropy)
}

/** At most `most` rows, evenly spaced, as an array of their own. */
function someRows(x: Float32Array, dim: number, most: number): Float32Array {
  const rows = rowsOf(x, dim, most)
  if (rows.length === x.length / dim) return x
  const some = new Float32Array(rows.length * dim)
  for (const [i, row] of rows.entries()) some.set(x.subarray(row * dim, (row + 1) * dim), i * dim)
  return some
}

/** At most `most` rows, evenly spaced. */
function rowsOf(x: Float32Array, dim: number, most = SAMPLE): number[] {
  const count = x.length / dim
  const used = Math.min(count, most)
  return Array.from({ length: used }, (_, i) => Math.floor((i * count) / used))
}

function lengths(x: Float32Array, dim: number): Float64Array {
  return Float64Array.from({ length: x.length / dim }, (_, row) => Math.sqrt(dotAt(x, row * dim, x, row * dim, dim)))
}

function largestShare(lists: Int32Array, users: number): number {
  const k = lists.length / Math.max(1, users)
  const counts = new Map<string, number>()
  let most = 0
  for (let user = 0; user < users; user++) {
    const key = lists
      .subarray(user * k, user * k + Math.min(10, k))
      .toSorted()
      .join()
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    most = Math.max(most, count)
  }
  return most / Math.max(1, users)
}

/** Spearman's: Pearson's correlation of mean ranks; 0 where one side is constant. */
function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [x, y] = [meanRanks(a), meanRanks(b)]
  const middle = (x.length - 1) / 2
  let [xy, xx, yy] = [0, 0, 0]
  for (let i = 0; i < x.length; i++) {
    const [p, q] = [x[i]! - middle, y[i]! - middle]
    xy += p * q
    xx += p * p
    yy += q * q
  }
  return xx === 0 || yy === 0 ? 0 : xy / Math.sqrt(xx * yy)
}

function meanRanks(values: ArrayLike<number>): Float64Array {
  const order = Int32Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a]! - values[b]!)
  const ranks = new Float64Array(values.length)
  for (let from = 0; from < order.length;) {
    let to = from
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++
    for (let i = from; i < to; i++) ranks[order[i]!] = (from + to - 1) / 2
    from = to
  }
  return ranks
}
