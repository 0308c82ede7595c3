/** Which examples an epoch trains on, in what order: a pure function of the seed and the epoch. */
import type { TrainingSpec } from '../../../contract/shapes/spec.ts'
import { type Random, random, shuffle } from '../random.ts'

export interface EpochOrder {
  /** examples of an epoch, of which whole batches are trained on */
  readonly examples: number
  /** positions of epoch `epoch` (from 0), whole batches of them */
  readonly of: (epoch: number) => Int32Array
  /** in how many of the epochs an example of a user is: 1 without a cap */
  readonly share: (user: number) => number
}

type OrderSpec = Pick<TrainingSpec, 'seed' | 'order' | 'perUserCap' | 'batchSize'>

/**
 * The order of a spec. What is left over of whole batches is drawn anew each epoch, so that no example is always the one left out, as the
 * newest would be in order of time.
 * @param time of every interaction; only batches in order of time read it
 * @param user of every interaction; only a cap per user reads it
 */
export function createOrder(spec: OrderSpec, positions: Int32Array, user: Int32Array, time: Float64Array | null): EpochOrder {
  const { seed, order, perUserCap: cap, batchSize } = spec
  const ordered = order === 'time' && time !== null ? positions.toSorted((a, b) => time[a]! - time[b]! || a - b) : null
  const perUser = cap === null ? new Map<number, number>() : countUsers(positions, user)
  const share = (u: number): number => (cap === null ? 1 : Math.min(1, cap / (perUser.get(u) ?? 1)))
  const examples = cap === null ? positions.length : [...perUser.values()].reduce((sum, n) => sum + Math.min(cap, n), 0)
  const whole = examples - (examples % Math.min(batchSize, examples))
  return {
    examples,
    share,
    of(epoch) {
      const rng = random(seed, 'shuffle', epoch)
      const shuffled = positions.slice()
      shuffle(shuffled, rng)
      // the first `cap` of each user in a shuffle are a fair draw, but those of users of few examples come late
      const kept = cap === null ? shuffled : firstOfEach(shuffled, user, cap, examples)
      if (cap !== null) shuffle(kept, rng)
      const drawn = (order === 'sequences' ? inStretches(kept, user, rng) : kept).subarray(0, whole)
      if (ordered === null) return drawn
      const isDrawn = new Uint8Array(time!.length)
      for (const p of drawn) isDrawn[p] = 1
      return ordered.filter((p) => isDrawn[p] === 1)
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

/** Examples of a user that stay together at most. */
const STRETCH = 50

/**
 * The same examples with a user's together in their order, in stretches that begin elsewhere each epoch and are shuffled: a batch has the
 * whole stretches of some users, so that one window serves many.
 */
function inStretches(shuffled: Int32Array, user: Int32Array, rng: Random): Int32Array {
  const sorted = shuffled.toSorted()
  const stretches: Int32Array[] = []
  for (let from = 0; from < sorted.length;) {
    const owner = user[sorted[from]!]!
    let end = from
    while (end < sorted.length && user[sorted[end]!] === owner) end++
    // the first of a user of many is shorter, so that ends fall elsewhere each epoch
    let next = end - from > STRETCH ? from + 1 + (rng.uint32() % STRETCH) : end
    for (; from < end; from = next, next = Math.min(end, from + STRETCH)) stretches.push(sorted.subarray(from, next))
  }
  const places = Int32Array.from(stretches.keys())
  shuffle(places, rng)
  const out = new Int32Array(sorted.length)
  let at = 0
  for (const place of places) {
    out.set(stretches[place]!, at)
    at += stretches[place]!.length
  }
  return out
}
