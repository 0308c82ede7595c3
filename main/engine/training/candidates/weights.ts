/** How much each example counts in the loss: rewards, event types, users. Scaled to a mean of 1, so that the loss keeps its size. */
import { PylonError } from '../../../contract/errors.ts'
import type { WeightsSpec } from '../../../contract/shapes/spec.ts'
import type { Interactions } from '../../dataset/dataset.ts'
import type { EpochOrder } from '../loop/order.ts'

/**
 * Weights by position of the interactions (0 where it is no example), or null where all count alike.
 * @param share in how many of the epochs an example of a user is: sums and the mean are those of an epoch
 * @throws PylonError bad-data where a weight is negative or all are 0
 */
export function exampleWeights(
  spec: WeightsSpec,
  { user, event, weight, length }: Interactions,
  events: readonly string[],
  positions: Int32Array,
  share: EpochOrder['share'],
): Float32Array | null {
  const byEvent = events.map((name) => spec.events[name] ?? 1)
  if (spec.users === 'by-examples' && !spec.reward && !spec.eventMean && byEvent.every((w) => w === 1)) return null
  const weights = new Float32Array(length)
  for (const p of positions) {
    weights[p] = (event === null ? 1 : byEvent[event[p]!]!) * (spec.reward && weight !== null ? weight[p]! : 1)
    if (!(weights[p] >= 0))
      throw new PylonError('bad-data', `A weight is ${weights[p]}: rewards must be 0 or more.`, 'training.weights.reward')
  }
  const shareAt = (p: number): number => share(user[p]!)
  if (spec.eventMean && event !== null) divideByCount(weights, positions, event, shareAt)
  if (spec.users === 'equal') divideByCount(weights, positions, user, shareAt)
  let [sum, examples] = [0, 0]
  for (const p of positions) {
    sum += weights[p]! * shareAt(p)
    examples += shareAt(p)
  }
  const mean = sum / examples
  if (mean === 0) throw new PylonError('bad-data', 'All examples weigh 0.', 'training.weights')
  for (const p of positions) weights[p] = weights[p]! / mean
  return weights
}

/** Divides by the number of an epoch's examples with the same key, so that all keys together count alike. */
function divideByCount(weights: Float32Array, positions: Int32Array, key: ArrayLike<number>, shareAt: (position: number) => number): void {
  const counts = new Map<number, number>()
  for (const p of positions) counts.set(key[p]!, (counts.get(key[p]!) ?? 0) + shareAt(p))
  for (const p of positions) weights[p] = weights[p]! / counts.get(key[p]!)!
}
