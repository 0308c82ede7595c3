/**
 * The embedding tables, outside the graph: rows are gathered and mean pooled into a port before a step, and the port's gradient is
 * spread back over the rows that made it. A step touches only its rows; repeated rows are summed before the one update they get.
 */
import type { BagRows } from '../features/inputs.ts'
import type { TableShape } from '../features/types.ts'
import type { Optimizer, Slots } from './optimizer.ts'

export class Table {
  readonly name: string
  readonly rows: number
  readonly dim: number
  readonly values: Float32Array
  readonly slots: Slots
  /** position of a row in the gradient buffer of this step, or -1 */
  readonly #slotOf: Int32Array
  #touched = new Int32Array(1024)
  #touchedCount = 0
  #gradient = new Float32Array(0)

  constructor(shape: TableShape, values: Float32Array, slots: Slots) {
    this.name = shape.name
    this.rows = shape.rows
    this.dim = shape.dim
    this.values = values
    this.slots = slots
    this.#slotOf = new Int32Array(shape.rows).fill(-1)
    this.#gradient = new Float32Array(1024 * shape.dim)
  }

  /** Pools bags into out[row·dim ..]; an empty bag gives zeros. */
  gather(bag: BagRows, out: Float32Array): void {
    const { dim, values } = this
    const { offsets, indices, weights, count } = bag
    for (let row = 0; row < count; row++) {
      const [from, to, at] = [offsets[row]!, offsets[row + 1]!, row * dim]
      if (to - from === 1 && weights === null) {
        const source = indices[from]! * dim
        for (let k = 0; k < dim; k++) out[at + k] = values[source + k]!
        continue
      }
      out.fill(0, at, at + dim)
      const share = 1 / (to - from)
      for (let j = from; j < to; j++) {
        const source = indices[j]! * dim
        const scale = weights === null ? share : weights[j]!
        for (let k = 0; k < dim; k++) out[at + k] = out[at + k]! + scale * values[source + k]!
      }
    }
  }

  /** Adds the gradient of pooled rows [count × dim] to the rows they were made of. */
  accumulate(bag: BagRows, gradient: Float32Array): void {
    const { dim } = this
    const { offsets, indices, weights, count } = bag
    this.#reserve(offsets[count]! - offsets[0]!)
    const sums = this.#gradient
    for (let row = 0; row < count; row++) {
      const [from, to, source] = [offsets[row]!, offsets[row + 1]!, row * dim]
      const share = 1 / (to - from)
      for (let j = from; j < to; j++) {
        const at = this.#position(indices[j]!) * dim
        const scale = weights === null ? share : weights[j]!
        for (let k = 0; k < dim; k++) sums[at + k] = sums[at + k]! + scale * gradient[source + k]!
      }
    }
  }

  /** Updates the rows that occurred, in order of first occurrence, and forgets the gradient. */
  apply(update: ReturnType<Optimizer['step']>): void {
    const { dim } = this
    for (let i = 0; i < this.#touchedCount; i++) {
      const row = this.#touched[i]!
      update(this.values, this.slots, row * dim, this.#gradient, i * dim, dim)
      this.#slotOf[row] = -1
    }
    this.#gradient.fill(0, 0, this.#touchedCount * dim)
    this.#touchedCount = 0
  }

  #position(row: number): number {
    const known = this.#slotOf[row]!
    if (known >= 0) return known
    const position = this.#touchedCount++
    this.#slotOf[row] = position
    this.#touched[position] = row
    return position
  }

  /** Room for `more` further rows, at most all rows of the table. */
  #reserve(more: number): void {
    const wanted = Math.min(this.rows, this.#touchedCount + more)
    if (wanted <= this.#touched.length && wanted * this.dim <= this.#gradient.length) return
    const size = Math.min(this.rows, Math.max(wanted, 2 * this.#touched.length))
    const [touched, gradient] = [new Int32Array(size), new Float32Array(size * this.dim)]
    touched.set(this.#touched.subarray(0, this.#touchedCount))
    gradient.set(this.#gradient.subarray(0, this.#touchedCount * this.dim))
    this.#touched = touched
    this.#gradient = gradient
  }
}
