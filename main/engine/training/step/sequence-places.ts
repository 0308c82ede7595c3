/** The feeds of a history that is encoded in its tower: its table's rows one by one, which places hold an item, and the items' codes. */
import type { Feeds } from '../../compute/graph-session.ts'
import type { BagRows } from '../../features/inputs.ts'
import type { HistoryPort } from '../../towers/tower-ports.ts'
import type { Table } from '../state/tables.ts'

export class SequencePlaces {
  readonly #port: HistoryPort
  readonly #mask: Float32Array
  readonly #ages: Int32Array
  readonly #events: Int32Array

  constructor(port: HistoryPort, capacity: number) {
    const places = capacity * port.sequence.length
    this.#port = port
    this.#mask = new Float32Array(places)
    this.#ages = new Int32Array(port.ages === null ? 0 : places)
    this.#events = new Int32Array(port.events === null ? 0 : places)
  }

  /** Feeds for the rows of a batch; valid until the next call. `buffer` has room for [rows × length × dim]. */
  fill(rows: BagRows, table: Table, buffer: Float32Array): Feeds {
    const { values, mask, ages, events, sequence } = this.#port
    const { length, dim } = sequence
    const { count, offsets, codes } = rows
    const places = count * length
    table.gatherRows(rows, length, buffer)
    for (const each of [this.#mask, this.#ages, this.#events]) each.fill(0, 0, places)
    for (let row = 0; row < count; row++) {
      const from = offsets[row]!
      for (let j = 0, size = offsets[row + 1]! - from; j < size; j++) {
        const place = row * length + j
        this.#mask[place] = 1
        if (ages !== null) this.#ages[place] = codes?.ages[from + j] ?? 0
        if (events !== null) this.#events[place] = codes?.events[from + j] ?? 0
      }
    }
    return {
      ...values.feed(buffer.subarray(0, places * dim)),
      ...mask.feed(this.#mask.subarray(0, places)),
      ...ages?.feed(this.#ages.subarray(0, places)),
      ...events?.feed(this.#events.subarray(0, places)),
    }
  }
}
