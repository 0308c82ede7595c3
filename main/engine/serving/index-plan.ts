/** What an index of a run will cost at other numbers of items, and its searches under filters by the ways they can be answered. */
import { badInput } from '../../contract/errors.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import { type IndexSpec, isIndexed } from '../../contract/shapes/spec.ts'
import type { PlanInput, PlanResult } from '../../contract/verbs/index-plan.ts'
import { overlap, sampleRows } from '../ann/compare.ts'
import { measureGrowth, medianMs, predict } from '../ann/growth.ts'
import type { Hits } from '../ann/topk.ts'
import { type AnnIndex, buildIndex } from '../ann/usearch.ts'
import { Retriever } from '../model/retriever.ts'
import { random, shuffle } from '../training/random.ts'
import type { OpenModel } from './open-model.ts'

const SEED = 1
/** Fewer items say nothing of more. */
const LEAST_ITEMS = 400

/** @throws PylonError bad-input where the run has no index, too few items, or a scalar type that its match cannot have */
export async function* planIndex(model: OpenModel, ask: PlanInput, temp: string): Stage<Omit<PlanResult, 'run'>> {
  const { spec: run, dim, metric, vectors } = model
  if (!isIndexed(run)) throw badInput(`A run of ${run.model} has no ANN index: choose a two-tower run or a blend.`, 'run')
  const count = vectors.item.length / dim
  if (count < LEAST_ITEMS) throw badInput(`There are ${count} items: a cost is predicted from ${LEAST_ITEMS} or more.`, 'run')
  const { scalar = run.index.scalar, connectivity = run.index.connectivity, expansionSearch = run.index.expansionSearch } = ask
  const spec: IndexSpec = { ...run.index, scalar, connectivity, expansionSearch }
  const order = Int32Array.from({ length: count }, (_, i) => i)
  shuffle(order, random(SEED, 'search'))
  const queries = sampleRows(vectors.user, dim, ask.queries)
  const shape = { dim, metric, spec }
  const measured = yield* measureGrowth({ ...shape, items: vectors.item, queries, k: ask.k, order, temp })
  const [all, before] = [measured.at(-1)!, predict(measured.slice(0, -1), count)]
  const index = yield* buildIndex(vectors.item, shape)
  const retriever = new Retriever(vectors.item, dim, metric)
  try {
    const filters: PlanResult['filters'] = []
    const shares = [...new Set(ask.shares)].sort((a, b) => b - a)
    for (const [done, share] of shares.entries()) {
      yield { stage: 'search under filters', done, total: shares.length, unit: 'filters' }
      filters.push(await underFilter({ retriever, index, queries, dim, k: ask.k, order, share }))
    }
    const exactP50Ms = filters[0]!.share === 1 ? filters[0]!.scan.p50Ms : filters[0]!.scan.p50Ms / filters[0]!.share
    const both = (name: 'bytes' | 'p50Ms' | 'buildSeconds'): { predicted: number; measured: number } => ({
      predicted: before[name],
      measured: all[name],
    })
    return {
      k: ask.k,
      queries: queries.length / dim,
      dim,
      metric,
      spec,
      measured,
      check: { bytes: both('bytes'), p50Ms: both('p50Ms'), buildSeconds: both('buildSeconds') },
      asked: [...new Set(ask.items)]
        .sort((a, b) => a - b)
        .map((items) => ({ ...predict(measured, items), exactP50Ms: (exactP50Ms * items) / count })),
      exactP50Ms,
      filters,
    }
  } finally {
    index.dispose()
    await retriever.dispose()
  }
}

interface Filtered {
  readonly retriever: Retriever
  readonly index: AnnIndex
  readonly queries: Float32Array
  readonly dim: number
  readonly k: number
  /** the items that pass are the first of these */
  readonly order: Int32Array
  readonly share: number
}

/** Each way of answering under a filter, against all items that fit it. */
async function underFilter({ retriever, index, queries, dim, k, order, share }: Filtered): Promise<PlanResult['filters'][number]> {
  const items = Math.max(1, Math.round(share * order.length))
  const filter = new Uint8Array(order.length)
  for (const item of order.subarray(0, items)) filter[item] = 1
  const scan = (query: Float32Array): Promise<Hits> => retriever.search(query, { k, filter, by: 'exact' })
  const truth: Int32Array[] = []
  const count = queries.length / dim
  const query = (row: number): Float32Array => queries.subarray(row * dim, (row + 1) * dim)
  for (let row = 0; row < count; row++) truth.push((await scan(query(row))).keys)
  const way = async (search: (query: Float32Array) => Promise<Hits>): Promise<{ recall: number; p50Ms: number }> => {
    let found = 0
    for (let row = 0; row < count; row++) found += overlap(truth[row]!, (await search(query(row))).keys)
    return { recall: found / count, p50Ms: await medianMs(queries, dim, search) }
  }
  return {
    share,
    items,
    served: await way((asked) => retriever.search(asked, { k, filter, by: 'quickest', index })),
    scan: await way(scan),
    index: await way((asked) => retriever.search(asked, { k, filter, by: 'ann', index })),
  }
}
