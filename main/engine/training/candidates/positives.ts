/** What the trainer knows of the interactions it may learn from: which are examples, what each user is known to like. */
import { PylonError } from '../../../contract/errors.ts'
import type { Part } from '../../../contract/shapes/dataset.ts'
import type { TrainingSpec } from '../../../contract/shapes/spec.ts'
import type { Batcher } from '../../features/batches.ts'
import { codesOf } from '../../features/kinds/history.ts'
import { InteractionSelection } from '../../dataset/interactions.ts'
import type { Dataset } from '../../dataset/dataset.ts'
import type { Inputs } from '../../features/inputs.ts'
import type { EpochOrder } from '../loop/order.ts'
import { exampleWeights } from './weights.ts'

/** What the trainer knows of the training interactions. */
export interface Positives {
  /** positions of the examples in the dataset's interactions */
  readonly positions: Int32Array
  /** user and item of every interaction of the dataset */
  readonly user: Int32Array
  readonly item: Int32Array
  /** training examples of each item */
  readonly itemCounts: Int32Array
  /** examples of each item in an epoch, on average over epochs: less than all where users are capped */
  readonly perEpoch: Float64Array
  /** each user's distinct items in the training parts, whatever the event */
  readonly seenItems: ItemLists
  /** the same by the events that are positives */
  readonly trainedPositives: ItemLists
  /** how much each interaction counts as an example, mean 1; null: all alike */
  readonly weights: Float32Array | null
  /** the request context of examples, or null where the user tower has none; valid until the next call */
  context(positions: Int32Array): Inputs | null
  /** the interactions after which those contexts are, which rise with a user's time */
  moments(positions: Int32Array): Int32Array
}

/** A list of items for each user: `items` from offsets[user] to offsets[user + 1]. */
interface ItemLists {
  readonly offsets: Int32Array
  readonly items: Int32Array
}

/**
 * The batcher's examples, repeated interactions included, and what is known of users and items in the training parts.
 * @param parts those that count as training
 * @param share in how many of the epochs an example of a user is
 * @throws PylonError bad-data where there are fewer than two examples
 */
export function collectPositives(
  dataset: Dataset,
  parts: readonly Part[],
  batcher: Batcher,
  batch: number,
  { events, weights }: Pick<TrainingSpec, 'events' | 'weights'>,
  share: EpochOrder['share'],
): Positives {
  const { user, item } = dataset.interactions
  const positions = batcher.examples
  if (positions.length < 2) {
    throw new PylonError(
      'bad-data',
      `Dataset ${dataset.manifest.name} has ${positions.length} training interactions of the wanted events; at least 2 are needed.`,
    )
  }
  const itemCounts = new Int32Array(dataset.manifest.items)
  const perEpoch = new Float64Array(dataset.manifest.items)
  for (const position of positions) {
    itemCounts[item[position]!]!++
    perEpoch[item[position]!]! += share(user[position]!)
  }
  const context = batcher.createContext(batch)
  const filled = (rows: Int32Array): typeof context => {
    batcher.contextFor(rows, rows.length, context)
    return context
  }
  const codes = codesOf(events, dataset.manifest.events, 'training.events')
  const itemsOf = (wanted: readonly number[] | null): ItemLists => {
    const { offsets, indices } = new InteractionSelection(dataset.interactions, parts, wanted).distinctItems(
      dataset.manifest.users,
      dataset.manifest.items,
    )
    return { offsets, items: indices }
  }
  const seenItems = itemsOf(null)
  return {
    positions,
    user,
    item,
    itemCounts,
    perEpoch,
    seenItems,
    trainedPositives: codes === null ? seenItems : itemsOf(codes),
    weights: exampleWeights(weights, dataset.interactions, dataset.manifest.events, positions, share),
    context: filled,
    moments: (rows) => rows.map(batcher.momentOf),
  }
}
