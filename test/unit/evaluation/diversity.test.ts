/** What lists show, against NumPy's all-pairs definitions (test/golden/make_diversity.py), and what must hold of any lists. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Diversity, gini } from '../../../main/engine/evaluation/diversity.ts'
import { evaluateAll } from '../../../main/engine/evaluation/evaluate.ts'
import { protocolOf } from '../../helpers/protocol.ts'
import { marketOf } from './market.ts'

interface Golden {
  users: number
  items: number
  ks: number[]
  seen: number[][]
  lists: number[][]
  values: Record<string, number>
}
const golden = JSON.parse(readFileSync(new URL('../../golden/diversity.json', import.meta.url), 'utf8')) as Golden[]

test.each(golden.map((data) => ({ ...data, name: `${data.users} users, ${data.items} items` })))('$name', (data) => {
  const rows = data.seen.flatMap((items, user) => items.map((item) => [user, item, 'train'] as const))
  // the test part, and an event that repeats a pair, change nothing
  const market = marketOf(data.users, data.items, [...rows, rows.at(-1)!, [data.users - 1, 0, 'test']])
  const depth = Math.max(...data.ks)
  const diversity = new Diversity(data.ks, market, ['train', 'validation'], data.lists.length)
  for (const list of data.lists)
    diversity.add(
      Int32Array.from({ length: depth }, (_, i) => list[i] ?? -1),
      0,
      depth,
    )
  const values = diversity.values()
  expect(Object.keys(values).sort()).toEqual(Object.keys(data.values).sort())
  for (const [name, value] of Object.entries(data.values)) expect(values[name], name).toBeCloseTo(value, 10)
})

test('exposure: all alike is 0, one item alone is as good as 1, and only proportions count', () => {
  expect(gini(new Int32Array(50).fill(3))).toBe(0)
  expect(gini(Int32Array.from({ length: 1000 }, (_, i) => (i === 7 ? 40 : 0)))).toBeCloseTo(0.999, 10)
  expect(gini(new Int32Array(5))).toBe(0)
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { minLength: 1, maxLength: 40 }), (counts) => {
      const value = gini(Int32Array.from(counts))
      expect(value).toBeGreaterThanOrEqual(0)
      expect(value).toBeLessThan(1)
      expect(gini(Int32Array.from(counts, (count) => 3 * count))).toBeCloseTo(value, 12)
    }),
  )
})

test('an evaluation measures them where it is asked to, from the parts before the held-out one', async () => {
  const market = marketOf(2, 4, [
    [0, 0, 'train'],
    [0, 1, 'validation'],
    [0, 2, 'test'],
    [1, 0, 'train'],
    [1, 3, 'test'],
  ])
  const protocol = protocolOf(market)
  // user 0 is shown 3 and 2, user 1 is shown 3 and 2: what each has seen is masked
  const scorer = {
    score: (users: Int32Array, out: Float32Array): void => users.forEach((_, row) => out.set([0.9, 0.1, 0.2, 0.8], row * 4)),
  }
  const options = { dataset: market, protocol, k: [2], scorer }
  expect((await evaluateAll(options)).metrics['gini@2']).toBeUndefined()
  const { metrics } = await evaluateAll({ ...options, diversity: true })
  // nobody had 2 or 3 before: as novel as what one of two users had, like no other, and half of the catalogue is shown alike
  expect(metrics).toMatchObject({ 'gini@2': 0.5, 'novelty@2': 1, 'popularity@2': 0, 'similarity@2': 0, 'coverage@2': 0.5 })
})
