/**
 * Two runs query by query: against NumPy and SciPy (test/golden/make_difference.py), against the evaluation itself, and
 * what must hold of any pair.
 */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describePair, histogramOf, pairQueries } from '../../../main/engine/evaluation/difference.ts'
import { evaluateAll } from '../../../main/engine/evaluation/evaluate.ts'
import { heldOut, type HeldOut } from '../../../main/engine/evaluation/held-out.ts'
import { bootstrapInterval, randomisationTest, resamples } from '../../../main/engine/evaluation/paired.ts'
import { protocolOf } from '../../helpers/protocol.ts'
import { curvesOverK, metricAt, queryValues } from '../../../main/engine/evaluation/ranks.ts'
import type { Scorer } from '../../../main/engine/model/scoring.ts'
import { marketOf } from './market.ts'

interface Golden {
  items: number
  mostK: number
  cases: {
    counts: number[]
    ranksA: number[]
    ranksB: number[]
    values: Record<string, [number[], number[]]>
    metric: string
    p: number
    exact: boolean
    interval: [number, number]
    sd: number
    curves: Record<'recall' | 'ndcg' | 'hit', number[]>
  }[]
}
const golden = JSON.parse(readFileSync(new URL('../../golden/difference.json', import.meta.url), 'utf8')) as Golden
const cases = golden.cases.map((data) => {
  const offsets = Int32Array.of(0, ...data.counts.map((_, q) => data.counts.slice(0, q + 1).reduce((sum, count) => sum + count, 0)))
  const held: HeldOut = { users: Int32Array.from(data.counts, (_, q) => q), offsets, items: new Int32Array(data.ranksA.length) }
  return {
    ...data,
    name: `${data.counts.length} users, ${data.metric}`,
    held,
    a: Int32Array.from(data.ranksA),
    b: Int32Array.from(data.ranksB),
  }
})
const furthest = (found: ArrayLike<number>, expected: readonly number[]): number =>
  Math.max(...Array.from(found, (value, i) => Math.abs(value - expected[i]!)))

test.for(cases)('every metric of every query, and the curves over K: $name', ({ held, a, b, values, curves }) => {
  for (const [metric, [ofA, ofB]] of Object.entries(values)) {
    expect(furthest(queryValues(held, a, metricAt(metric)), ofA)).toBeLessThan(1e-12)
    expect(furthest(queryValues(held, b, metricAt(metric)), ofB)).toBeLessThan(1e-12)
  }
  const found = curvesOverK(held, b, golden.mostK)
  for (const name of ['recall', 'ndcg', 'hit'] as const) expect(furthest(found[name], curves[name])).toBeLessThan(1e-12)
})

test.for(cases)(
  'the interval and the p-value are those of SciPy but for the luck of the draw: $name',
  ({ counts, values, metric, p, exact, interval, sd }) => {
    const [a, b] = values[metric]!
    const differences = Float64Array.from(b, (value, q) => value - a[q]!)
    const found = randomisationTest(differences, { seed: 3 })
    const luck = Math.sqrt((p * (1 - p)) / found.samples) + (exact ? 0 : Math.sqrt((p * (1 - p)) / 200_000))
    expect(Math.abs(found.p - p)).toBeLessThan(4 * luck + 2 / found.samples)
    const { low, high, samples } = bootstrapInterval(differences, { seed: 3 })
    expect(samples).toBe(10_000)
    const error = sd / Math.sqrt(counts.length)
    expect(Math.abs(low - interval[0]) / error).toBeLessThan(0.12)
    expect(Math.abs(high - interval[1]) / error).toBeLessThan(0.12)
    expect([randomisationTest(differences, { seed: 3 }), bootstrapInterval(differences, { seed: 3 })]).toEqual([
      found,
      { low, high, samples },
    ])
  },
)

test('the tests cost a bounded number of draws', () => {
  expect([0, 5_000, 20_000, 100_000, 10_000_000].map(resamples)).toEqual([10_000, 10_000, 10_000, 2_000, 1_000])
})

const metricNames = ['recall@2', 'ndcg@4', 'hit@1', 'mrr@6', 'map@3', 'precision@2']
const PARTS = ['train', 'validation', 'test'] as const
const worlds = fc.record({
  rows: fc.array(fc.tuple(fc.nat(5), fc.nat(8), fc.constantFrom(...PARTS)), { minLength: 8, maxLength: 60 }),
  a: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 54, maxLength: 54 }),
  b: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 54, maxLength: 54 }),
})

/** Small markets with two models whose scores have many ties. */
async function pair({ rows, a, b }: { rows: [number, number, (typeof PARTS)[number]][]; a: number[]; b: number[] }) {
  const ordered = rows.toSorted(([u, , p], [v, , q]) => u - v || PARTS.indexOf(p) - PARTS.indexOf(q))
  const dataset = marketOf(6, 9, ordered)
  const protocol = protocolOf(dataset)
  const held = heldOut(dataset, protocol)
  if (held.users.length === 0) return null
  const evaluated = await Promise.all(
    [a, b].map((scores) => evaluateAll({ dataset, protocol, k: [1, 2, 3, 4, 6], scorer: scorerOf(scores), keepRanks: true })),
  )
  return { dataset, protocol, held, evaluated }
}

