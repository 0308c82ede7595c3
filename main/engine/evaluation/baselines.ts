/** Most popular under the protocol of a model, learned from the same parts as that model: what its number has to beat. */
import type { Part } from '../../contract/shapes/dataset.ts'
import type { Protocol } from '../../contract/shapes/protocol.ts'
import type { Dataset } from '../dataset/dataset.ts'
import { itemCounts } from './held-out.ts'
import type { Scorer } from '../model/scoring.ts'

/** The parts that a measured model learned from. */
export const fittedParts = ({ fittedOn }: Pick<Protocol, 'fittedOn'>): readonly Part[] =>
  fittedOn === 'train' ? ['train'] : ['train', 'validation']

/**
 * Scores every item by its number of interactions in some parts, the same for every user; exact below 2^24 interactions of one item.
 * @param events event types that are counted; empty: all
 */
export function mostPopularScorer(
  dataset: Pick<Dataset, 'manifest' | 'interactions'>,
  parts: readonly Part[],
  events: readonly string[] = [],
): Scorer {
  const scores = Float32Array.from(itemCounts(dataset, parts, events))
  return {
    score(users, out) {
      for (let row = 0; row < users.length; row++) out.set(scores, row * scores.length)
    },
  }
}
