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
  /** [items]: 0 where the run has no vector of an item but zeros, as a model of ids has of a new one; null: it has one of each */
  readonly knows: Uint8Array | null
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
  const part = await asPart(dim, width, asInnerProducts(user, dim, 'user', metric), items, metric, threads)
  return { ...part, knows: metric === 'euclidean' ? null : rowsWithNumbers(item, dim) }
}

/** [rows]: 1 for each that is not all zeros; null where each is such. */
function rowsWithNumbers(vectors: Float32Array, dim: number): Uint8Array | null {
  const rows = Uint8Array.from({ length: vectors.length / dim }, (_, row) =>
    vectors.subarray(row * dim, (row + 1) * dim).some((value) => value !== 0) ? 1 : 0,
  )
  return rows.includes(0) ? rows : null
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
  return {
    dim,
    width,
    items,
    knows: null,
    unit: 1 / meanLength(items, width),
    scale,
    users: await scaledUsers(users, width, scale, threads),
  }
}

/** Item vectors of all members are of the same mean length, by their shares' roots: none drowns another where items are compared. */
export const evenLength = ({ unit }: Part, weight: number): number => Math.sqrt(Math.abs(weight)) * unit

/**
 * The parts side by side: an inner product is the sum of their scores, each divided by its deviation and at its weight. An item that some
 * runs know nothing of has the shares of those that know it, as 1 together: else it stood below all that more runs speak for.
 */
export function blended(runs: readonly WeightedPart[], others: readonly WeightedPart[] = []): VectorModel {
  const factors = itemFactors(runs)
  const each = [...runs, ...others].map(({ part, weight }, i) => {
    const length = evenLength(part, weight)
    const { width } = part
    const items = scaledItems(part.items, { length })
    if (factors !== null && i < runs.length) scaleRows(items, width, factors)
    return { width, users: part.users.map((x) => (x * weight) / length), items }
  })
  return {
    kind: 'vectors',
    matching: 'dot',
    dim: each.reduce((sum, { width }) => sum + width, 0),
    users: sideBySide(each.map(({ users: vectors, width }) => ({ vectors, width }))),
    items: sideBySide(each.map(({ items: vectors, width }) => ({ vectors, width }))),
  }
}

/** [items]: one over the shares of the runs that know an item; 1 where all do, or none; null: 1 of each. */
export function itemFactors(runs: readonly WeightedPart[]): Float32Array | null {
  const first = runs.find(({ part }) => part.knows !== null)?.part.knows
  if (first === undefined || first === null) return null
  const total = runs.reduce((sum, { weight }) => sum + weight, 0)
  return Float32Array.from(first, (_, item) => {
    const known = runs.reduce((sum, { part, weight }) => sum + (part.knows?.[item] === 0 ? 0 : weight), 0)
    return known > 0 ? total / known : 1
  })
}

/** Multiplies each row, in place. */
export function scaleRows(rows: Float32Array, width: number, factors: Float32Array): void {
  for (let i = 0; i < rows.length; i++) rows[i]! *= factors[Math.floor(i / width)]!
}
