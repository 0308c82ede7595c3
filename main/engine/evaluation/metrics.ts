/**
 * The metrics of one query, a row each, and the sums over queries. A query's result is the positions (from 0, ascending) at which
 * held-out items stand in its ranked list, and how many items are held out for it. All are in [0, 1]; higher is better.
 */
import { formatMetric, metricAtCut, QUERY_KINDS, type QueryKind } from '../../contract/metrics.ts'
import type { Metrics } from '../../contract/shapes/protocol.ts'

/** Where `hits[0 .. found)` of the `held` held-out items of a query stand in its list. */
export interface QueryHits {
  readonly hits: Int32Array
  readonly found: number
  readonly held: number
}

/** The value of one query at cut-off `k`. */
export type QueryMetric = (query: QueryHits, k: number) => number

/** Per-query metrics by name; `name@k` in {@link Metrics}. */
export const QUERY_METRICS = {
  /** hits / held-out items; not capped at k (LightGCN, He et al. 2020) */
  recall: (query, k) => hitsWithin(query, k) / query.held,
  /** binary gains, 1 / log2(rank + 1); the ideal list has min(k, held) hits (Järvelin & Kekäläinen 2002) */
  ndcg: (query, k) => {
    let gain = 0
    for (let i = 0, n = hitsWithin(query, k); i < n; i++) gain += discount(query.hits[i]!)
    return gain / idealGain(Math.min(k, query.held))
  },
  hit: (query, k) => (hitsWithin(query, k) > 0 ? 1 : 0),
  /** 1 / rank of the first hit, 0 where there is none within k */
  mrr: (query, k) => (hitsWithin(query, k) > 0 ? 1 / (query.hits[0]! + 1) : 0),
  /** average precision at the hits, over min(k, held) */
  map: (query, k) => {
    let sum = 0
    for (let i = 0, n = hitsWithin(query, k); i < n; i++) sum += (i + 1) / (query.hits[i]! + 1)
    return sum / Math.min(k, query.held)
  },
  /** hits / k */
  precision: (query, k) => hitsWithin(query, k) / k,
} satisfies Record<QueryKind, QueryMetric>

function hitsWithin({ hits, found }: QueryHits, k: number): number {
  let n = 0
  while (n < found && hits[n]! < k) n++
  return n
}

const discount = (position: number): number => 1 / Math.log2(position + 2)
const idealGains: number[] = [0]
function idealGain(n: number): number {
  while (idealGains.length <= n) idealGains.push(idealGains.at(-1)! + discount(idealGains.length - 1))
  return idealGains[n]!
}

/** Sums of every per-query metric at every cut-off, in float64 and in the order of the queries. */
export class MetricSums {
  readonly #ks: readonly number[]
  readonly #sums: Float64Array
  /** queries so far */
  queries = 0

  constructor(ks: readonly number[]) {
    this.#ks = ks
    this.#sums = new Float64Array(ks.length * QUERY_KINDS.length)
  }

  add(query: QueryHits): void {
    let at = 0
    for (const name of QUERY_KINDS) for (const k of this.#ks) this.#sums[at++]! += QUERY_METRICS[name](query, k)
    this.queries++
  }

  /** Means by name, as those of a slice; empty where there was no query. */
  means(slice = ''): Metrics {
    if (this.queries === 0) return {}
    const names = QUERY_KINDS.flatMap((kind) => this.#ks.map((k) => formatMetric({ slice, kind, k })))
    return Object.fromEntries(names.map((name, i) => [name, this.#sums[i]! / this.queries]))
  }
}

/** coverage@k: the share of the catalogue that stands in anybody's first k. */
export class Coverage {
  readonly #ks: readonly number[]
  /** best position of each item in any list */
  readonly #best: Int32Array

  constructor(ks: readonly number[], items: number) {
    this.#ks = ks
    this.#best = new Int32Array(items).fill(2 ** 31 - 1)
  }

  /** One ranked list lists[from .. from + depth), -1 past its end. */
  add(lists: Int32Array, from: number, depth: number): void {
    for (let position = 0; position < depth; position++) {
      const item = lists[from + position]!
      if (item < 0) return
      if (position < this.#best[item]!) this.#best[item] = position
    }
  }

  values(): Metrics {
    return Object.fromEntries(
      this.#ks.map((k) => [metricAtCut('coverage', k), this.#best.reduce((n, best) => n + (best < k ? 1 : 0), 0) / this.#best.length]),
    )
  }
}
