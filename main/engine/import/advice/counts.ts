/** Whether a column orders entities as their test interactions are counted, beyond what their training counts say. */
import { stream } from '../split.ts'

/** Pairs of a like training count whose test counts differ. */
export interface Agreement {
  readonly pairs: number
  /** share of the pairs that the column tells apart which it orders as the test counts are, or all the other way round */
  readonly share: number
}

/** Entities of one level of a group that are compared. */
const LEVEL = 60
const LEAST_ENTITIES = 10
const LEAST_PAIRS = 50
/** Training counts within a tenth of each other are alike. */
const ALIKE = 1.1
/** How popular a thing is elsewhere agrees with test counts in up to 0.8 of such pairs; a count, its logarithm or share in all. */
export const LEAST_AGREEMENT = 0.95

/**
 * The agreement, of entities of one training count where these are enough, else of like ones; null where too few pairs tell.
 * @param values NaN: missing
 */
export function countAgreement(values: Float64Array, train: Int32Array, test: Int32Array): Agreement | null {
  return agreementWithin(1, values, train, test) ?? agreementWithin(ALIKE, values, train, test)
}

function agreementWithin(alike: number, values: Float64Array, train: Int32Array, test: Int32Array): Agreement | null {
  const chance = stream(1, 0)
  // entities that training does not know are told from others by their age alone
  const order = Int32Array.from(values.keys())
    .filter((k) => train[k]! > 0 && !Number.isNaN(values[k]!))
    .sort((a, b) => train[a]! - train[b]! || a - b)
  let [same, opposite, tied, entities] = [0, 0, 0, 0]
  for (let from = 0; from < order.length;) {
    let to = from + 1
    while (to < order.length && train[order[to]!]! <= train[order[from]!]! * alike) to++
    const levels = new Map<number, number[]>()
    for (const k of order.subarray(from, to)) gather(levels, test[k]!, k)
    from = to
    if (levels.size < 2) continue
    const kept = [...levels].toSorted(([a], [b]) => a - b).map(([, members]) => thinned(members, chance))
    for (const [i, low] of kept.entries()) {
      if (i > 0) entities += low.length
      for (const high of kept.slice(i + 1))
        for (const a of low)
          for (const b of high) {
            const difference = values[b]! - values[a]!
            if (difference > 0) same++
            else if (difference < 0) opposite++
            else tied++
          }
    }
  }
  const told = same + opposite
  // a column of few values must still tell half of the pairs apart
  if (entities < LEAST_ENTITIES || told < LEAST_PAIRS || told < tied) return null
  return { pairs: told, share: Math.max(same, opposite) / told }
}

function gather(levels: Map<number, number[]>, level: number, k: number): void {
  const members = levels.get(level)
  if (members === undefined) levels.set(level, [k])
  else members.push(k)
}

function thinned(members: number[], chance: () => number): number[] {
  for (let k = members.length; k > LEVEL; k--) members[Math.floor(chance() * k)] = members[k - 1]!
  return members.slice(0, LEVEL)
}
