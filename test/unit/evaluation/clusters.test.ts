/** The balance of clusters: what is planted is found, and an inner product crowds where distance does not. */
import { describe, expect, test } from 'vitest'
import { clusterBalance } from '../../../main/engine/evaluation/clusters.ts'
import { fillNormal, random } from '../../../main/engine/training/random.ts'

const dim = 8

/** Directions about a common one (`shift` 0: of even spread), each of a length of its own. */
function vectors(count: number, length: (row: number) => number, shift = 0): Float32Array {
  const out = new Float32Array(count * dim)
  fillNormal(out, 1, random(3, 'init'))
  for (let row = 0; row < count; row++) {
    const own = out.subarray(row * dim, (row + 1) * dim)
    for (let k = 0; k < dim; k++) own[k]! += shift
    const norm = Math.hypot(...own)
    for (let k = 0; k < dim; k++) own[k]! *= length(row) / norm
  }
  return out
}

describe('balance', () => {
  test('evenly spread directions make even clusters', () => {
    const found = clusterBalance(
      vectors(640, () => 1),
      dim,
      'cosine',
      1,
    )!
    expect(found.clusters).toBe(32)
    expect(found.balance).toBeGreaterThan(0.95)
    expect(found.largest).toBeLessThan(0.1)
  })

  test('all in one place is one cluster', () => {
    const same = Float32Array.from({ length: 640 * dim }, (_, i) => i % dim)
    for (const metric of ['cosine', 'dot', 'euclidean'] as const)
      expect(clusterBalance(same, dim, metric, 1)).toMatchObject({ balance: 0, largest: 1 })
  })

  test('two far places of unequal size: their sizes, whatever is drawn first', () => {
    const far = Float32Array.from({ length: 32 * dim }, (_, i) => (Math.floor(i / dim) < 24 ? 100 : -100) + (i % 3))
    expect(clusterBalance(far, dim, 'euclidean', 2)).toEqual({
      clusters: 2,
      balance: expect.closeTo(-(0.75 * Math.log2(0.75) + 0.25 * Math.log2(0.25)), 6) as number,
      largest: 0.75,
    })
  })

  test('where a tenth is long, the centroids of the long take the others: uneven by inner product, even by distance', () => {
    const uneven = vectors(2000, (row) => (row % 10 === 0 ? 5 : 1), 1)
    const [dot, euclidean] = (['dot', 'euclidean'] as const).map((metric) => clusterBalance(uneven, dim, metric, 1)!)
    expect(dot!.balance).toBeLessThan(0.6)
    expect(dot!.largest).toBeGreaterThan(0.4)
    expect(euclidean!.balance).toBeGreaterThan(0.95)
    expect(clusterBalance(uneven, dim, 'dot', 1)).toEqual(dot)
  })

  test('too few items say nothing', () =>
    expect(
      clusterBalance(
        vectors(31, () => 1),
        dim,
        'dot',
        1,
      ),
    ).toBeNull())
})
