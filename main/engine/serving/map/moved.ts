/**
 * The items of a run, as they were after an epoch or as it is served, on the map of another or of itself: rotated onto its vectors and laid
 * on its axes, or among the items that its neighbourhoods have laid out, so that an item which means the same stands where it stood; and how
 * far each has moved.
 */
import { badInput } from '../../../contract/errors.ts'
import type { VectorMetric } from '../../../contract/shapes/spec.ts'
import type { VerbOutput } from '../../../contract/verbs.ts'
import { createExact } from '../../ann/exact.ts'
import { procrustes } from '../../ann/procrustes.ts'
import { readEpoch } from '../../model/epoch-vectors.ts'
import type { OpenModel } from '../open-model.ts'
import { distanceOf } from './layout.ts'
import { asMapped, itemAxes, mapPoints } from './points.ts'
import { placeAmong } from './umap.ts'

/** What others are laid on. */
export interface MapReference {
  readonly dim: number
  /** [items × dim], as they are mapped */
  readonly vectors: Float32Array
  /** where vectors [items × dim] of its space stand */
  readonly place: (vectors: Float32Array) => Promise<Float32Array>
}

/** Items that are placed by their nearest among as many: a search of them all. */
const MOST_PLACED = 20_000
const NEAREST = 15
const BLOCK = 2048

/** @throws PylonError not-found where its items are not laid out; bad-input where there are too many to place anew */
export async function mapReference(model: OpenModel, layout: 'axes' | 'neighbourhoods', threads: number): Promise<MapReference> {
  const { dim } = model
  const metric: VectorMetric = model.metric === 'euclidean' ? 'euclidean' : 'cosine'
  const vectors = asMapped(model, model.vectors.item)
  if (layout === 'axes') {
    const { project } = await itemAxes(model)
    return { dim, vectors, place: project }
  }
  const { points, items } = await mapPoints(model, layout)
  if (items > MOST_PLACED)
    throw badInput(`There are ${items} items: more than ${MOST_PLACED} are placed anew on principal axes alone.`, 'layout')
  const place = async (others: Float32Array): Promise<Float32Array> => {
    const search = await createExact(vectors, dim, metric, { threads })
    try {
      const placed = new Float32Array((others.length / dim) * 2)
      for (let from = 0; from < others.length / dim; from += BLOCK) {
        const block = others.subarray(from * dim, (from + BLOCK) * dim)
        const { keys, scores } = await search.search(block, { k: Math.min(NEAREST, items) })
        const distances = scores.map((score) => distanceOf(score, metric))
        placed.set(placeAmong(points, { k: Math.min(NEAREST, items), indices: keys, distances }), from * 2)
      }
      return placed
    } finally {
      await search.dispose()
    }
  }
  return { dim, vectors, place }
}

/**
 * @param epoch null: as the run is served
 * @throws PylonError not-found, bad-data where the vectors of the epoch are not there, or not what was written
 */
export async function movedPoints(
  model: OpenModel,
  epoch: number | null,
  reference: MapReference,
): Promise<Pick<VerbOutput<'map.moved'>, 'points' | 'moved'>> {
  const { dim } = model
  const items = epoch === null ? model.vectors.item : (await readEpoch(model.folders, epoch, model.catalogue.size('item'), dim)).items
  const own = asMapped(model, items)
  const { apply, scale } = await procrustes(own, dim, reference.vectors, reference.dim)
  const turned = await apply(own)
  const moved = new Float32Array(own.length / dim)
  for (let row = 0; row < moved.length; row++) moved[row] = 1 - cosine(turned, reference.vectors, row * reference.dim, reference.dim)
  for (let i = 0; i < turned.length; i++) turned[i]! *= scale
  return { points: await reference.place(turned), moved }
}

/** 0 for two that have no direction. */
function cosine(a: Float32Array, b: Float32Array, from: number, dim: number): number {
  let [ab, aa, bb] = [0, 0, 0]
  for (let i = from; i < from + dim; i++) {
    ab += a[i]! * b[i]!
    aa += a[i]! * a[i]!
    bb += b[i]! * b[i]!
  }
  return aa === 0 || bb === 0 ? (aa === bb ? 1 : 0) : Math.min(1, ab / Math.sqrt(aa * bb))
}
