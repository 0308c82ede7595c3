/**
 * Windows that several examples of a user share: the history of the newest of them, in which each older example reads the place where its
 * own history begins. A causal encoder then says in one pass what it would say of each (Kang & McAuley 2018, SASRec). Windows go by what
 * histories hold, so whatever an example must not see stays unseen: where its history is no later part of the window (an item was left
 * out of it as the target, say), it opens a window of its own.
 */
import type { Feeds } from '../../compute/graph-session.ts'
import { type BagRows, reserve } from '../../features/inputs.ts'
import type { SharedPorts } from '../../towers/tower-ports.ts'

/** Rows by entity in order of first occurrence, and of an entity by moment, newest first. */
export function newestFirst(entities: Int32Array, moments: Int32Array): Int32Array {
  const rank = new Map<number, number>()
  for (const entity of entities) if (!rank.has(entity)) rank.set(entity, rank.size)
  const rankOf = Int32Array.from(entities, (entity) => rank.get(entity)!)
  return Int32Array.from(entities.keys()).sort((a, b) => rankOf[a]! - rankOf[b]! || moments[b]! - moments[a]! || a - b)
}

export class SharedWindows {
  /** the windows of the last batch */
  readonly rows: BagRows
  readonly #length: number
  readonly #ports: SharedPorts
  readonly #places: Int32Array
  readonly #known: Float32Array

  /** @param length places of a window @param capacity the largest number of rows a batch will have */
  constructor(length: number, ports: SharedPorts, capacity: number) {
    this.#length = length
    this.#ports = ports
    this.#places = new Int32Array(capacity)
    this.#known = new Float32Array(capacity)
    const codes = { ages: new Uint8Array(capacity), events: new Uint8Array(capacity) }
    this.rows = { count: 0, offsets: new Int32Array(capacity + 1), indices: new Int32Array(capacity), codes }
  }

  /** Windows of the examples' histories, `order` as of {@link newestFirst}; valid until the next call. */
  share(histories: BagRows, entities: Int32Array, order: Int32Array): BagRows {
    const { rows } = this
    rows.count = 0
    let [entity, place] = [-1, 0]
    for (const row of order) {
      const empty = histories.offsets[row] === histories.offsets[row + 1]
      this.#known[row] = empty ? 0 : 1
      this.#places[row] = 0
      if (empty) continue
      const found = entities[row] === entity ? this.#placeOf(histories, row, place) : null
      if (found === null) this.#open(histories, row)
      ;[entity, place] = [entities[row]!, found ?? 0]
      this.#places[row] = (rows.count - 1) * this.#length + place
    }
    return rows
  }

  /** Empty windows up to `count`. */
  pad(count: number): void {
    const { rows } = this
    rows.offsets.fill(rows.offsets[rows.count]!, rows.count, count + 1)
    rows.count = count
  }

  feeds(rows: number): Feeds {
    const { places, known } = this.#ports
    return { ...places.feed(this.#places.subarray(0, rows)), ...known.feed(this.#known.subarray(0, rows)) }
  }

  /**
   * The place of the last window from which on it holds an example's history, at `from` or older; null where there is none. A history that
   * goes back further than the window is cut, to no less than half of the window's length.
   */
  #placeOf(histories: BagRows, row: number, from: number): number | null {
    const { rows } = this
    const [start, end] = [rows.offsets[rows.count - 1]!, rows.offsets[rows.count]!]
    const [own, ownEnd] = [histories.offsets[row]!, histories.offsets[row + 1]!]
    for (let at = start + from; at < end; at++) {
      const [left, size] = [end - at, ownEnd - own]
      if (size < left) continue
      if (size > left && 2 * left < this.#length) return null
      if (same(rows, at, histories, own, left)) return at - start
    }
    return null
  }

  #open(histories: BagRows, row: number): void {
    const { rows } = this
    const [own, size] = [histories.offsets[row]!, histories.offsets[row + 1]! - histories.offsets[row]!]
    const at = rows.offsets[rows.count]!
    reserve(rows, at + size)
    rows.indices.set(histories.indices.subarray(own, own + size), at)
    if (histories.codes !== undefined) rows.codes!.events.set(histories.codes.events.subarray(own, own + size), at)
    rows.offsets[++rows.count] = at + size
  }
}

/** Whether `size` items from `a` on are those from `b` on, with their events. */
function same(x: BagRows, a: number, y: BagRows, b: number, size: number): boolean {
  for (let j = 0; j < size; j++) {
    if (x.indices[a + j] !== y.indices[b + j]) return false
    if (y.codes !== undefined && x.codes!.events[a + j] !== y.codes.events[b + j]) return false
  }
  return true
}
