/** Which examples an epoch trains on, in what order: a pure function of the seed and the epoch. */
import type { TrainingSpec } from '../../../contract/shapes/spec.ts'
import { random, shuffle } from '../random.ts'

export interface EpochOrder {
  /** examples of an epoch */
  readonly examples: number
  /** positions of epoch `epoch` (from 0) */
  readonly of: (epoch: number) => Int32Array
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
  const examples = cap === null ? positions.length : cappedCount(positions, user, cap)
  return {
    examples,
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

function cappedCount(positions: Int32Array, user: Int32Array, cap: number): number {
  return firstOfEach(positions, user, cap, positions.length).length
}

function firstOfEach(positions: Int32Array, user: Int32Array, cap: number, most: number): Int32Array {
  const met = new Map<number, number>()
  const kept = new Int32Array(most)
  let count = 0
  for (const p of positions) {
    const before = met.get(user[p]!) ?? 0
    if (before >= cap) continue
    met.set(user[p]!, before + 1)
    kept[count++] = p
  }
  return kept.subarray(0, count)
}
