/**
 * Reading interactions: those of some parts and events by user, by item, or one by one; and the same pairs from the other side. Part codes
 * stay in here. A test of a position reads one or two bytes and allocates nothing.
 */
import { PART_CODE, type Part } from '../../contract/shapes/dataset.ts'
import { EARLIER_PARTS } from '../../contract/shapes/protocol.ts'
import type { Dataset, Interactions, Side } from './dataset.ts'

/** Row r has `indices[offsets[r] .. offsets[r + 1])`. */
export interface CsrRows {
  readonly offsets: Int32Array
  readonly indices: Int32Array
}

/** The interactions of some parts and, where event codes are given, of those events. */
export class InteractionSelection {
  readonly #interactions: Interactions
  readonly #part: Uint8Array
  /** read only where `#events` is not null */
  readonly #event: Uint8Array
  /** 1 at the codes that count; events null: all */
  readonly #parts: Uint8Array
  readonly #events: Uint8Array | null
  #items = new Int32Array(1024)

  /** @param events codes into the dataset's events; null: all. Data without event types is all of code 0 */
  constructor(interactions: Interactions, parts: readonly Part[], events: readonly number[] | null = null) {
    const { part, event } = interactions
    this.#interactions = interactions
    this.#part = part
    this.#event = event ?? part
    this.#events = events === null || event === null ? null : flags(events)
    const none = event === null && events?.includes(0) === false
    this.#parts = flags(none ? [] : parts.map((name) => PART_CODE[name]))
  }

  /** Whether the interaction at a position is one of them. */
  has(position: number): boolean {
    return this.#parts[this.#part[position]!] === 1 && (this.#events === null || this.#events[this.#event[position]!] === 1)
  }

  /** Their positions, rising. */
  positions(): Int32Array {
    const positions = new Int32Array(this.#interactions.length)
    let count = 0
    for (let p = 0; p < positions.length; p++) if (this.has(p)) positions[count++] = p
    return positions.slice(0, count)
  }

  /** How many each of the `size` users or items has. */
  counts(side: Side, size: number): Int32Array {
    const counts = new Int32Array(size)
    const entity = this.#interactions[side]
    for (let p = 0; p < entity.length; p++) if (this.has(p)) counts[entity[p]!]!++
    return counts
  }

  /** The latest time of any; −Infinity where there is none. */
  latest(time: Float64Array): number {
    let latest = -Infinity
    for (let p = 0; p < time.length; p++) if (time[p]! > latest && this.has(p)) latest = time[p]!
    return latest
  }

  /** A user's items in the order of their interactions, repeated where they came back; a view that the next call overwrites. */
  itemsOf(user: number): Int32Array {
    const { offsets, item } = this.#interactions
    const [from, to] = [offsets[user]!, offsets[user + 1]!]
    if (to - from > this.#items.length) this.#items = new Int32Array(2 * (to - from))
    let count = 0
    for (let p = from; p < to; p++) if (this.has(p)) this.#items[count++] = item[p]!
    return this.#items.subarray(0, count)
  }

  /** A user's distinct items, in the order in which they were first interacted with. */
  distinctItemsOf(user: number): number[] {
    return [...new Set(this.itemsOf(user))]
  }

  /** Every user's distinct items, in the order in which they were first interacted with. */
  distinctItems(users: number, items: number): CsrRows {
    const { offsets, item } = this.#interactions
    const starts = new Int32Array(users + 1)
    const found = new Int32Array(this.#interactions.length)
    const lastUser = new Int32Array(items).fill(-1)
    let count = 0
    for (let user = 0; user < users; user++) {
      for (let p = offsets[user]!, end = offsets[user + 1]!; p < end; p++) {
        if (lastUser[item[p]!] === user || !this.has(p)) continue
        lastUser[item[p]!] = user
        found[count++] = item[p]!
      }
      starts[user + 1] = count
    }
    return { offsets: starts, indices: found.slice(0, count) }
  }
}

/** Codes of named events; null, which is all, where none is named or the data has one type. */
export function eventCodes(
  { manifest, interactions }: Pick<Dataset, 'manifest' | 'interactions'>,
  names: readonly string[],
): readonly number[] | null {
  return names.length === 0 || interactions.event === null ? null : names.map((name) => manifest.events.indexOf(name))
}

/** What was known of users before the test part, whatever the event: what they have seen. */
export function beforeTest(interactions: Interactions): InteractionSelection {
  return new InteractionSelection(interactions, EARLIER_PARTS.test)
}

/** A view of row r. */
export function rowOf({ offsets, indices }: CsrRows, r: number): Int32Array {
  return indices.subarray(offsets[r], offsets[r + 1])
}

/** The same pairs by column, each column's rows rising: a counting sort. */
export function transpose({ offsets, indices }: CsrRows, rows: number, columns: number): CsrRows {
  const starts = new Int32Array(columns + 1)
  for (const column of indices) starts[column + 1]!++
  for (let c = 0; c < columns; c++) starts[c + 1]! += starts[c]!
  const next = starts.slice()
  const transposed = new Int32Array(indices.length)
  for (let r = 0; r < rows; r++) for (let i = offsets[r]!; i < offsets[r + 1]!; i++) transposed[next[indices[i]!]!++] = r
  return { offsets: starts, indices: transposed }
}

/** Positions of the interactions of each item, rising. */
export function positionsByItem({ item, length }: Interactions, items: number): CsrRows {
  const each = Int32Array.from({ length: length + 1 }, (_, p) => p)
  return transpose({ offsets: each, indices: item }, length, items)
}

/** 1 at the codes. */
function flags(codes: readonly number[]): Uint8Array {
  const found = new Uint8Array(256)
  for (const code of codes) found[code] = 1
  return found
}
