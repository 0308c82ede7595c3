/** Queries of several vectors against brute force: merged lists, and scores by the nearest interest. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeByBest } from '../../../main/engine/ann/interests.ts'
import { vectorScorer } from '../../../main/engine/model/scoring.ts'
import { numbers, relativeError } from '../../helpers/numbers.ts'

test('merged lists hold the best items, each once, by its best score, equal ones by item', () => {
  const list = fc.array(fc.tuple(fc.integer({ min: -1, max: 8 }), fc.integer({ min: -3, max: 3 })), { maxLength: 12 })
  fc.assert(
    fc.property(fc.array(list, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 9 }), (lists, k) => {
      const merged = mergeByBest(
        lists.map((entries) => ({
          keys: Int32Array.from(entries, ([key]) => key),
          scores: Float32Array.from(entries, ([, score]) => score),
        })),
        k,
      )
      const all = lists.flat().filter(([key]) => key >= 0)
      const expected = [...new Set(all.map(([key]) => key))]
        .map((key) => [key, Math.max(...all.filter(([other]) => other === key).map(([, score]) => score))] as const)
        .sort((a, b) => b[1] - a[1] || a[0] - b[0])
        .slice(0, k)
      expect([[...merged.keys], [...merged.scores]]).toEqual([expected.map(([key]) => key), expected.map(([, score]) => score)])
    }),
  )
})

test.each(['dot', 'cosine'] as const)('the score of an item is the largest over a user’s interests: %s', async (kind) => {
  const [users, items, dim, interests] = [5, 7, 3, 4]
  const [userVectors, itemVectors] = [numbers(users * interests * dim, 1), numbers(items * dim, 2)]
  const match = { kind, expression: null, module: null, retrieve: 'dot', temperature: { kind: 'fixed', value: 1 } } as const
  const scorer = await vectorScorer({ userVectors, itemVectors, dim, interests, threads: 1, matching: match })
  const asked = Int32Array.of(3, 0, 4)
  const out = new Float32Array(asked.length * items)
  await scorer.score(asked, out)
  await scorer.dispose()
  const norm = (x: Float32Array): number => (kind === 'dot' ? 1 : Math.hypot(...x))
  const expected = Float32Array.from({ length: out.length }, (_, at) => {
    const [user, item] = [asked[Math.floor(at / items)]!, at % items]
    const v = itemVectors.subarray(item * dim, (item + 1) * dim)
    const scores = Array.from({ length: interests }, (_unused, n) => {
      const u = userVectors.subarray((user * interests + n) * dim, (user * interests + n + 1) * dim)
      return u.reduce((sum, x, k) => sum + x * v[k]!, 0) / norm(u) / norm(v)
    })
    return Math.max(...scores)
  })
  expect(relativeError(out, expected, 0.01)).toBeLessThan(1e-5)
})
