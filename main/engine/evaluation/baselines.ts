/**
 * Baselines under the same protocol as a model: what a number has to beat. Most popular knows all that happened before the held-out
 * part (for test: train and validation), whether or not a model was refitted on it, so that it is one figure for every run.
 */
import type { Part } from '../../contract/shapes/dataset.ts'
import type { Protocol } from '../../contract/shapes/protocol.ts'
import type { Dataset } from '../dataset/types.ts'
import { itemCounts } from './held-out.ts'
import { EARLIER_PARTS } from '../../contract/shapes/protocol.ts'
import type { Scorer } from '../model/scoring.ts'

export interface MostPopularOptions {
  readonly dataset: Pick<Dataset, 'manifest' | 'interactions'>
  readonly part: Protocol['part']
  /** parts whose interactions are counted; default: all before `part` */
  readonly parts?: readonly Part[]
  /** event types that are counted; empty (default): all */
  readonly events?: readonly string[]
}

/** Scores every item by its number of interactions, the same for every user; exact below 2^24 interactions of one item. */
export function mostPopularScorer({ dataset, part, parts = EARLIER_PARTS[part], events = [] }: MostPopularOptions): Scorer {
  const scores = Float32Array.from(itemCounts(dataset, parts, events))
  return {
    score(users, out) {
      for (let row = 0; row < users.length; row++) out.set(scores, row * scores.length)
    },
  }
}
