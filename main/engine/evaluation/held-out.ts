/**
 * What a protocol holds out of a dataset: for each evaluated user the distinct items to find, and the items that are masked. Masked
 * items are those of the user's earlier parts, whatever their event; a held-out item among them is not counted.
 */
import type { Part } from '../../contract/shapes/dataset.ts'
import type { Protocol } from '../../contract/shapes/protocol.ts'
import type { Dataset, Interactions } from '../dataset/dataset.ts'
import { EARLIER_PARTS } from '../../contract/shapes/protocol.ts'
import { eventCodes, InteractionSelection } from '../dataset/interactions.ts'
import type { SeenItems } from '../model/blocks.ts'

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
  const { item, offsets } = interactions
  const earlier = new InteractionSelection(interactions, EARLIER_PARTS[protocol.part])
  const toFind = new InteractionSelection(interactions, [protocol.part], eventCodes(dataset, protocol.events))
  const masked = protocol.seen === 'masked'
  // per item: 2u + 1 where user u has seen it, 2u + 2 where it is held out for u
  const mark = new Float64Array(manifest.items)
  const users: number[] = []
  const starts: number[] = [0]
  const items: number[] = []

  for (const user of among === undefined ? range(manifest.users) : Int32Array.from(new Set(among)).sort()) {
    const from = offsets[user]!
    const to = offsets[user + 1]!
    if (masked) for (let i = from; i < to; i++) if (earlier.has(i)) mark[item[i]!] = 2 * user + 1
    const start = items.length
    for (let i = from; i < to; i++) {
      if (!toFind.has(i) || mark[item[i]!]! > 2 * user) continue
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
  if (protocol.seen === 'included') return null
  const earlier = new InteractionSelection(interactions, EARLIER_PARTS[protocol.part])
  return (user) => earlier.itemsOf(user)
}

type Counted = Pick<Dataset, 'manifest' | 'interactions'>

/** Interactions of each item within the given parts, of the named events, else of the dataset's positives: its popularity. */
export function itemCounts(dataset: Counted, parts: readonly Part[], events: readonly string[] = []): Int32Array {
  return new InteractionSelection(
    dataset.interactions,
    parts,
    eventCodes(dataset, events.length === 0 ? (dataset.manifest.positives ?? []) : events),
  ).counts('item', dataset.manifest.items)
}

/** Interactions of each user within the given parts: the length of their history. */
export function userCounts({ manifest, interactions }: Counted, parts: readonly Part[]): Int32Array {
  return new InteractionSelection(interactions, parts).counts('user', manifest.users)
}

function* range(count: number): Generator<number> {
  for (let i = 0; i < count; i++) yield i
}

function sortTail(items: number[], start: number): void {
  if (items.length - start < 2) return
  const tail = items.splice(start).sort((a, b) => a - b)
  for (const item of tail) items.push(item)
}
