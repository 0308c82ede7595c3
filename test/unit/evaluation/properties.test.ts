import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTopK } from '../../../main/engine/ann/topk.ts'
import { evaluateAll, type Evaluation } from '../../../main/engine/evaluation/evaluate.ts'
import { protocolOf } from '../../helpers/protocol.ts'
import type { Scorer } from '../../../main/engine/model/scoring.ts'
import { QUERY_KINDS } from '../../../main/contract/metrics.ts'
import { SLICES } from '../../../main/engine/evaluation/slices.ts'
import type { SliceName } from '../../../main/contract/metrics.ts'
import { market, type Columns, type Market } from './market.ts'

const USERS = 6
const ITEMS = 12
const KS = [1, 2, 3, 5, 8, 12, 40]
const slices = Object.keys(SLICES) as SliceName[]
const last = { user: USERS - 1, item: 0, part: 2 }

/** Interactions of a few users, and scores of all pairs with ties; the last user always has something held out. */
const world = fc.record({
  rows: fc.array(fc.record({ user: fc.nat(USERS - 1), item: fc.nat(ITEMS - 1), part: fc.nat(3) }), { maxLength: 80 }),
  scores: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: USERS * ITEMS, maxLength: USERS * ITEMS }),
})
type World = typeof world extends fc.Arbitrary<infer W> ? W : never

function columns({ rows }: World): Columns {
  const all = rows.filter((row) => row.user !== USERS - 1).concat(last)
  all.sort((a, b) => a.user - b.user || a.part - b.part)
  return {
    users: USERS,
    items: ITEMS,
    user: all.map((row) => row.user),
    item: all.map((row) => row.item),
    part: all.map((row) => row.part),
  }
}

const tableScorer = (scores: ArrayLike<number>): Scorer => ({
  score(users, out) {
    for (const [row, user] of users.entries())
      for (let item = 0; item < ITEMS; item++) out[row * ITEMS + item] = scores[user * ITEMS + item]!
  },
})
const run = (dataset: Market, scores: ArrayLike<number>, seen: 'masked' | 'included' = 'masked'): Promise<Evaluation> =>
  evaluateAll({
    dataset,
    protocol: protocolOf(dataset, { seen }),
    k: KS,
    scorer: tableScorer(scores),
    slices,
    keepLists: true,
    keepRanks: true,
  })

test('metrics lie in [0, 1]; recall, hit, MRR and coverage never fall with K; all is found in the whole catalogue', async () => {
  await fc.assert(
    fc.asyncProperty(world, async (w) => {
      const { metrics } = await run(market(columns(w)), w.scores)
      expect(Object.entries(metrics).filter(([, value]) => !(value >= 0 && value <= 1 + 1e-12))).toEqual([])
      for (const name of ['recall', 'hit', 'mrr', 'coverage', 'cold.recall']) {
        const values = KS.map((k) => metrics[`${name}@${k}`] ?? 0)
        expect(values).toEqual(values.toSorted((a, b) => a - b))
      }
      expect(metrics['recall@12']).toBeCloseTo(1, 12)
    }),
    { numRuns: 60 },
  )
})

test('a list with everything held out on top is perfect, whatever is below it', async () => {
  await fc.assert(
    fc.asyncProperty(world, async (w) => {
      const dataset = market(columns(w))
      const { heldOut } = await run(dataset, w.scores)
      const scores = [...w.scores]
      for (const [q, user] of heldOut.users.entries()) {
        for (const item of heldOut.items.subarray(heldOut.offsets[q], heldOut.offsets[q + 1])) scores[user * ITEMS + item] = 9
      }
      const { metrics } = await run(dataset, scores)
      const perfect = ['ndcg', 'map', 'hit', 'mrr'].flatMap((name) => KS.map((k) => metrics[`${name}@${k}`]!))
      expect(perfect.every((value) => Math.abs(value - 1) < 1e-12)).toBe(true)
    }),
    { numRuns: 40 },
  )
})

test('the order of users, of interactions within a part, and repeats change nothing; nor do the names of items without ties', async () => {
  await fc.assert(
    fc.asyncProperty(
      world,
      fc.shuffledSubarray([...Array(USERS).keys()], { minLength: USERS }),
      fc.shuffledSubarray([...Array(ITEMS).keys()], { minLength: ITEMS }),
      async (w, users, items) => {
        const scores = w.scores.map((score, i) => score + (i % ITEMS) / 100) // no ties within a user
        const base = columns(w)
        const once = Array.from(base.user, (_, i) => i)
        const index = [...once, ...once].reverse()
        index.sort((a, b) => users[base.user[a]!]! - users[base.user[b]!]! || base.part[a]! - base.part[b]!)
        const moved: Columns = {
          users: USERS,
          items: ITEMS,
          user: index.map((i) => users[base.user[i]!]!),
          item: index.map((i) => items[base.item[i]!]!),
          part: index.map((i) => base.part[i]!),
        }
        const movedScores = new Float64Array(USERS * ITEMS)
        for (let u = 0; u < USERS; u++) for (let i = 0; i < ITEMS; i++) movedScores[users[u]! * ITEMS + items[i]!] = scores[u * ITEMS + i]!
        const [a, b] = [await run(market(base), scores), await run(market(moved), movedScores)]
        const own = (metrics: Record<string, number>): [string, number][] =>
          Object.entries(metrics).filter(([name]) => !name.startsWith('short.'))
        expect(own(b.metrics).map(([name]) => name)).toEqual(own(a.metrics).map(([name]) => name))
        expect(Math.max(...own(a.metrics).map(([name, value]) => Math.abs(value - b.metrics[name]!)))).toBeLessThan(1e-12)
      },
    ),
    { numRuns: 40 },
  )
})

/** Against the lists themselves. */
test('ranks are positions in the full list, masked items are in no list, and slices are evaluations of their own', async () => {
  await fc.assert(
    fc.asyncProperty(world, fc.constantFrom('masked' as const, 'included' as const), async (w, seen) => {
      const data = columns(w)
      const { heldOut, lists, ranks, metrics, sliceUsers } = await run(market(data), w.scores, seen)
      const { depth, items } = lists!
      expect(depth).toBe(ITEMS)
      const select = createTopK(ITEMS)
      for (const [q, user] of heldOut.users.entries()) {
        const masked = new Set(Array.from(data.item).filter((_, i) => seen === 'masked' && data.user[i] === user && data.part[i]! < 2))
        const scores = Float32Array.from({ length: ITEMS }, (_, i) => (masked.has(i) ? -Infinity : w.scores[user * ITEMS + i]!))
        const list = new Int32Array(ITEMS)
        select(scores, 0, ITEMS, list, 0)
        expect([...items.subarray(q * depth, (q + 1) * depth)]).toEqual([...list])
        for (let i = heldOut.offsets[q]!; i < heldOut.offsets[q + 1]!; i++) expect(ranks![i]).toBe(list.indexOf(heldOut.items[i]!) + 1)
      }
      const named = Object.keys(metrics).filter((name) => name.includes('.'))
      expect(named.length).toBe(Object.keys(sliceUsers).length * QUERY_KINDS.length * KS.length)
    }),
    { numRuns: 60 },
  )
})
