/** What a user has met: what a protocol masks, what a page leaves out, and what an item-item model scores by. */
import { PART_CODE, type Part } from '../../contract/shapes/dataset.ts'
import type { Interactions } from '../dataset/types.ts'

/** The items of a user's interactions, repeated where they came back to one; a view that the next call overwrites. */
export type SeenItems = (user: number) => Int32Array

/** Items met in some parts, by any event or by those of some codes. Costs the user's interactions a call. */
export function seenItems(
  { item, part, event, offsets }: Interactions,
  parts: readonly Part[],
  events: readonly number[] | null = null,
): SeenItems {
  const ofParts = flags(parts.map((name) => PART_CODE[name]))
  const ofEvents = events === null || event === null ? null : flags(events)
  let buffer = new Int32Array(1024)
  return (user) => {
    const from = offsets[user]!
    const to = offsets[user + 1]!
    if (to - from > buffer.length) buffer = new Int32Array(2 * (to - from))
    let n = 0
    for (let i = from; i < to; i++) if (ofParts[part[i]!] === 1 && (ofEvents === null || ofEvents[event![i]!] === 1)) buffer[n++] = item[i]!
    return buffer.subarray(0, n)
  }
}

/** 1 at the codes. */
export function flags(codes: readonly number[]): Uint8Array {
  const found = new Uint8Array(256)
  for (const code of codes) found[code] = 1
  return found
}
