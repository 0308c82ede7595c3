/**
 * Cross-batch memory (Wang et al. 2020): item vectors of earlier batches as the negatives of a term of the loss. They are a few steps old
 * and get no gradient; as the model drifts slowly after its first epoch, they are cheap further negatives.
 */
import type { Feeds } from '../../compute/graph-session.ts'
import { MASKED } from '../../towers/losses.ts'
import type { Correction } from './correction.ts'
import type { MemoryPorts } from './ports.ts'
import { blockFeeds, RowFeeds } from './term.ts'

/** A ring of vectors and their items. */
export class Memory {
  /** [size × dim], as fed */
  readonly vectors: Float32Array
  readonly #items: Int32Array
  readonly #dim: number
  /** what a checkpoint keeps: items + 1, so that a blank ring is zeros, and the next place and the number filled */
  readonly #kept: Float32Array
  readonly #cursor: Float32Array

  constructor(size: number, dim: number) {
    this.vectors = new Float32Array(size * dim)
    this.#items = new Int32Array(size).fill(-1)
    this.#dim = dim
    this.#kept = new Float32Array(size)
    this.#cursor = new Float32Array(2)
  }

  /** Item of each vector; −1: empty. */
  get items(): Int32Array {
    this.#restore()
    return this.#items
  }

  /** How many vectors are held. */
  get size(): number {
    return this.#cursor[1]!
  }

  get state(): Readonly<Record<string, Float32Array>> {
    return { vectors: this.vectors, items: this.#kept, cursor: this.#cursor }
  }

  /** Adds vectors [items.length × dim], over the oldest. */
  push(items: Int32Array, vectors: Float32Array): void {
    const all = this.items
    const size = all.length
    for (let i = 0; i < items.length; i++) {
      const at = this.#cursor[0]!
      all[at] = items[i]!
      this.#kept[at] = items[i]! + 1
      this.vectors.set(vectors.subarray(i * this.#dim, (i + 1) * this.#dim), at * this.#dim)
      this.#cursor[0] = (at + 1) % size
      this.#cursor[1] = Math.min(size, this.#cursor[1]! + 1)
    }
  }

  /** After a checkpoint was read into the state: the items follow from it. */
  #restore(): void {
    if (this.#items[0] === this.#kept[0]! - 1) return
    for (let i = 0; i < this.#items.length; i++) this.#items[i] = this.#kept[i]! - 1
  }
}

/** A memory and what its term of the loss is fed. */
export class MemoryTerm {
  readonly ring: Memory
  readonly #ports: MemoryPorts
  readonly #rows: RowFeeds
  readonly #correction: Correction
  readonly #bias: Float32Array
  readonly #weight: Float32Array

  constructor(ports: MemoryPorts, batch: number, correction: Correction) {
    const [size, dim] = ports.vectors.shape
    this.ring = new Memory(size, dim)
    this.#ports = ports
    this.#rows = new RowFeeds(batch, correction, ports.rows)
    this.#correction = correction
    this.#bias = new Float32Array(size)
    this.#weight = new Float32Array(batch)
  }

  /**
   * The term weighs nothing before it has begun and while the memory is empty.
   * @param positives each row's item
   * @param pairs (row, remembered) that are no negatives
   * @param weight [batch], what the examples count
   */
  feeds(positives: Int32Array, pairs: Int32Array, weight: Float32Array, begun: boolean): Feeds {
    const size = begun ? this.ring.size : 0
    const { items } = this.ring
    for (let i = 0; i < items.length; i++) this.#bias[i] = size > 0 && items[i]! >= 0 ? this.#correction.negative(items[i]!) : MASKED
    if (size > 0) this.#rows.count(pairs, size, null)
    for (let row = 0; row < weight.length; row++) this.#weight[row] = this.#rows.negativesLeft[row] === 0 ? 0 : weight[row]!
    const { vectors, block } = this.#ports
    return { ...vectors.feed(this.ring.vectors), ...blockFeeds(block, this.#bias, pairs), ...this.#rows.feeds(positives, this.#weight) }
  }
}
