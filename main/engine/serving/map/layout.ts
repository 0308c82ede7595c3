/**
 * The map by neighbourhoods: UMAP of a seeded sample of a model's items from their principal axes, all other items and some users placed among
 * them by their nearest. Kept in the run's folder.
 */
import { badData, badInput } from '../../../contract/errors.ts'
import type { Stage } from '../../../contract/shapes/progress.ts'
import type { VectorMetric } from '../../../contract/shapes/spec.ts'
import { layoutFacts, type LayoutFacts, type LayoutOptions } from '../../../contract/verbs/map.ts'
import { createExact } from '../../ann/exact.ts'
import { principalAxes } from '../../ann/pca.ts'
import { takeRows } from '../../ann/scale-vectors.ts'
import { random } from '../../training/random.ts'
import type { OpenModel } from '../open-model.ts'
import { epochsFor, layOut, type Neighbours, placeAmong } from './umap.ts'
import { clusterLabels } from './labels.ts'

export interface Layout {
  readonly facts: LayoutFacts
  /** [(items + placed users) × 2] */
  readonly places: Float32Array
}

/** Queries whose neighbours are sought at once, between two reports. */
const BLOCK = 2048
/** The sample begins within ± this. */
const EXTENT = 10

/** @throws PylonError bad-input where the model has no vectors, or too few items */
export async function* mapLayout(model: OpenModel, options: LayoutOptions, threads: number): Stage<Layout> {
  const started = performance.now()
  const { dim, vectors, interests } = model
  const items = vectors.item.length / dim
  if (items <= options.neighbours) throw badInput(`There are ${items} items: ask for fewer neighbours than that.`, 'neighbours')
  // neighbours by direction, unless the model matches by distance
  const metric: VectorMetric = model.metric === 'euclidean' ? 'euclidean' : 'cosine'
  const sampled = drawn(items, options.sample, options.seed, 0)
  const rows = takeRows(vectors.item, sampled, dim)
  const search = await createExact(rows, dim, metric, { threads })
  try {
    const k = Math.min(options.neighbours, sampled.length - 1)
    const nearest = async (queries: Float32Array, excluded?: (row: number) => readonly number[]): Promise<Neighbours> => {
      const { keys, scores } = await search.search(queries, excluded === undefined ? { k } : { k, excluded })
      return { k, indices: keys, distances: scores.map((score) => distanceOf(score, metric)) }
    }
    const amongThemselves = async function* (): Stage<Neighbours> {
      const found = { k, indices: new Int32Array(sampled.length * k), distances: new Float32Array(sampled.length * k) }
      for (let from = 0; from < sampled.length; from += BLOCK) {
        yield { stage: 'find neighbours', done: from, total: sampled.length, unit: 'items' }
        const { indices, distances } = await nearest(rows.subarray(from * dim, (from + BLOCK) * dim), (row) => [from + row])
        found.indices.set(indices, from * k)
        found.distances.set(distances, from * k)
      }
      return found
    }
    /** [placed × 2], a block at a time: of a million only their places are held */
    const placed = async function* (all: Float32Array, which: Int32Array, stage: string): Stage<Float32Array> {
      const found = new Float32Array(2 * which.length)
      for (let from = 0; from < which.length; from += BLOCK) {
        yield { stage, done: from, total: which.length, unit: 'items' }
        found.set(placeAmong(points, await nearest(takeRows(all, which.subarray(from, from + BLOCK), dim))), 2 * from)
      }
      return found
    }
    const near = yield* amongThemselves()
    const points = await startOf(rows, dim)
    const epochs = epochsFor(sampled.length)
    for (const epoch of layOut(points, near, { epochs, random: random(options.seed, 'map') }))
      if (epoch % 5 === 0) yield { stage: 'lay out', done: epoch, total: epochs, unit: 'epochs' }

    const users = vectors.user.length / dim / interests
    const placedUsers = interests > 1 ? new Int32Array() : drawn(users, options.users, options.seed, 1)
    const places = new Float32Array(2 * (items + placedUsers.length))
    for (const [at, item] of sampled.entries()) places.set(points.subarray(2 * at, 2 * at + 2), 2 * item)
    const rest = Int32Array.from({ length: items }, (_, i) => i).filter(notIn(sampled))
    const others = yield* placed(vectors.item, rest, 'place items')
    for (const [at, item] of rest.entries()) places.set(others.subarray(2 * at, 2 * at + 2), 2 * item)
    places.set(yield* placed(vectors.user, placedUsers, 'place users'), 2 * items)

    yield { stage: 'name groups', done: 0, total: null, unit: 'items' }
    const labels = await clusterLabels(model.catalogue, sampled, points, items, options.seed)
    const seconds = (performance.now() - started) / 1000
    return { facts: { version: 1, ...options, items, placedUsers: [...placedUsers], labels, seconds }, places }
  } finally {
    await search.dispose()
  }
}

/** A score of the search as a distance; none where there was no such neighbour. */
export function distanceOf(score: number, metric: VectorMetric): number {
  if (score === -Infinity) return 0
  return metric === 'euclidean' ? Math.sqrt(Math.max(0, -score)) : Math.max(0, 1 - score)
}

/** Principal axes, spread over what UMAP's forces reach: the large stays where it is, and one seed is one map. */
async function startOf(rows: Float32Array, dim: number): Promise<Float32Array> {
  const { points } = await principalAxes(rows, dim)
  const most = points.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
  return most === 0 ? points.slice() : points.map((value) => (value * EXTENT) / most)
}

/** So many of n, rising; all where that is no fewer. */
function drawn(n: number, most: number, seed: number, counter: number): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i)
  if (n <= most) return order
  const draws = random(seed, 'map', 1 + counter)
  for (let i = 0; i < most; i++) {
    const other = i + draws.below(n - i)
    ;[order[i], order[other]] = [order[other]!, order[i]!]
  }
  return order.slice(0, most).sort()
}

function notIn(indices: Int32Array): (index: number) => boolean {
  const among = new Set(indices)
  return (index) => !among.has(index)
}

/** @throws PylonError bad-data where it is not what was written */
export function parseFacts(value: unknown, path: string): LayoutFacts {
  const parsed = layoutFacts.safeParse(value)
  if (parsed.success) return parsed.data
  throw badData('It does not say how the map was laid out: lay it out again.', path)
}
