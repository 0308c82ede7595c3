/** What a blend is put together of: members' vectors as inner products, each at its share, and the popularity of items as one more. */
import type { Part as DatasetPart } from '../../../contract/shapes/dataset.ts'
import type { RunSpec } from '../../../contract/shapes/spec.ts'
import type { Dataset } from '../../dataset/dataset.ts'
import { itemCounts } from '../../evaluation/held-out.ts'
import {
  asInnerProducts,
  covarianceOf,
  innerWidth,
  logCounts,
  meanLength,
  type MemberMetric,
  type MemberScale,
  scaledItems,
  scaledUsers,
  sideBySide,
} from '../../model/blend.ts'
import type { RunVectors } from '../../model/run-vectors.ts'
import type { VectorModel } from '../../model/scoring.ts'
import { matchingOf, metricOf } from '../../towers/metric.ts'

/** A member's vectors as inner products, and how they enter at a share of 1. */
export interface Part {
  /** of the member's own vectors, and of these */
  readonly dim: number
  readonly width: number
  readonly users: Float32Array
  readonly items: Float32Array
  /** what makes item vectors as long as 1 in the mean */
  readonly unit: number
  readonly scale: MemberScale
}

export interface WeightedPart {
  readonly part: Part
  /** below 0 of popularity alone */
  readonly weight: number
}

/** A run's vectors as a part. Holds them twice. */
export async function partOf(spec: RunSpec, { dim, user, item }: RunVectors, threads: number): Promise<Part> {
  const metric: MemberMetric = metricOf(matchingOf(spec))
  const width = innerWidth(dim, metric)
  const items = asInnerProducts(item, dim, 'item', metric)
  return asPart(dim, width, asInnerProducts(user, dim, 'user', metric), items, metric, threads)
}

/** How often the items of a dataset were interacted with in some parts of it, as a part of one number. */
export function popularityPart(dataset: Dataset, parts: readonly DatasetPart[], threads: number): Promise<Part> {
  return asPart(1, 1, new Float32Array(dataset.manifest.users).fill(1), logCounts(itemCounts(dataset, parts)), 'dot', threads)
}

async function asPart(
  dim: number,
  width: number,
  users: Float32Array,
  items: Float32Array,
  metric: MemberMetric,
  threads: number,
): Promise<Part> {
  const scale = { metric, weight: 1, length: 1, covariance: await covarianceOf(items, width, threads) }
  return { dim, width, items, unit: 1 / meanLength(items, width), scale, users: await scaledUsers(users, width, scale, threads) }
}

/** Item vectors of all members are of the same mean length, by their shares' roots: none drowns another where items are compared. */
export const evenLength = ({ unit }: Part, weight: number): number => Math.sqrt(Math.abs(weight)) * unit

/** The parts side by side: an inner product is the sum of their scores, each divided by its deviation and at its weight. */
export function blended(members: readonly WeightedPart[]): VectorModel {
  const each = members.map(({ part, weight }) => {
    const length = evenLength(part, weight)
    const { width } = part
    return { width, users: part.users.map((x) => (x * weight) / length), items: scaledItems(part.items, { length }) }
  })
  return {
    kind: 'vectors',
    matching: 'dot',
    dim: each.reduce((sum, { width }) => sum + width, 0),
    users: sideBySide(each.map(({ users: vectors, width }) => ({ vectors, width }))),
    items: sideBySide(each.map(({ items: vectors, width }) => ({ vectors, width }))),
  }
}
