/**
 * Recall against latency of ANN search over a model's own vectors, for several numbers of candidates and scalar types, and where the
 * missed hits were lost: to quantisation, where exact search over the quantised vectors misses them too, or else to the graph. One graph
 * is built a scalar type and searched with each number of candidates. Latency is of one query on one thread, through the mapped file.
 */
import { join } from 'node:path'
import type { MissedHits, AnnCurve, AnnCurvePoint } from '../../contract/shapes/ann.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import type { IndexSpec, VectorMetric } from '../../contract/shapes/spec.ts'
import { createExact, type ExactSearch } from './exact.ts'
import { quantise } from './quantise.ts'
import { AnnIndex, buildIndex } from './usearch.ts'

export interface AnnCurveOptions {
  /** [items × dim] */
  readonly items: Float32Array
  /** [queries × dim] */
  readonly queries: Float32Array
  readonly dim: number
  readonly metric: VectorMetric
  /** [items] training interactions, for the deciles */
  readonly popularity: Int32Array
  readonly k: number
  readonly expansions: readonly number[]
  readonly scalars: readonly IndexSpec['scalar'][]
  readonly connectivity: number
  readonly expansionAdd: number
  readonly threads: number
  /** a folder for the files of the indexes */
  readonly temp: string
}

export const DECILES = 10
const BLOCK = 64
/** Queries that only warm the caches, and those whose exact search is timed one by one. */
const WARM = 32
const TIMED_EXACT = 50

export async function* measureAnnCurve(question: AnnCurveOptions): Stage<Omit<AnnCurve, 'run' | 'measuredAt'>> {
  const { items, queries, dim, metric, k, connectivity, expansionAdd, threads } = question
  // USearch looks at no fewer candidates than it is asked for
  const expansions = [...new Set(question.expansions.map((expansion) => Math.max(k, expansion)))].sort((a, b) => a - b)
  const scalars = question.scalars.filter((scalar) => !(scalar === 'i8' && metric !== 'cosine'))
  const [count, asked] = [items.length / dim, queries.length / dim]
  const { decile, ranges } = decilesOf(question.popularity)
  const exact = await createExact(items, dim, metric, { threads })
  const exactP50Ms = await timeExact(exact, queries, k)
  const truth = yield* searchAll(exact, queries, k, 'search exactly')
  await exact.dispose()

  const points: AnnCurvePoint[] = []
  const builds: AnnCurve['builds'] = []
  for (const scalar of scalars) {
    const spec = { connectivity, expansionAdd, expansionSearch: expansions[0]!, scalar }
    const started = performance.now()
    const index = yield* renamed(buildIndex(items, { dim, metric, spec }), `build ${scalar} index`)
    const buildSeconds = (performance.now() - started) / 1000
    const path = join(question.temp, `${scalar}.index`)
    const [file] = await index.save(path)
    index.dispose()
    builds.push({ scalar, bytes: file.bytes, buildSeconds })

    const quantised = scalar === 'f32' ? truth : yield* searchQuantised(question, scalar)
    for (const [e, expansionSearch] of expansions.entries()) {
      yield { stage: `search ${scalar} index`, done: e, total: expansions.length, unit: 'settings', note: `expansion ${expansionSearch}` }
      const mapped = await AnnIndex.view(path, { dim, metric }, { expansionSearch })
      points.push({ scalar, expansionSearch, ...compare(mapped, queries, k, truth, quantised, decile) })
      mapped.dispose()
    }
  }
  return { k, queries: asked, items: count, dim, metric, connectivity, expansionAdd, exactP50Ms, builds, points, decileRanges: ranges }
}

