import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createExact, defaultSearch } from '../../../main/engine/ann/exact.ts'
import type { VectorMetric } from '../../../main/contract/shapes/spec.ts'

/** Small integers: their products are exact, so the order of equal scores is too. */
const dim = 3
const vector = fc.array(fc.integer({ min: -2, max: 2 }), { minLength: dim, maxLength: dim })
const vectors = fc.array(vector, { minLength: 1, maxLength: 12 })

/** Against dot products and a sort in plain JavaScript. */
test('exact search ranks every allowed item, and only those', async () => {
  await fc.assert(
    fc.asyncProperty(
      vectors,
      vectors,
      fc.integer({ min: 1, max: 15 }),
      fc.array(fc.nat(11)),
      fc.array(fc.nat(11)),
      async (items, queries, k, closed, seen) => {
        const exact = await createExact(Float32Array.from(items.flat()), dim, 'dot', { threads: 1 })
        const allowed = Uint8Array.from(items, (_, i) => (closed.includes(i) ? 0 : 1))
        const excluded = (row: number): number[] => seen.filter((item) => item < items.length && (item + row) % 2 === 0)
        const { keys, scores } = await exact.search(Float32Array.from(queries.flat()), { k, allowed, excluded })
        await exact.dispose()

        const expected = queries.map((query, row) => {
          const hits = items
            .map((item, key) => ({ key, score: item.reduce((sum, value, j) => sum + value * query[j]!, 0) }))
            .filter(({ key }) => allowed[key] === 1 && !excluded(row).includes(key))
            .sort((a, b) => b.score - a.score || a.key - b.key)
          return Array.from({ length: k }, (_, i) => hits[i] ?? { key: -1, score: -Infinity })
        })
        expect([...keys].map((key, i) => ({ key, score: scores[i]! + 0 }))).toEqual(
          expected.flat().map((hit) => ({ ...hit, score: hit.score + 0 })),
        )
      },
    ),
    { numRuns: 40 },
  )
})

test('cosine does not depend on lengths, dot does', async () => {
  const items = Float32Array.of(1, 0, 10, 10, 0, 0)
  const ask = async (metric: VectorMetric): Promise<unknown> => {
    const exact = await createExact(items, 2, metric, { threads: 1 })
    const { keys, scores } = await exact.search(Float32Array.of(5, 0), { k: 3 })
    await exact.dispose()
    return [...keys].map((key, i) => [key, Number(scores[i]!.toFixed(6))])
  }
  expect({ cosine: await ask('cosine'), dot: await ask('dot') }).toEqual({
    cosine: [
      [0, 1],
      [1, 0.707107],
      [2, 0],
    ],
    dot: [
      [1, 50],
      [0, 5],
      [2, 0],
    ],
  })
})

test('broken vectors are refused with their row; exact is the default below a million items', async () => {
  await expect(createExact(Float32Array.of(1, 2, 3, NaN), 2, 'dot')).rejects.toMatchObject({
    code: 'bad-data',
    place: 'item row 1, dimension 1',
  })
  const exact = await createExact(Float32Array.of(1, 2), 2, 'dot', { threads: 1 })
  await expect(exact.search(Float32Array.of(Infinity, 0), { k: 1 })).rejects.toMatchObject({
    code: 'bad-data',
    place: 'query row 0, dimension 0',
  })
  await exact.dispose()
  expect([defaultSearch(999_999), defaultSearch(1_000_000)]).toEqual(['exact', 'ann'])
})
