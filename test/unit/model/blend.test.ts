/** The arithmetic of blends against its definition in plain numbers: the inner product over the whole is the sum of the shares' scores. */
import { describe, expect, test } from 'vitest'
import {
  asInnerProducts,
  covarianceOf,
  innerWidth,
  type MemberMetric,
  scaledItems,
  scaledUsers,
  sideBySide,
} from '../../../main/engine/model/blend.ts'
import { random } from '../../../main/engine/training/random.ts'

const USERS = 70
const ITEMS = 40

/** Scores of one user for all items, as the metric defines them. */
function scoresOf(metric: MemberMetric, user: Float32Array, items: Float32Array, dim: number): number[] {
  const length = (v: Float32Array): number => Math.hypot(...v)
  return Array.from({ length: items.length / dim }, (_, i) => {
    const item = items.subarray(i * dim, (i + 1) * dim)
    const dot = user.reduce((sum, x, j) => sum + x * item[j]!, 0)
    if (metric === 'dot') return dot
    if (metric === 'cosine') return dot / length(user) / length(item)
    return -user.reduce((sum, x, j) => sum + (x - item[j]!) ** 2, 0)
  })
}

function deviation(scores: readonly number[]): number {
  const mean = scores.reduce((sum, x) => sum + x, 0) / scores.length
  return Math.sqrt(scores.reduce((sum, x) => sum + (x - mean) ** 2, 0) / scores.length)
}

const drawn = (rows: number, dim: number, seed: number): Float32Array => {
  const draws = random(seed, 'init')
  return Float32Array.from({ length: rows * dim }, () => 2 * draws.uniform() - 1)
}

describe.each([
  ['dot', 'cosine'],
  ['euclidean', 'dot'],
  ['cosine', 'euclidean'],
] as const)('%s and %s', (...metrics) => {
  const dims = [6, 9]
  const weights = [0.3, 0.7]
  const members = metrics.map((metric, m) => ({
    metric,
    dim: dims[m]!,
    users: drawn(USERS, dims[m]!, 1 + m),
    items: drawn(ITEMS, dims[m]!, 11 + m),
  }))

  test.each([USERS, 1])('scores add up, of %d users at once', async (count) => {
    const parts = await Promise.all(
      members.map(async ({ metric, dim, users, items }, m) => {
        const width = innerWidth(dim, metric)
        const inner = asInnerProducts(items, dim, 'item', metric)
        const scale = { metric, weight: weights[m]!, length: 2.5 - m, covariance: await covarianceOf(inner, width, 1) }
        const some = asInnerProducts(users.subarray(0, count * dim), dim, 'user', metric)
        return { width, users: await scaledUsers(some, width, scale, 1), items: scaledItems(inner, scale) }
      }),
    )
    const users = sideBySide(parts.map((part) => ({ vectors: part.users, width: part.width })))
    const items = sideBySide(parts.map((part) => ({ vectors: part.items, width: part.width })))
    const total = parts.reduce((sum, { width }) => sum + width, 0)
    expect(users.length).toBe(count * total)
    for (let u = 0; u < count; u++) {
      const expected = new Float64Array(ITEMS)
      // what is added to all of a user's scores, such as |u|² of Euclidean ones, ranks nothing
      const of = members.map(({ metric, dim, users: own, items: theirs }) =>
        scoresOf(metric, own.subarray(u * dim, (u + 1) * dim), theirs, dim),
      )
      for (const [m, scores] of of.entries())
        for (const [i, score] of scores.entries()) expected[i]! += (weights[m]! * score) / deviation(scores)
      for (let i = 0; i < ITEMS; i++) {
        let score = 0
        for (let j = 0; j < total; j++) score += users[u * total + j]! * items[i * total + j]!
        expect(Math.abs(score - expected[i]!)).toBeLessThan(1e-5 * Math.max(1, Math.abs(expected[i]!)))
      }
    }
  })
})

test('a user without scores stays without', async () => {
  const items = drawn(ITEMS, 4, 3)
  const scale = { metric: 'dot' as const, weight: 1, length: 1, covariance: await covarianceOf(items, 4, 1) }
  expect([...(await scaledUsers(new Float32Array(4), 4, scale, 1))]).toEqual([0, 0, 0, 0])
})

test('a user whose vector is as short as numbers get has the scores of a long one', async () => {
  const [items, users] = [drawn(ITEMS, 4, 3), drawn(USERS, 4, 5)]
  const scale = { metric: 'dot' as const, weight: 0.3, length: 2, covariance: await covarianceOf(items, 4, 1) }
  const expected = await scaledUsers(users, 4, scale, 1)
  for (const [rows, of] of [
    [users.map((value) => value * 1e-30), expected],
    [users.slice(0, 8).map((value) => value * 1e-30), expected.slice(0, 8)],
  ] as const) {
    const short = await scaledUsers(rows, 4, scale, 1)
    expect(Math.max(...short.map((value, i) => Math.abs(value - of[i]!)))).toBeLessThan(1e-5)
  }
})
