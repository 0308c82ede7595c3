/**
 * Two runs of one protocol, query by query: the metric of each user under both, and the held-out item whose rank changed most. The
 * first run (a) is what the second (b) is measured against: a difference or a change above 0 says that b is better.
 */
import type { Protocol } from '../../contract/shapes/protocol.ts'
import type { DifferenceResult } from '../../contract/verbs.ts'
import type { Dataset } from '../dataset/dataset.ts'
import { userCounts, type HeldOut } from './held-out.ts'
import { bootstrapInterval, quantile, randomisationTest } from './paired.ts'
import { EARLIER_PARTS } from '../../contract/shapes/protocol.ts'
import { type MetricAt, queryValues } from './ranks.ts'
import { falseDiscoveryRates } from './correction.ts'
import { sliceQueries, sliceTests } from './slice-queries.ts'
import { compareSides, intervalOf, pOf } from './crossed.ts'
import { mean } from './moments.ts'

/** One entry a query, in the order of `held.users`. */
export interface Paired {
  readonly held: HeldOut
  readonly valuesA: Float64Array
  readonly valuesB: Float64Array
  /** of the held-out items that both runs rank the one whose rank changed most, else one that either ranks; of equals the best ranked */
  readonly item: Int32Array
  /** its ranks; 0: without a score, or not retrieved */
  readonly rankA: Int32Array
  readonly rankB: Int32Array
  /** rankA - rankB; NaN where one of them is no rank */
  readonly change: Float64Array
  /** earlier interactions of the user */
  readonly history: Int32Array
  /** one bit a slice of `PAIRED_SLICES`: whether a held-out item is in it */
  readonly slices: Uint8Array
}

export interface PairOptions {
  readonly dataset: Pick<Dataset, 'manifest' | 'interactions'>
  readonly protocol: Protocol
  readonly held: HeldOut
  /** ranks of held.items under each run; 0: not retrieved */
  readonly ranksA: Int32Array
  readonly ranksB: Int32Array
  readonly metric: MetricAt
}

/** Pairs the queries of two runs. Two passes over the interactions, then one over the held-out items. */
export function pairQueries(options: PairOptions): Paired {
  const { dataset, protocol, held, ranksA, ranksB, metric } = options
  const n = held.users.length
  const perUser = userCounts(dataset, EARLIER_PARTS[protocol.part])
  const tests = sliceTests(options)
  const [item, rankA, rankB] = [new Int32Array(n), new Int32Array(n), new Int32Array(n)]
  const slices = new Uint8Array(n)
  for (let q = 0; q < n; q++) {
    let [most, best] = [-Infinity, Infinity]
    for (let i = held.offsets[q]!; i < held.offsets[q + 1]!; i++) {
      const [a, b] = [ranksA[i]!, ranksB[i]!]
      const size = a > 0 && b > 0 ? Math.abs(a - b) : -1
      const place = Math.min(a || Infinity, b || Infinity)
      if (size > most || (size === most && place < best)) {
        most = size
        best = place
        item[q] = held.items[i]!
        rankA[q] = a
        rankB[q] = b
      }
      for (const [bit, inSlice] of tests.entries()) if (inSlice(held.users[q]!, held.items[i]!)) slices[q]! |= 1 << bit
    }
  }
  return {
    held,
    valuesA: queryValues(held, ranksA, metric),
    valuesB: queryValues(held, ranksB, metric),
    item,
    rankA,
    rankB,
    change: Float64Array.from(rankA, (rank, q) => (rank > 0 && rankB[q]! > 0 ? rank - rankB[q]! : NaN)),
    history: held.users.map((user) => perUser[user]!),
    slices,
  }
}

type Statistics = Pick<
  DifferenceResult,
  | 'users'
  | 'wins'
  | 'losses'
  | 'ties'
  | 'meanA'
  | 'meanB'
  | 'difference'
  | 'interval'
  | 'randomisation'
  | 'seed'
  | 'ranks'
  | 'slices'
  | 'histogram'
>

/** Everything that is said of all users together. About a second at 10,000 users and more. */
export function describePair(paired: Paired, options: PairOptions, seed: number): Statistics {
  const differences = paired.valuesB.map((value, q) => value - paired.valuesA[q]!)
  const level = 0.95
  return {
    ...outcomesOf(paired.valuesA, paired.valuesB),
    interval: { level, ...bootstrapInterval(differences, { seed, level }) },
    randomisation: randomisationTest(differences, { seed }),
    seed,
    ranks: {
      better: paired.change.filter((change) => change > 0).length,
      worse: paired.change.filter((change) => change < 0).length,
      same: paired.change.filter((change) => change === 0).length,
      unranked: paired.change.filter(Number.isNaN).length,
      medianA: medianRank(paired.rankA),
      medianB: medianRank(paired.rankB),
    },
    slices: slicesOf(options),
    histogram: histogramOf(paired.change),
  }
}

/** Of what has a rank; null of nothing. */
function medianRank(ranks: Int32Array): number | null {
  const ranked = ranks.filter((rank) => rank > 0).sort()
  return ranked.length === 0 ? null : quantile(ranked, 0.5)
}

function outcomesOf(a: Float64Array, b: Float64Array) {
  const users = a.length
  const wins = b.filter((value, q) => value > a[q]!).length
  const losses = b.filter((value, q) => value < a[q]!).length
  const [meanA, meanB] = [mean(a), mean(b)]
  return { users, wins, losses, ties: users - wins - losses, meanA, meanB, difference: meanB - meanA }
}

/** All users, then each slice that has any: Student's interval of the paired differences, p-values corrected over the slices. */
function slicesOf(options: PairOptions): DifferenceResult['slices'] {
  const { ranksA, ranksB, metric } = options
  const slices = sliceQueries(options).map(({ slice, values }) => {
    const [a, b] = [values(ranksA, metric), values(ranksB, metric)]
    const compared = compareSides({ seeds: [a], isRandom: false }, { seeds: [b], isRandom: false })
    return { slice, ...outcomesOf(a, b), interval: intervalOf(compared), p: pOf(compared) }
  })
  const adjusted = falseDiscoveryRates(slices.map(({ p }) => p))
  return slices.map(({ p: _, ...told }, i) => ({ ...told, adjusted: adjusted[i]! }))
}

/** Bars of 1, 2–3, 4–9, 10–31, 32–99, … either way of 0, as far as there are changes; NaN is none. */
export function histogramOf(all: Float64Array): DifferenceResult['histogram'] {
  const change = all.filter((value) => !Number.isNaN(value))
  const greatest = change.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const start = (i: number): number => [1, 2, 4][i] ?? Math.round(10 ** (i / 2 - 0.5))
  const starts = [1]
  while (starts.at(-1)! <= greatest) starts.push(start(starts.length))
  const bars = starts.slice(0, -1).map((from, i) => ({ from, to: starts[i + 1]! - 1 }))
  const axis = [...bars.toReversed().map(({ from, to }) => ({ from: -to, to: -from })), { from: 0, to: 0 }, ...bars]
  const users = axis.map(() => 0)
  const middle = bars.length
  for (const value of change) {
    const bar = value === 0 ? 0 : bars.findIndex(({ to }) => Math.abs(value) <= to) + 1
    users[middle + Math.sign(value) * bar]!++
  }
  return axis.map((bar, i) => ({ ...bar, users: users[i]! }))
}
