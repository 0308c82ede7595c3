/**
 * Item-item nearest neighbours: cosine of the items' user sets, with shrinkage (Dacrema et al. 2019), of which the `neighbours` largest
 * are kept an item. With `normalise` and `itemMean` it is the variant behind BARS's published figures. Costs Σ |history|² additions:
 * a second for Gowalla.
 */
import type { Progress } from '../../../contract/shapes/progress.ts'
import type { ItemKnnSpec, Settled } from '../../../contract/shapes/spec.ts'
import { createTopK } from '../../ann/topk.ts'
import { type ItemItem, ItemItemBuilder } from '../../model/item-item.ts'
import { rowOf } from '../../dataset/interactions.ts'
import type { InteractionMatrix } from '../../dataset/interaction-matrix.ts'

export type ItemKnnOptions = Pick<Settled<ItemKnnSpec>, 'neighbours' | 'shrinkage' | 'normalise' | 'itemMean'>

/** Items per yield. */
const BLOCK = 512

/** Ties of similarity go to the lower item index. */
export async function* fitItemKnn(
  { users, items, byUser, byItem }: InteractionMatrix,
  { neighbours, shrinkage, normalise, itemMean }: ItemKnnOptions,
): AsyncGenerator<Progress, ItemItem> {
  const count = (item: number): number => byItem.offsets[item + 1]! - byItem.offsets[item]!
  const k = Math.min(neighbours, items)
  const select = createTopK(k)
  const builder = new ItemItemBuilder(items, k)
  const bias = new Float32Array(items)
  const similar = new Float32Array(items)
  const [keys, values] = [new Int32Array(k), new Float32Array(k)]
  for (let item = 0; item < items; item++) {
    if (item % BLOCK === 0) yield { stage: 'find similar items', done: item, total: items, unit: 'items' }
    similar.fill(0)
    for (const user of rowOf(byItem, item)) for (const other of rowOf(byUser, user)) similar[other]!++
    similar[item] = 0
    for (let other = 0; other < items; other++) {
      if (similar[other] !== 0) similar[other]! /= Math.sqrt(count(item) * count(other)) + shrinkage
    }
    const selected = select(similar, 0, items, keys, 0, values)
    let kept = 0
    while (kept < selected && values[kept]! > 0) kept++
    const weights = values.slice(0, kept)
    if (normalise) scale(weights)
    builder.add(item, keys.subarray(0, kept), weights)
    if (itemMean) {
      let mean = count(item)
      for (let n = 0; n < kept; n++) mean -= weights[n]! * count(keys[n]!)
      bias[item] = mean / users
    }
  }
  yield { stage: 'find similar items', done: items, total: items, unit: 'items' }
  return builder.build(bias)
}

/** To a sum of 1. */
function scale(weights: Float32Array): void {
  let sum = 0
  for (const weight of weights) sum += weight
  if (sum > 0) for (let n = 0; n < weights.length; n++) weights[n]! /= sum
}
