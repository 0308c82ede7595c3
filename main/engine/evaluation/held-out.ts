/**
 * What a protocol holds out of a dataset: for each evaluated user the distinct items to find, and the items that are masked. Masked
 * items are those of the user's earlier parts, whatever their event; a held-out item among them is not counted.
 */
import { PART_CODE, type Part } from '../../contract/shapes/dataset.ts'
import type { Protocol } from '../../contract/shapes/protocol.ts'
import type { Dataset, Interactions } from '../dataset/types.ts'
import { EARLIER_PARTS } from '../../contract/shapes/protocol.ts'
import { flags, type SeenItems, seenItems } from '../model/seen.ts'

/** Held-out items of the evaluated users: of users[q] they are items[offsets[q] .. offsets[q + 1]), ascending and distinct. */
export interface HeldOut {
  /** dense user indices, ascending */
  readonly users: Int32Array
  readonly offsets: Int32Array
  readonly items: Int32Array
}

/** The users with something to find under a protocol; `among` restricts them to a given set. One pass over the interactions. */
export function heldOut(dataset: Pick<Dataset, 'manifest' | 'interactions'>, protocol: Protocol, among?: Int32Array): HeldOut {
  const { manifest, interactions } = dataset
  const { item, part, event, offsets } = interactions
  const earlier = partFlags(EARLIER_PARTS[protocol.part])
  const counts = eventFlags(manifest.events, protocol.events)
  const code = PART_CODE[protocol.part]
  const masked = protocol.seen === 'masked'
  // per item: 2u + 1 where user u has seen it, 2u + 2 where it is held out for u
  const mark = new Float64Array(manifest.items)
  const users: number[] = []
  const starts: number[] = [0]
  const items: number[] = []

  for (const user of among === undefined ? range(manifest.users) : Int32Array.from(new Set(among)).sort()) {
    const from = offsets[user]!
    const to = offsets[user + 1]!
    if (masked) for (let i = from; i < to; i++) if (earlier[part[i]!] === 1) mark[item[i]!] = 2 * user + 1
    const start = items.length
    for (let i = from; i < to; i++) {
      if (part[i] !== code || (event !== null && counts[event[i]!] === 0)) continue
      if (mark[item[i]!]! > 2 * user) continue
      mark[item[i]!] = 2 * user + 2
      items.push(item[i]!)
    }
    if (items.length === start) continue
    sortTail(items, start)
    users.push(user)
    starts.push(items.length)
  }
  return { users: Int32Array.from(users), offsets: Int32Array.from(starts), items: Int32Array.from(items) }
}

/** The items that a protocol masks, or null where seen items are candidates. */
export function maskedItems(interactions: Interactions, protocol: Protocol): SeenItems | null {
  return protocol.seen === 'included' ? null : seenItems(interactions, EARLIER_PARTS[protocol.part])
}

type Counted = Pick<Dataset, 'manifest' | 'interactions'>

/** Interactions of each item within the given parts, of any event or of the named ones: its popularity. */
export function itemCounts({ manifest, interactions }: Counted, parts: readonly Part[], events: readonly string[] = []): Int32Array {
  return countBy(interactions.item, manifest.items, interactions, partFlags(parts), eventFlags(manifest.events, events))
}

/** Interactions of each user within the given parts: the length of their history. */
export function userCounts({ manifest, interactions }: Counted, parts: readonly Part[]): Int32Array {
  return countBy(interactions.user, manifest.users, interactions, partFlags(parts), eventFlags(manifest.events, []))
}

function countBy(key: Int32Array, keys: number, { part, event, length }: Interactions, parts: Uint8Array, events: Uint8Array): Int32Array {
  const counts = new Int32Array(keys)
  for (let i = 0; i < length; i++) if (parts[part[i]!] === 1 && (event === null || events[event[i]!] === 1)) counts[key[i]!]!++
  return counts
}

/** 1 at the codes of the parts. */
const partFlags = (parts: readonly Part[]): Uint8Array => flags(parts.map((part) => PART_CODE[part]))

/** 1 at the codes of the named events; of all where none is named. */
function eventFlags(known: readonly string[], named: readonly string[]): Uint8Array {
  return named.length === 0 ? new Uint8Array(256).fill(1) : flags(named.map((event) => known.indexOf(event)))
}

function* range(count: number): Generator<number> {
  for (let i = 0; i < count; i++) yield i
}

function sortTail(items: number[], start: number): void {
  if (items.length - start < 2) return
  const tail = items.splice(start).sort((a, b) => a - b)
  for (const item of tail) items.push(item)
}