/** One setting: every query through the index, its hits against the exact ones. */
function compare(
  index: AnnIndex,
  queries: Float32Array,
  k: number,
  truth: Int32Array,
  quantised: Int32Array,
  decile: Uint8Array,
): Pick<AnnCurvePoint, 'recall' | 'p50Ms' | 'p99Ms' | 'loss' | 'deciles'> {
  const { dim } = index
  const count = queries.length / dim
  const query = (row: number): Float32Array => queries.subarray(row * dim, (row + 1) * dim)
  for (let row = 0; row < Math.min(WARM, count); row++) index.search(query(row), k)
  const times = new Float64Array(count)
  const none = (): MissedHits => ({ hits: 0, quantisation: 0, graph: 0 })
  const loss = none()
  const deciles = Array.from({ length: DECILES }, none)
  let recall = 0
  for (let row = 0; row < count; row++) {
    const started = performance.now()
    const { keys } = index.search(query(row), k)
    times[row] = performance.now() - started
    const found = new Set(keys)
    const near = new Set(quantised.subarray(row * k, (row + 1) * k))
    const wanted = truth.subarray(row * k, (row + 1) * k).filter((key) => key >= 0)
    let hits = 0
    for (const key of wanted) {
      const into = [loss, deciles[decile[key]!]!]
      for (const each of into) each.hits++
      if (found.has(key)) hits++
      else for (const each of into) each[near.has(key) ? 'graph' : 'quantisation']++
    }
    recall += wanted.length === 0 ? 1 : hits / wanted.length
  }
  times.sort()
  const percentile = (share: number): number => times[Math.max(0, Math.ceil(share * count) - 1)]!
  return { recall: recall / count, p50Ms: percentile(0.5), p99Ms: percentile(0.99), loss, deciles }
}

async function* searchQuantised(question: AnnCurveOptions, scalar: IndexSpec['scalar']): Stage<Int32Array> {
  const { items, queries, dim, metric, k, threads } = question
  const exact = await createExact(quantise(items, dim, metric, scalar), dim, metric, { threads })
  try {
    return yield* searchAll(exact, quantise(queries, dim, metric, scalar), k, `search ${scalar} exactly`)
  } finally {
    await exact.dispose()
  }
}

/** Exact keys of all queries [queries × k]. */
async function* searchAll(exact: ExactSearch, queries: Float32Array, k: number, stage: string): Stage<Int32Array> {
  const { dim } = exact
  const total = queries.length / dim
  const keys = new Int32Array(total * k)
  for (let from = 0; from < total; from += BLOCK) {
    yield { stage, done: from, total, unit: 'queries' }
    keys.set((await exact.search(queries.subarray(from * dim, (from + BLOCK) * dim), { k })).keys, from * k)
  }
  return keys
}

/** Median milliseconds of one query. */
async function timeExact(exact: ExactSearch, queries: Float32Array, k: number): Promise<number> {
  const { dim } = exact
  const count = Math.min(TIMED_EXACT, queries.length / dim)
  const times = new Float64Array(count)
  await exact.search(queries.subarray(0, dim), { k }) // the first one allocates
  for (let row = 0; row < count; row++) {
    const started = performance.now()
    await exact.search(queries.subarray(row * dim, (row + 1) * dim), { k })
    times[row] = performance.now() - started
  }
  return times.sort()[Math.floor(count / 2)]!
}

/** Ten groups of as many items each by falling popularity, and the fewest and most interactions in each. */
export function decilesOf(popularity: Int32Array): { decile: Uint8Array; ranges: [number, number][] } {
  const order = Int32Array.from(popularity, (_, i) => i).sort((a, b) => popularity[b]! - popularity[a]! || a - b)
  const decile = new Uint8Array(popularity.length)
  const ranges: [number, number][] = Array.from({ length: DECILES }, () => [0, 0])
  for (const [place, item] of order.entries()) {
    const d = (decile[item] = Math.floor((place * DECILES) / order.length))
    const first = place === Math.ceil((d * order.length) / DECILES)
    ranges[d] = [popularity[item]!, first ? popularity[item]! : ranges[d]![1]]
  }
  return { decile, ranges }
}

async function* renamed<R>(stage: Stage<R>, name: string): Stage<R> {
  for (;;) {
    const next = await stage.next()
    if (next.done === true) return next.value
    yield { ...next.value, stage: name }
  }
}
