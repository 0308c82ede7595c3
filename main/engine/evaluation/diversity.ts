/**
 * What the lists of an evaluation show, whatever was held out: how evenly items are exposed, how well known they are, how alike the items
 * of one list are. All of it comes from the lists and the interactions before the held-out part, nothing from a model's vectors, so that
 * any two runs of one protocol can be compared. Costs O(depth) a list, and for the similarity the interactions of the listed items.
 */
import { metricAtCut } from '../../contract/metrics.ts'
import type { Part } from '../../contract/shapes/dataset.ts'
import type { Metrics } from '../../contract/shapes/protocol.ts'
import { type CsrRows, InteractionSelection, transpose } from '../dataset/interactions.ts'
import type { Dataset } from '../dataset/dataset.ts'

/** Lists whose items are compared with each other: so many, evenly spread over the queries, give the mean to three digits. */
const MAX_COMPARED = 10_000

export class Diversity {
  readonly #ks: readonly number[]
  /** each item's distinct users before the held-out part, ascending */
  readonly #audiences: CsrRows
  readonly #users: number
  readonly #every: number
  /** [cut-offs × items], how often each item stands in a list */
  readonly #shown: Int32Array[]
  /**
   * [cut-offs] sums of self-information in bits, of popularity, and of the similarity of pairs; and how many items, and
   * lists with a pair
   */
  readonly #information: Float64Array
  readonly #popularity: Float64Array
  readonly #listed: Float64Array
  readonly #similarity: Float64Array
  readonly #compared: Int32Array
  readonly #sum: Float64Array
  #queries = 0

  /**
   * @param ks cut-offs, ascending
   * @param parts what came before the held-out part
   * @param queries how many lists will be added
   */
  constructor(
    ks: readonly number[],
    { manifest, interactions }: Pick<Dataset, 'manifest' | 'interactions'>,
    parts: readonly Part[],
    queries: number,
  ) {
    this.#ks = ks
    this.#users = manifest.users
    const { users, items } = manifest
    this.#audiences = transpose(new InteractionSelection(interactions, parts).distinctItems(users, items), users, items)
    this.#every = Math.max(1, Math.ceil(queries / MAX_COMPARED))
    this.#shown = ks.map(() => new Int32Array(manifest.items))
    const zeros = (): Float64Array => new Float64Array(ks.length)
    ;[this.#information, this.#popularity, this.#listed, this.#similarity] = [zeros(), zeros(), zeros(), zeros()]
    this.#compared = new Int32Array(ks.length)
    this.#sum = new Float64Array(manifest.users)
  }

  /** One ranked list lists[from .. from + depth), -1 past its end. */
  add(lists: Int32Array, from: number, depth: number): void {
    const { offsets } = this.#audiences
    const end = lists.subarray(from, from + depth).indexOf(-1)
    const list = lists.subarray(from, from + (end < 0 ? depth : end))
    let [information, popularity] = [0, 0]
    for (let position = 0, cut = 0; position < list.length; position++) {
      const item = list[position]!
      const audience = offsets[item + 1]! - offsets[item]!
      information -= Math.log2(Math.max(1, audience) / this.#users)
      popularity += audience
      for (let c = cut; c < this.#ks.length; c++) this.#shown[c]![item]!++
      while (cut < this.#ks.length && (position + 1 === this.#ks[cut]! || position + 1 === list.length)) {
        this.#information[cut]! += information
        this.#popularity[cut]! += popularity
        this.#listed[cut++]! += position + 1
      }
    }
    if (this.#queries++ % this.#every === 0) this.#compare(list)
  }

  /**
   * - `gini@k`: Gini coefficient of the items' exposure in the first k, 0: all alike, 1: one item alone (Shani & Gunawardana 2011, 8.3.3.2)
   * - `novelty@k`: mean self-information −log₂(share of users that had the item) in bits (Zhou et al. 2010); an item nobody had counts as
   *   had by one
   * - `popularity@k`: mean number of users that had a listed item (average recommendation popularity, Yin et al. 2012)
   * - `similarity@k`: mean cosine between the audiences of two items of one list (intra-list similarity, Ziegler et al. 2005); an item
   *   nobody had is like no other
   */
  values(): Metrics {
    const metrics: Record<string, number> = {}
    for (const [cut, k] of this.#ks.entries()) {
      const listed = this.#listed[cut]!
      if (listed === 0) continue
      metrics[metricAtCut('gini', k)] = gini(this.#shown[cut]!)
      metrics[metricAtCut('novelty', k)] = this.#information[cut]! / listed
      metrics[metricAtCut('popularity', k)] = this.#popularity[cut]! / listed
      if (this.#compared[cut]! > 0) metrics[metricAtCut('similarity', k)] = this.#similarity[cut]! / this.#compared[cut]!
    }
    return metrics
  }

  /** Σ of the cosines of all pairs is (|Σ x|² − Σ |x|²) / 2 over the items' unit vectors x, so that pairs are never formed. */
  #compare(list: Int32Array): void {
    const { offsets, indices: users } = this.#audiences
    const sum = this.#sum
    let [square, known] = [0, 0]
    for (let position = 0, cut = 0; position < list.length; position++) {
      const [start, end] = [offsets[list[position]!]!, offsets[list[position]! + 1]!]
      const weight = 1 / Math.sqrt(end - start)
      for (let i = start; i < end; i++) {
        const user = users[i]!
        square += weight * (2 * sum[user]! + weight)
        sum[user]! += weight
      }
      if (end > start) known++
      const n = position + 1
      while (cut < this.#ks.length && (n === this.#ks[cut]! || n === list.length)) {
        if (n > 1) {
          this.#similarity[cut]! += (square - known) / (n * (n - 1))
          this.#compared[cut]!++
        }
        cut++
      }
    }
    for (const item of list) for (let i = offsets[item]!; i < offsets[item + 1]!; i++) sum[users[i]!] = 0
  }
}

/** Gini coefficient of non-negative counts: Σ (2i − n − 1) cᵢ / (n Σ c) over the counts in ascending order, i from 1. */
export function gini(counts: Int32Array): number {
  const ascending = counts.slice().sort()
  const n = ascending.length
  let [total, weighted] = [0, 0]
  for (let i = 0; i < n; i++) {
    total += ascending[i]!
    weighted += (2 * (i + 1) - n - 1) * ascending[i]!
  }
  return total === 0 ? 0 : weighted / (n * total)
}
