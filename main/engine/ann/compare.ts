/**
 * What ANN costs and misses: the same queries through the index and through exact search at the same K. An ANN figure is never shown
 * without this recall.
 */
import { badInput } from '../../contract/errors.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import type { ExactSearch } from './exact.ts'
import type { AnnIndex } from './usearch.ts'

export interface AnnComparison {
  readonly k: number
  readonly queries: number
  /** mean over queries of the share of the exact top K that ANN returns in its own */
  readonly recallVsExact: number
  /** wall time of one query through the index, median and 99th percentile (nearest rank) */
  readonly p50Ms: number
  readonly p99Ms: number
}

const BLOCK = 64

/**
 * Compares on query vectors [queries × dim].
 * @throws PylonError bad-input where there is no query or no item
 */
export async function* compareAnn(index: AnnIndex, exact: ExactSearch, queries: Float32Array, k: number): Stage<AnnComparison> {
  const { dim } = index
  const total = queries.length / dim
  if (total === 0 || index.size === 0) throw badInput('There is nothing to compare: no query, or an empty index.')
  const times = new Float64Array(total)
  index.search(queries.subarray(0, dim), k) // the first search allocates
  let recall = 0
  for (let from = 0; from < total; from += BLOCK) {
    yield { stage: 'compare ANN', done: from, total, unit: 'queries' }
    const block = queries.subarray(from * dim, Math.min(total, from + BLOCK) * dim)
    const { keys } = await exact.search(block, { k })
    for (let row = 0; row < block.length / dim; row++) {
      const started = performance.now()
      const found = index.search(block.subarray(row * dim, (row + 1) * dim), k)
      times[from + row] = performance.now() - started
      recall += overlap(keys.subarray(row * k, (row + 1) * k), found.keys)
    }
  }
  yield { stage: 'compare ANN', done: total, total, unit: 'queries' }
  times.sort()
  const percentile = (share: number): number => times[Math.max(0, Math.ceil(share * total) - 1)]!
  return { k, queries: total, recallVsExact: recall / total, p50Ms: percentile(0.5), p99Ms: percentile(0.99) }
}

/** At most `most` rows of vectors, evenly spaced: a sample that needs no seed. */
export function sampleRows(vectors: Float32Array, dim: number, maxRows: number): Float32Array {
  const count = vectors.length / dim
  if (count <= maxRows) return vectors
  const sample = new Float32Array(maxRows * dim)
  for (let i = 0; i < maxRows; i++) {
    const row = Math.floor((i * count) / maxRows)
    sample.set(vectors.subarray(row * dim, (row + 1) * dim), i * dim)
  }
  return sample
}

/** Share of the exact hits (-1: none) that were found. */
export function overlap(exact: Int32Array, found: Int32Array): number {
  const wanted = new Set(exact.filter((key) => key >= 0))
  if (wanted.size === 0) return 1
  return found.reduce((n, key) => n + (wanted.has(key) ? 1 : 0), 0) / wanted.size
}