function scorerOf(scores: readonly number[]): Scorer {
  return {
    score(users, out) {
      for (const [row, user] of users.entries()) out.set(scores.slice(user * 9, user * 9 + 9), row * 9)
    },
  }
}

test('what is derived from ranks is what the evaluation measured, and the pair is fair to both sides', () =>
  fc.assert(
    fc.asyncProperty(worlds, async (world) => {
      const made = await pair(world)
      if (made === null) return
      const { dataset, protocol, held, evaluated } = made
      const [ranksA, ranksB] = evaluated.map(({ ranks }) => ranks!) as [Int32Array, Int32Array]
      for (const text of metricNames) {
        const metric = metricAt(text)
        const options = { dataset, protocol, held, ranksA, ranksB, metric }
        const paired = pairQueries(options)
        const told = describePair(paired, options, 1)
        expect(told.meanA).toBeCloseTo(evaluated[0]!.metrics[text]!, 12)
        expect(told.meanB).toBeCloseTo(evaluated[1]!.metrics[text]!, 12)
        expect(told.difference).toBeCloseTo(told.meanB - told.meanA, 12)
        expect(told.wins + told.losses + told.ties).toBe(held.users.length)
        expect(told.slices.find(({ slice }) => slice === 'cold')?.meanB ?? null).toEqual(
          told.slices.some(({ slice }) => slice === 'cold') ? expect.closeTo(evaluated[1]!.metrics[`cold.${text}`]!, 12) : null,
        )
        expect(told.histogram.reduce((sum, bar) => sum + bar.users, 0) + told.ranks.unranked).toBe(held.users.length)

        const swapped = { ...options, ranksA: ranksB, ranksB: ranksA }
        const back = describePair(pairQueries(swapped), swapped, 1)
        expect([back.wins, back.losses, back.ranks.better, back.randomisation.p]).toEqual([
          told.losses,
          told.wins,
          told.ranks.worse,
          told.randomisation.p,
        ])
        expect(back.difference).toBeCloseTo(-told.difference, 12)
        expect(told.interval.low).toBeLessThanOrEqual(told.difference + 1e-12)
        expect(told.interval.high).toBeGreaterThanOrEqual(told.difference - 1e-12)
      }
      const curves = curvesOverK(held, ranksB, 6)
      for (const k of [1, 2, 3, 4, 6]) {
        expect(curves.recall[k - 1]).toBeCloseTo(evaluated[1]!.metrics[`recall@${k}`]!, 12)
        expect(curves.ndcg[k - 1]).toBeCloseTo(evaluated[1]!.metrics[`ndcg@${k}`]!, 12)
        expect(curves.hit[k - 1]).toBeCloseTo(evaluated[1]!.metrics[`hit@${k}`]!, 12)
      }
    }),
    { numRuns: 12 },
  ))

test('of a user with several held-out items the one that changed most is told; what has no rank has no change', () => {
  const dataset = marketOf(1, 50, [
    [0, 0, 'train'],
    [0, 7, 'test'],
    [0, 8, 'test'],
    [0, 9, 'test'],
  ])
  const protocol = protocolOf(dataset)
  const held = heldOut(dataset, protocol)
  const at = (ranksA: number[], ranksB: number[]) => {
    const options = {
      dataset,
      protocol,
      held,
      ranksA: Int32Array.from(ranksA),
      ranksB: Int32Array.from(ranksB),
      metric: metricAt('ndcg@5'),
    }
    const { item, rankA, rankB, change } = pairQueries(options)
    return [item[0], rankA[0], rankB[0], change[0]]
  }
  expect(at([1, 20, 30], [4, 5, 30])).toEqual([8, 20, 5, 15])
  expect(at([3, 3, 3], [3, 2, 4])).toEqual([8, 3, 2, 1])
  expect(at([0, 20, 30], [4, 5, 30])).toEqual([8, 20, 5, 15])
  expect(at([0, 0, 0], [4, 0, 2])).toEqual([9, 0, 2, NaN])
})

test('bars of the histogram reach as far as the changes, either way alike', () => {
  expect(histogramOf(Float64Array.of(0, 0, NaN, 1, 3, -2, 9, -1, 12))).toEqual([
    { from: -31, to: -10, users: 0 },
    { from: -9, to: -4, users: 0 },
    { from: -3, to: -2, users: 1 },
    { from: -1, to: -1, users: 1 },
    { from: 0, to: 0, users: 2 },
    { from: 1, to: 1, users: 1 },
    { from: 2, to: 3, users: 1 },
    { from: 4, to: 9, users: 1 },
    { from: 10, to: 31, users: 1 },
  ])
  expect(histogramOf(Float64Array.of(0))).toEqual([{ from: 0, to: 0, users: 1 }])
})

test.each(['ndcg', 'ndcg@0', 'coverage@20', 'x@3', 'cold.recall@20'])('"%s" is no metric of a query', (text) => {
  expect(() => metricAt(text)).toThrow(expect.objectContaining({ code: 'bad-input', place: 'metric' }))
})
