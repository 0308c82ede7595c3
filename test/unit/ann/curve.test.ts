/** Quantised vectors against USearch's own scores, and the split of the loss against its definition. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { indexSchema } from '../../../main/contract/shapes/spec.ts'
import { decilesOf, measureAnnCurve } from '../../../main/engine/ann/measure-curve.ts'
import { Retriever } from '../../../main/engine/model/retriever.ts'
import { halfFloat, quantise } from '../../../main/engine/ann/quantise.ts'
import { buildIndex } from '../../../main/engine/ann/usearch.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { clustered, drain } from './vectors.ts'

const dim = 16

test('half floats are those of the engine', () => {
  const reference = (Math as unknown as { f16round: (x: number) => number }).f16round
  fc.assert(
    fc.property(fc.float({ noNaN: true }), (x) => Object.is(halfFloat(x), reference(x))),
    { numRuns: 5000 },
  )
  for (const x of [0, -0, 65_504, 65_519, 65_520, 2 ** -24, 2 ** -25, 1.5 * 2 ** -25, 2 ** -14, 1 + 2 ** -11])
    expect([x, halfFloat(Math.fround(x))]).toEqual([x, reference(Math.fround(x))])
})

test.for([
  { metric: 'cosine', scalar: 'f16' },
  { metric: 'cosine', scalar: 'i8' },
  { metric: 'dot', scalar: 'f16' },
] as const)('$metric $scalar: exact search over quantised vectors scores as the index does', async ({ metric, scalar }) => {
  const items = clustered(800, dim, 2, metric === 'dot' ? 0.5 : 0)
  const query = clustered(1, dim, 3)
  const spec = indexSchema.parse({ scalar, expansionSearch: 800 })
  const found = (await drain(buildIndex(items, { dim, metric, spec }))).search(query, 20)
  const exact = new Retriever(quantise(items, dim, metric, scalar), dim, metric)
  const all = await exact.scores(quantise(query, dim, metric, scalar))
  const off = found.keys.map((key, i) => Math.round(1e5 * Math.abs(all[key]! - found.scores[i]!)))
  expect(Math.max(...off)).toBeLessThanOrEqual(metric === 'dot' ? 5 : 1)
})

test('what a curve says adds up: every missed hit is lost to quantisation or to the graph', async () => {
  const items = clustered(3000, dim, 4)
  const k = 10
  const curve = await drain(
    measureAnnCurve({
      items,
      queries: clustered(100, dim, 5),
      dim,
      metric: 'cosine',
      popularity: Int32Array.from({ length: 3000 }, (_, i) => 3000 - i),
      k,
      expansions: [4, 512, 10],
      scalars: ['f32', 'i8'],
      target: null,
      connectivity: 4,
      expansionAdd: 16,
      threads: 1,
      temp: await temporaryFolder(),
    }),
  )
  expect(curve.points.map(({ scalar, expansionSearch }) => `${scalar} ${expansionSearch}`)).toEqual([
    'f32 10',
    'f32 512',
    'i8 10',
    'i8 512',
  ])
  for (const { scalar, recall, loss, deciles, p50Ms, p99Ms } of curve.points) {
    expect(loss.hits).toBe(100 * k)
    expect(1 - (loss.graph + loss.quantisation) / loss.hits).toBeCloseTo(recall, 10)
    expect(deciles.reduce((sum, { hits }) => sum + hits, 0)).toBe(loss.hits)
    expect(deciles.reduce((sum, { graph }) => sum + graph, 0)).toBe(loss.graph)
    if (scalar === 'f32') expect(loss.quantisation).toBe(0)
    expect(p99Ms).toBeGreaterThanOrEqual(p50Ms)
  }
  for (const { recall, recallRange, itemRecall, p50Ms, p50Range } of curve.points) {
    expect(recallRange![0]).toBeLessThanOrEqual(recall)
    expect(recallRange![1]).toBeGreaterThanOrEqual(recall)
    expect(itemRecall).toBeGreaterThan(0)
    expect([p50Range![0] <= p50Ms, p50Ms <= p50Range![1]]).toEqual([true, true])
  }
  const [few, many, , manyBytes] = curve.points.map(({ recall }) => recall) as [number, number, number, number]
  expect(few).toBeLessThan(many)
  expect(many).toBeGreaterThan(0.99)
  expect(manyBytes).toBeLessThan(many)
  expect(curve.points[3]!.loss.quantisation).toBeGreaterThan(0)
  expect(curve.decileRanges[0]).toEqual([2701, 3000])
})

test('a target is sought: the least expansion that reaches it is known within a seventh, and the fastest is named', async () => {
  const ask = async (target: number, expansions: number[]) =>
    drain(
      measureAnnCurve({
        items: clustered(3000, dim, 4),
        queries: clustered(200, dim, 5),
        dim,
        metric: 'cosine',
        popularity: new Int32Array(3000),
        k: 10,
        expansions,
        scalars: ['f32'],
        target,
        connectivity: 4,
        expansionAdd: 16,
        threads: 1,
        temp: await temporaryFolder(),
      }),
    )
  for (const expansions of [[10], [10, 2000], [2000]]) {
    const { points, tuned } = await ask(0.95, expansions)
    const reaching = points.filter(({ recall }) => recall >= 0.95)
    expect(points[0]!.expansionSearch).toBeGreaterThanOrEqual(10)
    const least = reaching[0]!.expansionSearch
    const below = points.filter(({ expansionSearch }) => expansionSearch < least)
    expect(points.map(({ expansionSearch }) => expansionSearch)).toEqual(
      points.map(({ expansionSearch }) => expansionSearch).toSorted((a, b) => a - b),
    )
    expect(least / Math.max(10, ...below.map(({ expansionSearch }) => expansionSearch))).toBeLessThan(1.16)
    expect(reaching.map(({ expansionSearch }) => expansionSearch)).toContain(tuned!.expansionSearch)
  }
  expect((await ask(0.9999999, [10])).points.at(-1)!.expansionSearch).toBeLessThanOrEqual(3000)
})

test('deciles hold as many items each, most popular first', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 10, maxLength: 60 }), (counts) => {
      const { decile, ranges } = decilesOf(Int32Array.from(counts))
      const sizes = ranges.map((_, d) => decile.filter((each) => each === d).length)
      const members = ranges.map((_, d) => counts.filter((_, i) => decile[i] === d))
      return (
        Math.max(...sizes) - Math.min(...sizes) <= 1 &&
        ranges.every(([low, high], d) => low === Math.min(...members[d]!) && high === Math.max(...members[d]!))
      )
    }),
  )
})
