/**
 * Negative samplers, a row each: how candidates are drawn for a batch and how likely each item is, which the logQ correction
 * needs. Draws are with replacement, from a stream named by the step.
 */
import type { SamplerSpec } from '../../../contract/shapes/spec.ts'
import { random, type Random } from '../random.ts'

export interface Sampler {
  /** fills `out` with item indices, the draws of step `step` */
  draw(step: number, out: Int32Array): void
  /** one draw */
  pick(rng: Random): number
  /** [items] log q(v); −Infinity for an item that is never drawn */
  readonly logQ: Float32Array
}

/** The sampler of a spec over items with `counts[v]` training interactions. */
export function createSampler(spec: SamplerSpec, counts: Int32Array, seed: number): Sampler {
  const weights =
    spec.kind === 'uniform'
      ? new Float64Array(counts.length).fill(1)
      : Float64Array.from(counts, (count) => (count === 0 ? 0 : count ** spec.alpha))
  const total = weights.reduce((a, b) => a + b, 0)
  const logQ = Float32Array.from(weights, (weight) => Math.log(weight / total))
  const pick = spec.kind === 'uniform' ? (rng: Random) => rng.below(counts.length) : aliasMethod(weights, total)
  return {
    logQ,
    pick,
    draw(step, out) {
      const rng = random(seed, 'negatives', step)
      for (let i = 0; i < out.length; i++) out[i] = pick(rng)
    },
  }
}

/** log of an item's share of an epoch's examples: q(v) of in-batch negatives (Yi et al. 2019). */
export function empiricalLogQ(counts: Int32Array | Float64Array): Float32Array {
  let total = 0
  for (const count of counts) total += count
  return Float32Array.from(counts, (count) => Math.log(count / total))
}

/** Draws from a discrete distribution in constant time (Walker 1977, Vose's construction). */
function aliasMethod(weights: Float64Array, total: number): (rng: Random) => number {
  const n = weights.length
  const probability = Float64Array.from(weights, (weight) => (weight * n) / total)
  const alias = new Int32Array(n)
  const small: number[] = []
  const large: number[] = []
  for (let i = 0; i < n; i++) (probability[i]! < 1 ? small : large).push(i)
  while (small.length > 0 && large.length > 0) {
    const [less, more] = [small.pop()!, large.at(-1)!]
    alias[less] = more
    probability[more] = probability[more]! - (1 - probability[less]!)
    if (probability[more] < 1) small.push(large.pop()!)
  }
  for (const i of [...small, ...large]) probability[i] = 1
  return (rng) => {
    const i = rng.below(n)
    return rng.uniform() < probability[i]! ? i : alias[i]!
  }
}

/**
 * The (row, candidate) pairs of a batch that are no negatives: a candidate that is the row's own positive (accidental hit) or an
 * item the user is known to have interacted with. Costs the histories of the batch's distinct users and the pairs found, not B × N.
 */
export class KnownPositives {
  /** [users + 1] into #items: each user's distinct training items */
  readonly #offsets: Int32Array
  readonly #items: Int32Array
  /** first column that holds an item in the current batch, and the next column with the same item; stamped by batch */
  readonly #first: Int32Array
  readonly #stamp: Int32Array
  #next = new Int32Array(0)
  /** where the pairs of a user's first row in a batch begin and end, stamped by batch */
  readonly #found: { readonly stamp: Int32Array; readonly from: Int32Array; readonly to: Int32Array }
  #batch = 0
  #pairs = new Int32Array(1024)

  constructor(offsets: Int32Array, items: Int32Array, itemCount: number) {
    this.#offsets = offsets
    this.#items = items
    this.#first = new Int32Array(itemCount)
    this.#stamp = new Int32Array(itemCount).fill(-1)
    const users = offsets.length - 1
    this.#found = { stamp: new Int32Array(users).fill(-1), from: new Int32Array(users), to: new Int32Array(users) }
  }

  /**
   * Of candidates that all rows share.
   * @param users [rows] the rows' users
   * @param candidates [columns] item of each candidate; −1: none
   * @returns flat (row, column) pairs; valid until the next call
   */
  pairs(users: Int32Array, rows: number, candidates: Int32Array): Int32Array {
    this.#index(candidates)
    const { stamp, from, to } = this.#found
    let count = 0
    for (let row = 0; row < rows; row++) {
      const user = users[row]!
      if (stamp[user] === this.#batch) {
        for (let i = from[user]!; i < to[user]!; i++) count = this.#push(count, row, this.#pairs[2 * i + 1]!)
        continue
      }
      stamp[user] = this.#batch
      from[user] = count
      for (let i = this.#offsets[user]!; i < this.#offsets[user + 1]!; i++) {
        const item = this.#items[i]!
        if (this.#stamp[item] !== this.#batch) continue
        for (let column = this.#first[item]!; column >= 0; column = this.#next[column]!) count = this.#push(count, row, column)
      }
      to[user] = count
    }
    return this.#pairs.slice(0, 2 * count)
  }

  /**
   * Of candidates that each row has for itself, [rows × n], looking at columns from `from` to `to`.
   * @returns flat (row, column) pairs
   */
  ownPairs(users: Int32Array, rows: number, candidates: Int32Array, n: number, from = 0, to = n): Int32Array {
    let count = 0
    for (let row = 0; row < rows; row++) {
      const user = users[row]!
      this.#batch++
      for (let i = this.#offsets[user]!; i < this.#offsets[user + 1]!; i++) this.#stamp[this.#items[i]!] = this.#batch
      for (let column = from; column < to; column++) {
        if (this.#stamp[candidates[row * n + column]!] === this.#batch) count = this.#push(count, row, column)
      }
    }
    return this.#pairs.slice(0, 2 * count)
  }

  #push(count: number, row: number, column: number): number {
    if (2 * count + 2 > this.#pairs.length) this.#grow()
    this.#pairs[2 * count] = row
    this.#pairs[2 * count + 1] = column
    return count + 1
  }

  #index(candidates: Int32Array): void {
    this.#batch++
    if (this.#next.length < candidates.length) this.#next = new Int32Array(candidates.length)
    for (let column = candidates.length - 1; column >= 0; column--) {
      const item = candidates[column]!
      if (item < 0) continue
      this.#next[column] = this.#stamp[item] === this.#batch ? this.#first[item]! : -1
      this.#first[item] = column
      this.#stamp[item] = this.#batch
    }
  }

  #grow(): void {
    const pairs = new Int32Array(2 * this.#pairs.length)
    pairs.set(this.#pairs)
    this.#pairs = pairs
  }
}
