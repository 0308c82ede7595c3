/**
 * The vectors of a run by the rows of a dataset, which may be a later import of the one it was trained on: users and items are found by
 * their ids. And the rotation of one run's vectors onto another's, users and items at once, so that scores within a run stay what they are.
 */
import { badInput } from '../../contract/errors.ts'
import { procrustes } from '../ann/procrustes.ts'
import { normaliseRows } from '../ann/scale-vectors.ts'
import type { Dataset, Side } from '../dataset/dataset.ts'
import type { RunSpec } from '../../contract/shapes/spec.ts'
import { isFunction, matchingOf, metricOf } from '../towers/metric.ts'
import { RUN_FILES, runFile, type RunFolders } from './run-files.ts'
import { loadVectors, readIds } from './run-vectors.ts'
import type { VectorModel } from './scoring.ts'

/** A run's vectors by the rows of a dataset; rows of what it has no vector of are zero. */
export interface PlacedModel extends VectorModel {
  /** vectors a user */
  readonly interests: number
  /** 1 where the run has a vector, by row of the dataset */
  readonly known: Readonly<Record<Side, Uint8Array>>
  /** items that the run has and the dataset has not */
  readonly foreignItems: number
}

/** @throws PylonError bad-input for a run that has no vectors, not-found or bad-data where they are not what was written */
export async function placedModel(run: RunFolders, dataset: Pick<Dataset, 'manifest' | 'ids'>): Promise<PlacedModel> {
  checkHasVectors(run.spec)
  const { manifest } = dataset
  const own = run.datasetRecord ?? manifest
  const { dim, user, item } = await loadVectors(run, { user: own.users, item: own.items })
  const interests = user.length / own.users / dim
  const model = { kind: 'vectors', dim, interests, matching: matchingOf(run.spec) } as const
  if (own.checksum === manifest.checksum) {
    const known = { user: new Uint8Array(manifest.users).fill(1), item: new Uint8Array(manifest.items).fill(1) }
    return { ...model, users: user, items: item, known, foreignItems: 0 }
  }
  const placed = async (side: Side, vectors: Float32Array, width: number): Promise<{ rows: Float32Array; known: Uint8Array }> => {
    const ids = await readIds(await runFile(run, side === 'user' ? RUN_FILES.userIds : RUN_FILES.itemIds))
    const rowOf = new Map(ids.map((id, row) => [id, row]))
    const wanted = await dataset.ids(side)
    const [rows, known] = [new Float32Array(wanted.length * width), new Uint8Array(wanted.length)]
    for (const [row, id] of wanted.entries()) {
      const from = rowOf.get(id)
      if (from === undefined) continue
      known[row] = 1
      rows.set(vectors.subarray(from * width, (from + 1) * width), row * width)
    }
    return { rows, known }
  }
  const [users, items] = [await placed('user', user, interests * dim), await placed('item', item, dim)]
  const there = items.known.reduce((sum, one) => sum + one, 0)
  return {
    ...model,
    users: users.rows,
    items: items.rows,
    known: { user: users.known, item: items.known },
    foreignItems: own.items - there,
  }
}

/** @throws PylonError bad-input for a run of item-item weights, which has no vectors */
export function checkHasVectors({ model }: Pick<RunSpec, 'model'>): void {
  if (model === 'item-knn' || model === 'ease')
    throw badInput(`A run of ${model} has item-item weights and no vectors: name a run of towers or of vectors.`, 'runs')
}

/** What brings the vectors of a run near to another's. */
export interface Rotation {
  /** [from × to], orthonormal rows: inner products of what it turns stay what they are */
  readonly matrix: Float64Array
  readonly from: number
  readonly to: number
  /** rows that it was fitted on */
  readonly items: number
  readonly users: number
}

/**
 * Fits a rotation by orthogonal Procrustes on all items and users that both know, either side with half of the weight: an old user tower
 * meets new items, and new users old ones. Narrower vectors get zeros to their right, which is what the rest of a rotation begins with.
 * @throws PylonError bad-input where the reference is narrower, or a match is no function of inner products
 */
export async function rotationOnto(moved: PlacedModel, reference: PlacedModel): Promise<Rotation> {
  const why = cannotRotate(moved, reference)
  if (why !== null) throw badInput(why, 'alignTo')
  const [from, to] = [moved.dim, reference.dim]
  const both = (side: Side): number[] =>
    [...moved.known[side].keys()].filter((row) => moved.known[side][row] === 1 && reference.known[side][row] === 1)
  const items = both('item')
  // several interests of a user stand in no order that two runs share
  const users = moved.interests === 1 && reference.interests === 1 ? both('user') : []
  const stacked = (model: PlacedModel): Float32Array => {
    const { dim } = model
    const out = new Float32Array((items.length + users.length) * dim)
    for (const [vectors, rows, at] of [[model.items, items, 0] as const, [model.users, users, items.length] as const]) {
      const part = out.subarray(at * dim, (at + rows.length) * dim)
      for (const [i, row] of rows.entries()) part.set(vectors.subarray(row * dim, (row + 1) * dim), i * dim)
      if (metricOf(model.matching) === 'cosine') part.set(normaliseRows(part, dim))
      const size = Math.sqrt(part.reduce((sum, value) => sum + value * value, 0))
      if (size > 0) for (let i = 0; i < part.length; i++) part[i]! /= size
    }
    return out
  }
  const { rotation } = await procrustes(stacked(moved), from, stacked(reference), to, Infinity)
  return { matrix: rotation, from, to, items: items.length, users: users.length }
}

/** Why the vectors of a run cannot be turned onto another's; null where they can. */
export function cannotRotate(
  moved: Pick<PlacedModel, 'dim' | 'matching'>,
  reference: Pick<PlacedModel, 'dim' | 'matching'>,
): string | null {
  if (isFunction(moved.matching) || isFunction(reference.matching))
    return 'One of them matches by a function of its own, which a rotation may change: only dot, cosine and Euclidean distance keep their scores.'
  return moved.dim <= reference.dim
    ? null
    : `Its vectors have ${moved.dim} numbers, those to be aligned to only ${reference.dim}: align the other run to it, or train it with an output of ${reference.dim}.`
}
