/**
 * The items of a run, as they were after an epoch or as it is served, on the map of another or of itself: rotated onto its vectors and laid
 * on its axes, so that an item which means the same stands where it stood; and how far each has moved.
 */
import type { VerbOutput } from '../../../contract/verbs.ts'
import type { Axes } from '../../ann/pca.ts'
import { procrustes } from '../../ann/procrustes.ts'
import { readEpoch } from '../../model/epoch-vectors.ts'
import type { OpenModel } from '../open-model.ts'
import { asMapped, itemAxes } from './points.ts'

/** What others are laid on. */
export interface MapReference {
  readonly dim: number
  /** [items × dim], as they are mapped */
  readonly vectors: Float32Array
  readonly axes: Axes
}

export async function mapReference(model: OpenModel): Promise<MapReference> {
  const axes = await itemAxes(model)
  return { dim: model.dim, vectors: asMapped(model, model.vectors.item), axes }
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
  return { points: await reference.axes.project(turned), moved }
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
