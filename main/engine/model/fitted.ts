/**
 * A fitted model as everything after fitting sees it: vectors of both sides to be multiplied, or item-item weights to be summed over
 * what a user has met.
 */
import type { Part } from '../../contract/shapes/dataset.ts'
import type { MatchSpec } from '../../contract/shapes/spec.ts'
import type { Dataset } from '../dataset/types.ts'
import { type ItemItem, itemItemScorer } from '../evaluation/baselines/item-item.ts'
import { interactionMatrix, rowOf } from '../evaluation/baselines/matrix.ts'
import type { Scorer } from './retrieve.ts'
import { vectorScorer } from '../evaluation/vectors.ts'

export interface VectorModel {
  readonly kind: 'vectors'
  readonly dim: number
  /** [users × dim], or [users × interests·dim], and [items × dim] */
  readonly users: Float32Array
  readonly items: Float32Array
  /** how they match; default: by inner product */
  readonly match?: MatchSpec
}

export interface ItemItemModel {
  readonly kind: 'item-item'
  readonly weights: ItemItem
  /** whose interactions are a user's history, and of which events (empty: all) */
  readonly parts: readonly Part[]
  readonly events: readonly string[]
}

export type FittedModel = VectorModel | ItemItemModel

/** Scores users of the dataset by a fitted model. Dispose of it when done. */
export async function fittedScorer(
  model: FittedModel,
  dataset: Pick<Dataset, 'manifest' | 'interactions'>,
  threads: number,
): Promise<Scorer> {
  if (model.kind === 'vectors') {
    const { users: userVectors, items: itemVectors, dim, match = null } = model
    const interests = userVectors.length / (dim * dataset.manifest.users)
    return vectorScorer({ userVectors, itemVectors, dim, interests, threads, match })
  }
  const { byUser } = interactionMatrix(dataset, model.parts, model.events)
  return itemItemScorer(model.weights, (user) => rowOf(byUser, user))
}
