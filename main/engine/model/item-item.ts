/**
 * A linear item-item model: a user's score of item i is bias[i] + Σ weight(j → i) over the items j they have interacted
 * with. Item-kNN and EASE are two ways to the weights. Kept sparse by source item, so that scoring a user costs the
 * weights of the items in their history.
 */
export interface ItemItem {
  readonly items: number
  /** of source j: targets[offsets[j] .. offsets[j + 1]) with their weights */
  readonly offsets: Float64Array
  readonly targets: Int32Array
  readonly weights: Float32Array
  readonly bias: Float32Array
}

/**
 * Scores of all items for one history, into out[at .. at + items); -Infinity for an item that neither the history nor a bias says anything
 * of: it has no score and is never retrieved, rather than a place among thousands of equals.
 */
export function scoreHistory({ items, offsets, targets, weights, bias }: ItemItem, history: Int32Array, out: Float32Array, at = 0): void {
  out.set(bias, at)
  const row = out.subarray(at, at + items)
  for (const source of history) {
    for (let i = offsets[source]!, end = offsets[source + 1]!; i < end; i++) row[targets[i]!]! += weights[i]!
  }
  for (let item = 0; item < items; item++) if (row[item] === 0) row[item] = -Infinity
}

/** Weights that were fitted on some items alone, `kept` in rising order, as a model of all `items`: the others have none. So trials stay small. */
export function amongItems({ offsets, targets, weights, bias }: ItemItem, kept: Int32Array, items: number): ItemItem {
  const [ends, biases] = [new Float64Array(items + 1), new Float32Array(items)]
  for (const [i, item] of kept.entries()) {
    ends[item + 1] = offsets[i + 1]! - offsets[i]!
    biases[item] = bias[i]!
  }
  for (let item = 0; item < items; item++) ends[item + 1]! += ends[item]!
  return { items, offsets: ends, targets: targets.map((target) => kept[target]!), weights, bias: biases }
}

/** Collects the incoming weights of one target after the other, then turns them round to be by source. */
export class ItemItemBuilder {
  readonly #items: number
  #sources: Int32Array
  #values: Float32Array
  #length = 0
  readonly #ends: Float64Array

  constructor(items: number, perTarget: number) {
    this.#items = items
    const guess = Math.min(items * Math.min(items, perTarget), 2 ** 20)
    this.#sources = new Int32Array(guess)
    this.#values = new Float32Array(guess)
    this.#ends = new Float64Array(items)
  }

  /** The weights j → target, for targets 0, 1, 2 … in turn. */
  add(target: number, sources: Int32Array, values: Float32Array): void {
    this.#reserve(this.#length + sources.length)
    this.#sources.set(sources, this.#length)
    this.#values.set(values, this.#length)
    this.#length += sources.length
    this.#ends[target] = this.#length
  }

  build(bias: Float32Array): ItemItem {
    const offsets = new Float64Array(this.#items + 1)
    for (let i = 0; i < this.#length; i++) offsets[this.#sources[i]! + 1]!++
    for (let j = 0; j < this.#items; j++) offsets[j + 1]! += offsets[j]!
    const next = offsets.slice()
    const [targets, weights] = [new Int32Array(this.#length), new Float32Array(this.#length)]
    let i = 0
    for (let target = 0; target < this.#items; target++) {
      for (const end = this.#ends[target]!; i < end; i++) {
        const at = next[this.#sources[i]!]!++
        targets[at] = target
        weights[at] = this.#values[i]!
      }
    }
    return { items: this.#items, offsets, targets, weights, bias }
  }

  #reserve(size: number): void {
    if (size <= this.#sources.length) return
    const capacity = Math.max(size, Math.ceil(1.5 * this.#sources.length))
    const [sources, values] = [new Int32Array(capacity), new Float32Array(capacity)]
    sources.set(this.#sources.subarray(0, this.#length))
    values.set(this.#values.subarray(0, this.#length))
    this.#sources = sources
    this.#values = values
  }
}
