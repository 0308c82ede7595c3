/**
 * A fitted model as everything after fitting sees it, vectors of both sides or item-item weights, and the scores it gives users of the
 * dataset: block by block, one product of matrices a block, which is how whole evaluations are made. One query: retriever.ts.
 */
import type { Part } from '../../contract/shapes/dataset.ts'
import { maxOverInterests } from '../ann/interests.ts'
import { createMatcher } from '../ann/matcher.ts'
import type { Dataset } from '../dataset/dataset.ts'
import type { Matching } from '../towers/metric.ts'
import { type ItemItem, scoreHistory } from './item-item.ts'
import { eventCodes, InteractionSelection } from '../dataset/interactions.ts'

export interface VectorModel {
  readonly kind: 'vectors'
  readonly dim: number
  /** [users × dim], or [users × interests·dim]: then an item's score is the largest over a user's interests */
  readonly users: Float32Array
  /** [items × dim] */
  readonly items: Float32Array
  readonly matching: Matching
}

export interface ItemItemModel {
  readonly kind: 'item-item'
  readonly weights: ItemItem
  /** whose interactions are a user's history, and of which events (empty: all) */
  readonly parts: readonly Part[]
  readonly events: readonly string[]
}

export type FittedModel = VectorModel | ItemItemModel

/** What an evaluated model is: scores of all items for some users. Whoever made it disposes of it. */
export interface Scorer {
  /** `users` are dense indices; `out` is [users.length × items], row-major; higher is better, -Infinity is never retrieved */
  score(users: Int32Array, out: Float32Array): Promise<void> | void
  dispose?(): Promise<void> | void
}

/** Scores users of the dataset by a fitted model. Dispose of it when done. */
export async function fittedScorer(
  model: FittedModel,
  dataset: Pick<Dataset, 'manifest' | 'interactions'>,
  threads: number,
): Promise<Scorer> {
  if (model.kind === 'vectors') {
    const { users: userVectors, items: itemVectors, dim, matching } = model
    const interests = userVectors.length / (dim * dataset.manifest.users)
    return vectorScorer({ userVectors, itemVectors, dim, interests, threads, matching })
  }
  const historyOf = interactedItems(model, dataset)
  const { weights } = model
  return {
    score(users, out) {
      for (let row = 0; row < users.length; row++) scoreHistory(weights, historyOf(users[row]!), out, row * weights.items)
    },
  }
}

/** The distinct items that an item-item model scores a user by, rising. */
export function interactedItems(
  { parts, events }: ItemItemModel,
  dataset: Pick<Dataset, 'manifest' | 'interactions'>,
): (user: number) => Int32Array {
  const history = new InteractionSelection(dataset.interactions, parts, eventCodes(dataset, events))
  return (user) => Int32Array.from(history.distinctItemsOf(user)).sort()
}

export interface VectorScorerOptions {
  /** [users × dim], or [users × interests·dim] */
  readonly userVectors: Float32Array
  /** [items × dim] */
  readonly itemVectors: Float32Array
  readonly dim: number
  readonly threads?: number
  /** vectors a user; default 1 */
  readonly interests?: number
  /** default: the inner product */
  readonly matching?: Matching
}

/** Scores as the model matches (cosine: both sides at unit length). Dispose of it when done. */
export async function vectorScorer(options: VectorScorerOptions): Promise<Required<Scorer>> {
  const { userVectors, itemVectors, dim, threads, interests = 1, matching = 'dot' } = options
  const matcher = await createMatcher(itemVectors, dim, matching, threads === undefined ? {} : { threads })
  const items = itemVectors.length / dim
  const width = dim * interests
  let queries = new Float32Array(0)
  let scores = new Float32Array(0)
  return {
    async score(users, out) {
      if (queries.length < users.length * width) queries = new Float32Array(users.length * width)
      for (let row = 0; row < users.length; row++)
        queries.set(userVectors.subarray(users[row]! * width, (users[row]! + 1) * width), row * width)
      if (interests === 1) return matcher.score(queries, users.length, out)
      // every interest is scored as a user of its own
      const rows = users.length * interests
      if (scores.length < rows * items) scores = new Float32Array(rows * items)
      const all = scores.subarray(0, rows * items)
      await matcher.score(queries, rows, all)
      maxOverInterests(all, users.length, interests, out)
    },
    dispose: () => matcher.dispose(),
  }
}
