/** The distinct entities of a batch and the way back and forth between them and its rows. */

export class UniqueEntities {
  /** position of an entity among the distinct ones of the batch that `#stamp` names */
  readonly #position: Int32Array
  readonly #stamp: Int32Array
  readonly #entities: Int32Array
  /** position of each row's entity */
  readonly #positionOfRow: Int32Array
  #rows = 0
  #count = 0
  #batch = 0

  constructor(entities: number, capacity: number) {
    this.#position = new Int32Array(entities)
    this.#stamp = new Int32Array(entities)
    this.#entities = new Int32Array(capacity)
    this.#positionOfRow = new Int32Array(capacity)
  }

  /** The distinct entities of a batch in order of first occurrence; valid until the next call. */
  of(entities: Int32Array): Int32Array {
    this.#batch++
    this.#rows = entities.length
    this.#count = 0
    for (let row = 0; row < entities.length; row++) {
      const entity = entities[row]!
      if (this.#stamp[entity] !== this.#batch) {
        this.#stamp[entity] = this.#batch
        this.#position[entity] = this.#count
        this.#entities[this.#count++] = entity
      }
      this.#positionOfRow[row] = this.#position[entity]!
    }
    return this.#entities.subarray(0, this.#count)
  }

  /** [distinct × width] → [rows × width] */
  expand(distinct: Float32Array, width: number, rows: Float32Array): void {
    for (let row = 0; row < this.#rows; row++) {
      const [from, to] = [this.#positionOfRow[row]! * width, row * width]
      for (let k = 0; k < width; k++) rows[to + k] = distinct[from + k]!
    }
  }

  /** [rows × width] summed by entity → [distinct × width] */
  sum(rows: Float32Array, width: number, distinct: Float32Array): void {
    distinct.fill(0, 0, this.#count * width)
    for (let row = 0; row < this.#rows; row++) {
      const [from, to] = [row * width, this.#positionOfRow[row]! * width]
      for (let k = 0; k < width; k++) distinct[to + k] = distinct[to + k]! + rows[from + k]!
    }
  }
}
