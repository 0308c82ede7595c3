/**
 * How an index grows with its items: its file, which is what it takes of memory, a query and the build, measured at parts of a catalogue.
 * A graph has a node an item, so bytes lie on a line; the steps of a search grow slower than any power, and over a few doublings a power
 * with an exponent of their own is as good (a query at N from N/8 … N/2).
 */
import { join } from 'node:path'
import type { Stage } from '../../contract/shapes/progress.ts'
import type { IndexCost } from '../../contract/verbs/index-plan.ts'
import { takeRows } from './scale-vectors.ts'
import { AnnIndex, buildIndex, type IndexShape } from './usearch.ts'

/** N/8, N/4, N/2, N. */
export const PARTS = [8, 4, 2, 1] as const
/** Each query is timed so often; the quickest round is the one that the machine disturbed least. */
const ROUNDS = 5

export interface GrowthOptions extends IndexShape {
  /** [items × dim] */
  readonly items: Float32Array
  /** [queries × dim] */
  readonly queries: Float32Array
  readonly k: number
  /** rows in the order in which they join */
  readonly order: Int32Array
  /** a folder for the files of the indexes */
  readonly temp: string
}

/** One index a part, each of the first rows of the order. */
export async function* measureGrowth({ items, queries, k, order, temp, ...shape }: GrowthOptions): Stage<IndexCost[]> {
  const measured: IndexCost[] = []
  for (const part of PARTS) {
    const count = Math.max(1, Math.floor(order.length / part))
    const started = performance.now()
    const built = yield* buildIndex(takeRows(items, order.subarray(0, count), shape.dim), shape)
    const buildSeconds = (performance.now() - started) / 1000
    const path = join(temp, `part-${part}.index`)
    const [{ bytes }] = await built.save(path)
    built.dispose()
    yield { stage: 'search', done: measured.length, total: PARTS.length, unit: 'sizes' }
    const index = await AnnIndex.view(path, shape)
    measured.push({ items: count, bytes, p50Ms: await medianMs(queries, shape.dim, (query) => index.search(query, k)), buildSeconds })
    index.dispose()
  }
  return measured
}

/** The median over queries of the quickest of some rounds, in milliseconds. */
export async function medianMs(queries: Float32Array, dim: number, search: (query: Float32Array) => unknown): Promise<number> {
  const count = queries.length / dim
  const least = new Float64Array(count).fill(Infinity)
  for (let round = 0; round < ROUNDS; round++) {
    for (let row = 0; row < count; row++) {
      const query = queries.subarray(row * dim, (row + 1) * dim)
      const started = performance.now()
      await search(query)
      least[row] = Math.min(least[row]!, performance.now() - started)
    }
  }
  return least.sort()[count >> 1]!
}

type Points = readonly { readonly items: number; readonly value: number }[]

/** The least-squares line through points. */
export function line(points: Points): (items: number) => number {
  const n = points.length
  const mean = (of: (point: Points[number]) => number): number => points.reduce((sum, point) => sum + of(point), 0) / n
  const [x, y] = [mean(({ items }) => items), mean(({ value }) => value)]
  const spread = mean(({ items }) => (items - x) ** 2)
  const slope = spread === 0 ? 0 : mean(({ items, value }) => (items - x) * (value - y)) / spread
  return (items) => y + slope * (items - x)
}

/** The least-squares power of positive points: a line of logarithms. */
export function power(points: Points): (items: number) => number {
  const at = line(points.map(({ items, value }) => ({ items: Math.log(items), value: Math.log(value) })))
  return (items) => Math.exp(at(Math.log(items)))
}

/** What measured costs say of another number of items. */
export function predict(measured: readonly IndexCost[], items: number): IndexCost {
  const of = (name: 'bytes' | 'p50Ms' | 'buildSeconds'): Points => measured.map((cost) => ({ items: cost.items, value: cost[name] }))
  return { items, bytes: line(of('bytes'))(items), p50Ms: power(of('p50Ms'))(items), buildSeconds: power(of('buildSeconds'))(items) }
}
