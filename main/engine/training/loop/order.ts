/** Which examples an epoch trains on, in what order: a pure function of the seed and the epoch. */
import type { TrainingSpec } from '../../../contract/shapes/spec.ts'
import { random, shuffle } from '../random.ts'

export interface EpochOrder {
  /** examples of an epoch */
  readonly examples: number
  /** positions of epoch `epoch` (from 0) */
  readonly of: (epoch: number) => Int32Array
  /** in how many of the epochs an example of a user is: 1 without a cap */
  readonly share: (user: number) => number
}

type OrderSpec = Pick<TrainingSpec, 'seed' | 'order' | 'perUserCap'>

/**
 * The order of a spec.
 * @param time of every interaction; only batches in order of time read it
 * @param user of every interaction; only a cap per user reads it
 */
export function createOrder(spec: OrderSpec, positions: Int32Array, user: Int32Array, time: Float64Array | null): EpochOrder {
  const { seed, order, perUserCap: cap } = spec
  const ordered = order === 'time' && time !== null ? positions.toSorted((a, b) => time[a]! - time[b]! || a - b) : null
  const perUser = cap === null ? new Map<number, number>() : countUsers(positions, user)
  const share = (u: number): number => (cap === null ? 1 : Math.min(1, cap / (perUser.get(u) ?? 1)))
  const examples = cap === null ? positions.length : [...perUser.values()].reduce((sum, n) => sum + Math.min(cap, n), 0)
  return {
    examples,
    share,
    of(epoch) {
      const shuffled = (): Int32Array => {
        const copy = positions.slice()
        shuffle(copy, random(seed, 'shuffle', epoch))
        return copy
      }
      if (cap === null) return ordered?.slice() ?? shuffled()
      // the first `cap` of each user in a shuffle are a fair draw
      const kept = firstOfEach(shuffled(), user, cap, examples)
      return ordered === null ? kept : kept.sort((a, b) => time![a]! - time![b]! || a - b)
    },
  }
}

function countUsers(positions: Int32Array, user: Int32Array): ReadonlyMap<number, number> {
  const counts = new Map<number, number>()
  for (const p of positions) counts.set(user[p]!, (counts.get(user[p]!) ?? 0) + 1)
  return counts
}

function firstOfEach(positions: Int32Array, user: Int32Array, cap: number, kept: number): Int32Array {
  const taken = new Map<number, number>()
  const first = new Int32Array(kept)
  let count = 0
  for (const p of positions) {
    const before = taken.get(user[p]!) ?? 0
    if (before >= cap) continue
    taken.set(user[p]!, before + 1)
    first[count++] = p
  }
  return first
}
