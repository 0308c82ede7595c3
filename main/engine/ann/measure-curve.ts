/**
 * Recall against latency of ANN search over a model's own vectors, for several numbers of candidates and scalar types, and where the
 * missed hits were lost: to quantisation, where exact search over the quantised vectors misses them too, or else to the graph. One graph
 * is built a scalar type and searched with each number of candidates. Latency is of one query on one thread, through the mapped file, in
 * several rounds. Users are not distributed as the items are that the graph was built of, so that it may lead them less well than it leads
 * items (Jaiswal et al. 2022, OOD-DiskANN, arXiv:2211.12850): both are measured.
 */
import { join } from 'node:path'
import type { MissedHits, AnnCurve, AnnCurvePoint } from '../../contract/shapes/ann.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import type { IndexSpec, VectorMetric } from '../../contract/shapes/spec.ts'
import { overlap, sampleRows } from './compare.ts'
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
  /** a recall for which the least expansion is sought; null: none */
  readonly target: number | null
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
/** Each query is timed so often: what a round differs from another is the machine's noise. */
const ROUNDS = 3
/** The greatest expansion that is tried for a target, and where seeking ends: within this factor. */
const MAX_EXPANSION = 10_000
const CLOSE = 1.15
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
  const itemQueries = sampleRows(items, dim, asked)
  const itemTruth = yield* searchAll(exact, itemQueries, k, 'search exactly')
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
    const own: AnnCurvePoint[] = []
    const measure = async function* (expansionSearch: number, done: number): Stage<AnnCurvePoint> {
      const total = done < expansions.length ? expansions.length : null
      yield { stage: `search ${scalar} index`, done, total, unit: 'settings', note: `expansion ${expansionSearch}` }
      const mapped = await AnnIndex.view(path, { dim, metric }, { expansionSearch })
      const itemRecall = recallOf(mapped, itemQueries, k, itemTruth)
      const point = { scalar, expansionSearch, itemRecall, ...compare(mapped, queries, k, truth, quantised, decile) }
      mapped.dispose()
      own.push(point)
      return point
    }
    for (const [e, expansionSearch] of expansions.entries()) yield* measure(expansionSearch, e)
    if (question.target !== null)
      yield* seek(own, question.target, { least: k, most: Math.min(MAX_EXPANSION, count) }, (expansion) => measure(expansion, own.length))
    points.push(...own.toSorted((a, b) => a.expansionSearch - b.expansionSearch))
  }
  const { target } = question
  const tuned = target === null ? null : fastest(points.filter(({ recall }) => recall >= target))
  const about = { k, queries: asked, items: count, dim, metric, connectivity, expansionAdd }
  return { ...about, exactP50Ms, target, tuned, builds, points, decileRanges: ranges }
}

/** Measures further expansions, until the least that reaches a recall is known within {@link CLOSE}. */
async function* seek(
  measured: readonly AnnCurvePoint[],
  target: number,
  { least, most }: { readonly least: number; readonly most: number },
  measure: (expansion: number) => Stage<AnnCurvePoint>,
): Stage {
  for (;;) {
    const reaching = measured.filter(({ recall }) => recall >= target).map(({ expansionSearch }) => expansionSearch)
    const high = Math.min(...reaching)
    // recall rises with the expansion but for noise: what lies above the least that reaches it is not looked at
    const low = Math.max(least, ...measured.map(({ expansionSearch }) => expansionSearch).filter((expansion) => expansion < high))
    const next = high === Infinity ? Math.min(most, low * 2) : Math.round(Math.sqrt(low * high))
    if (next <= low || next >= high || (high !== Infinity && high / low <= CLOSE)) return
    yield* measure(next)
  }
}

function fastest(points: readonly AnnCurvePoint[]): AnnCurve['tuned'] {
  const best = points.reduce<AnnCurvePoint | null>((least, point) => (least === null || point.p50Ms < least.p50Ms ? point : least), null)
  return best === null ? null : { scalar: best.scalar, expansionSearch: best.expansionSearch }
}

/** Mean share of the exact hits that queries find. */
function recallOf(index: AnnIndex, queries: Float32Array, k: number, truth: Int32Array): number {
  const { dim } = index
  const count = queries.length / dim
  let sum = 0
  for (let row = 0; row < count; row++)
    sum += overlap(truth.subarray(row * k, (row + 1) * k), index.search(queries.subarray(row * dim, (row + 1) * dim), k).keys)
  return sum / count
}

/** One setting: every query through the index, its hits against the exact ones. */
function compare(
  index: AnnIndex,
  queries: Float32Array,
  k: number,
  truth: Int32Array,
  quantised: Int32Array,
  decile: Uint8Array,
): Omit<AnnCurvePoint, 'scalar' | 'expansionSearch' | 'itemRecall'> {
  const { dim } = index
  const count = queries.length / dim
  const query = (row: number): Float32Array => queries.subarray(row * dim, (row + 1) * dim)
  for (let row = 0; row < Math.min(WARM, count); row++) index.search(query(row), k)
  const rounds = Array.from({ length: ROUNDS }, () => new Float64Array(count))
  const none = (): MissedHits => ({ hits: 0, quantisation: 0, graph: 0 })
  const loss = none()
  const deciles = Array.from({ length: DECILES }, none)
  const recalls = new Float64Array(count)
  for (let row = 0; row < count; row++) {
    const { keys } = index.search(query(row), k)
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
    recalls[row] = wanted.length === 0 ? 1 : hits / wanted.length
  }
  for (const times of rounds) {
    for (let row = 0; row < count; row++) {
      const started = performance.now()
      index.search(query(row), k)
      times[row] = performance.now() - started
    }
    times.sort()
  }
  const ofRounds = (share: number): number[] =>
    rounds.map((times) => times[Math.max(0, Math.ceil(share * count) - 1)]!).sort((a, b) => a - b)
  const [p50, p99] = [ofRounds(0.5), ofRounds(0.99)]
  const recall = recalls.reduce((sum, value) => sum + value, 0) / count
  const variance = recalls.reduce((sum, value) => sum + (value - recall) ** 2, 0) / Math.max(1, count - 1)
  const off = 1.96 * Math.sqrt(variance / count)
  return {
    recall,
    recallRange: [Math.max(0, recall - off), Math.min(1, recall + off)],
    p50Ms: p50[ROUNDS >> 1]!,
    p50Range: [p50[0]!, p50.at(-1)!],
    p99Ms: p99[ROUNDS >> 1]!,
    loss,
    deciles,
  }
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
