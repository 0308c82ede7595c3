/**
 * Recall as it would be, had every item had the same chance to be met: what people were shown, they could interact with, so that held-out
 * interactions of popular items count for more than they should. Each is divided by its propensity, taken as (interactions of the item / of the
 * most popular item)^½ (Saito et al. 2020, Unbiased Recommender Learning from Missing-Not-At-Random Implicit Feedback, 5.1).
 */
import { metricAtCut } from '../../contract/metrics.ts'
import type { Metrics } from '../../contract/shapes/protocol.ts'

const POWER = 0.5

/** One over the propensity of each item [items]; an item without any counts as one with one. */
export function inversePropensities(counts: Int32Array): Float64Array {
  const most = counts.reduce((max, count) => Math.max(max, count), 1)
  return Float64Array.from(counts, (count) => (most / Math.max(1, count)) ** POWER)
}

/**
 * `ips@k` = Σ over queries of (Σ over hits within k of 1/p) / held, divided by the same over all held-out items: self-normalised (Schnabel et
 * al. 2016, Recommendations as Treatments, 3.2) over all queries together, as within one query of one held-out item every weight would cancel.
 * With all propensities alike it is recall. In [0, 1].
 */
export class PropensityRecall {
  readonly #ks: readonly number[]
  readonly #weights: Float64Array
  /** of the held-out items of the query in hand, else 0 */
  readonly #held: Float64Array
  readonly #hits: Float64Array
  #total = 0

  /**
   * @param ks cut-offs, ascending
   * @param weights as of {@link inversePropensities}
   */
  constructor(ks: readonly number[], weights: Float64Array) {
    this.#ks = ks
    this.#weights = weights
    this.#held = new Float64Array(weights.length)
    this.#hits = new Float64Array(ks.length)
  }

  /** The held-out items of a query, of which there is one at least, and its list lists[from .. from + depth), -1 past its end. */
  add(truth: Int32Array, lists: Int32Array, from: number, depth: number): void {
    for (const item of truth) {
      const weight = this.#weights[item]! / truth.length
      this.#held[item] = weight
      this.#total += weight
    }
    for (let position = 0, cut = 0; position < depth; position++) {
      const item = lists[from + position]!
      if (item < 0) break
      while (cut < this.#ks.length && position >= this.#ks[cut]!) cut++
      const weight = this.#held[item]!
      if (weight > 0) for (let c = cut; c < this.#ks.length; c++) this.#hits[c]! += weight
    }
    for (const item of truth) this.#held[item] = 0
  }

  values(): Metrics {
    return Object.fromEntries(this.#ks.map((k, cut) => [metricAtCut('ips', k), this.#total === 0 ? 0 : this.#hits[cut]! / this.#total]))
  }
}
