/** The feeds of a history that is encoded in its tower: its table's rows one by one, which places hold an item, and the items' codes. */
import type { Numbers } from '../../compute/session.ts'
import type { BagRows } from '../../features/inputs.ts'
import type { InputPort } from '../../towers/build.ts'
import { sequenceNames } from '../../towers/sequences.ts'
import type { Table } from '../state/tables.ts'

export class SequencePlaces {
  readonly #port: InputPort
  readonly #mask: Float32Array
  readonly #ages: Int32Array | null
  readonly #events: Int32Array | null

  constructor(port: InputPort, capacity: number) {
    const { length, inputs } = port.sequence!
    this.#port = port
    this.#mask = new Float32Array(capacity * length)
    this.#ages = inputs.includes('age') ? new Int32Array(capacity * length) : null
    this.#events = inputs.includes('event') ? new Int32Array(capacity * length) : null
  }

  /** Feeds for the rows of a batch; valid until the next call. `buffer` has room for [rows × length × dim]. */
  fill(rows: BagRows, table: Table, buffer: Float32Array): Record<string, Numbers> {
    const { name, sequence } = this.#port
    const { length, dim } = sequence!
    const { count, offsets, codes } = rows
    const places = count * length
    table.gatherRows(rows, length, buffer)
    this.#mask.fill(0, 0, places)
    this.#ages?.fill(0, 0, places)
    this.#events?.fill(0, 0, places)
    for (let row = 0; row < count; row++) {
      const from = offsets[row]!
      for (let j = 0, size = offsets[row + 1]! - from; j < size; j++) {
        const place = row * length + j
        this.#mask[place] = 1
        if (this.#ages !== null) this.#ages[place] = codes?.ages[from + j] ?? 0
        if (this.#events !== null) this.#events[place] = codes?.events[from + j] ?? 0
      }
    }
    const names = sequenceNames(name)
    return {
      [name]: buffer.subarray(0, places * dim),
      [names.mask]: this.#mask.subarray(0, places),
      ...(this.#ages === null ? {} : { [names.ages]: this.#ages.subarray(0, places) }),
      ...(this.#events === null ? {} : { [names.events]: this.#events.subarray(0, places) }),
    }
  }
}
