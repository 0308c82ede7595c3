/**
 * The layout by neighbourhoods: groups that the points are made of stay apart, neighbours stay neighbours as well as in another implementation
 * (umap-js, of the authors of Projector), and new points lie among their own.
 */
import { UMAP } from 'umap-js'
import { expect, test } from 'vitest'
import { layOut, memberships, type Neighbours, placeAmong } from '../../../main/engine/serving/map/umap.ts'
import { random } from '../../../main/engine/training/random.ts'

const [GROUPS, EACH, DIM, K] = [8, 60, 10, 10] as const
const N = GROUPS * EACH
const draws = random(3, 'init')
const normal = (): number => Math.sqrt(-2 * Math.log(1 - draws.uniform())) * Math.cos(2 * Math.PI * draws.uniform())
const centres = Array.from({ length: GROUPS }, () => Array.from({ length: DIM }, () => 4 * normal()))
const rows = Array.from({ length: N }, (_, i) => centres[i % GROUPS]!.map((x) => x + normal()))

function nearest(queries: readonly number[][], among: readonly number[][], k: number, own: boolean): Neighbours {
  const found = queries.map((row, i) =>
    among
      .map((other, index) => ({ index, distance: Math.hypot(...row.map((x, j) => x - other[j]!)) }))
      .filter(({ index }) => !own || index !== i)
      .sort((a, b) => a.distance - b.distance)
      .slice(0, k),
  )
  return {
    k,
    indices: Int32Array.from(found.flatMap((row) => row.map(({ index }) => index))),
    distances: Float32Array.from(found.flatMap((row) => row.map(({ distance }) => distance))),
  }
}
const near = nearest(rows, rows, K, true)
const pairs = (flat: ArrayLike<number>): number[][] => Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i]!, flat[2 * i + 1]!])

/** Share of the neighbours in space that are among as many neighbours in the plane. */
function kept(plane: readonly number[][]): number {
  const { indices } = nearest(plane, plane, K, true)
  let same = 0
  for (let i = 0; i < N; i++) {
    const own = new Set(near.indices.subarray(i * K, (i + 1) * K))
    for (const other of indices.subarray(i * K, (i + 1) * K)) if (own.has(other)) same++
  }
  return same / (N * K)
}

function laidOut(): Float32Array {
  // any start will do here; the product begins from principal axes
  const points = Float32Array.from(rows.flatMap((row) => row.slice(0, 2)))
  for (const _ of layOut(points, near, { epochs: 300, random: random(1, 'map') }));
  return points
}

test('weights of a row: the nearest is certain, and they sum to log2 of their number', () => {
  const { weights } = memberships(near)
  for (let i = 0; i < N; i++) {
    const row = weights.subarray(i * K, (i + 1) * K)
    expect(row[0]).toBe(1)
    expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(Math.log2(K), 2)
    expect([...row]).toEqual([...row].toSorted((a, b) => b - a))
  }
})

test('neighbours stay neighbours, as in umap-js with the same neighbours; groups are told apart', () => {
  const points = laidOut()
  expect([...laidOut()]).toEqual([...points])
  const other = random(1, 'map')
  const umap = new UMAP({ nNeighbors: K + 1, minDist: 0.1, nEpochs: 300, random: () => other.uniform() })
  // its rows begin with the point itself
  const withOwn = (own: (i: number) => number, of: ArrayLike<number>): number[][] =>
    rows.map((_, i) => [own(i), ...Array.from({ length: K }, (__, j) => of[i * K + j]!)])
  umap.setPrecomputedKNN(
    withOwn((i) => i, near.indices),
    withOwn(() => 0, near.distances),
  )
  const [ours, theirs] = [kept(pairs(points)), kept(umap.fit(rows))]
  expect(ours).toBeGreaterThan(theirs - 0.05)
  expect(ours).toBeGreaterThan(0.4)
  const { indices } = nearest(pairs(points), pairs(points), K, true)
  const ownGroup = indices.filter((j, at) => j % GROUPS === Math.floor(at / K) % GROUPS).length / indices.length
  expect(ownGroup).toBeGreaterThan(0.97)
})

test('new points lie among their own group', () => {
  const points = laidOut()
  const fresh = centres.map((centre) => centre.map((x) => x + 0.5 * normal()))
  const placed = pairs(placeAmong(points, nearest(fresh, rows, K, false)))
  const { indices } = nearest(placed, pairs(points), 5, false)
  for (let g = 0; g < GROUPS; g++) expect([...indices.subarray(5 * g, 5 * g + 5)].map((i) => i % GROUPS)).toEqual([g, g, g, g, g])
})
