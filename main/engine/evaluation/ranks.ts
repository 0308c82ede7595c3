/**
 * The ranks of all held-out items of a run: from them follows every per-query metric at every cut-off, the curves over K and the
 * query-level difference of two runs. They are computed once, by the evaluation itself, and kept in a file beside the run.
 */
import { join } from 'node:path'
import { PylonError } from '../../contract/errors.ts'
import { parseQueryMetric, QUERY_KINDS, type QueryKind } from '../../contract/metrics.ts'
import type { Progress } from '../../contract/shapes/progress.ts'
import type { Protocol } from '../../contract/shapes/protocol.ts'
import { readNpy, writeNpy } from '../files/npy.ts'
import { evaluate, type EvaluateOptions } from './evaluate.ts'
import type { HeldOut } from './held-out.ts'
import { QUERY_METRICS } from './metrics.ts'

/** The file of a run's ranks under a protocol: int32, one a held-out item in the order of {@link HeldOut}; 0: not retrieved. */
export function ranksFile(protocolHash: string): string {
  return `ranks-${protocolHash}.npy`
}

/** Ranks every held-out item among all candidates. Costs an evaluation and about 10 µs an item at 41,000 items. */
export async function* rankHeldOut(
  options: Pick<EvaluateOptions, 'dataset' | 'protocol' | 'scorer' | 'users'>,
): AsyncGenerator<Progress, Int32Array> {
  const { ranks } = yield* evaluate({ ...options, k: [1], slices: [], keepRanks: true })
  return ranks!
}

export async function saveRanks(folder: string, protocol: Protocol, ranks: Int32Array): Promise<void> {
  await writeNpy(join(folder, ranksFile(protocol.hash)), 'int32', [ranks.length], ranks as Int32Array<ArrayBuffer>)
}

/**
 * @param path of the file, which is known to be what was written
 * @throws PylonError not-found where there is no such file; bad-data where it does not fit what is held out
 */
export async function loadRanks(path: string, held: HeldOut): Promise<Int32Array> {
  const { dtype, data } = await readNpy(path)
  if (dtype !== 'int32' || data.length !== held.items.length)
    throw new PylonError(
      'bad-data',
      `It does not have the rank of each of ${held.items.length} held-out items: delete it, it is made again.`,
      path,
    )
  return data
}

/** A per-query metric at a cut-off. */
export interface MetricAt {
  readonly kind: QueryKind
  readonly k: number
}

/** `ndcg@20`. @throws PylonError bad-input naming the metrics there are */
export function metricAt(text: string): MetricAt {
  const read = parseQueryMetric(text)
  if (read === null)
    throw new PylonError(
      'bad-input',
      `"${text}" is no metric of a query: give ${QUERY_KINDS.map((each) => `${each}@K`).join(', ')}.`,
      'metric',
    )
  return read
}

/** The value of each query [held.users.length]. */
export function queryValues(held: HeldOut, ranks: Int32Array, { kind, k }: MetricAt): Float64Array {
  const metric = QUERY_METRICS[kind]
  return Float64Array.from(held.users, (_, q) => metric({ ...positions(held, ranks, q), held: held.offsets[q + 1]! - held.offsets[q]! }, k))
}

/** Curves over K = 1 … most of the means over queries. One pass over the ranks for all K. */
export function curvesOverK(
  held: HeldOut,
  ranks: Int32Array,
  most: number,
): { recall: Float64Array; ndcg: Float64Array; hit: Float64Array } {
  const [recall, ndcg, hit] = [new Float64Array(most), new Float64Array(most), new Float64Array(most)]
  const queries = held.users.length
  for (let q = 0; q < queries; q++) {
    const { hits, found } = positions(held, ranks, q)
    const count = held.offsets[q + 1]! - held.offsets[q]!
    let [at, gain, ideal] = [0, 0, 0]
    for (let position = 0; position < most; position++) {
      const discount = 1 / Math.log2(position + 2)
      if (position < count) ideal += discount
      if (at < found && hits[at] === position) {
        gain += discount
        at++
      } else if (at === 0) continue
      recall[position]! += at / count
      ndcg[position]! += gain / ideal
      hit[position]!++
    }
  }
  for (const curve of [recall, ndcg, hit]) for (let i = 0; i < most; i++) curve[i]! /= queries
  return { recall, ndcg, hit }
}

/** Where a query's retrieved held-out items stand, from 0, ascending. */
function positions(held: HeldOut, ranks: Int32Array, q: number): { hits: Int32Array; found: number } {
  const hits = ranks.subarray(held.offsets[q], held.offsets[q + 1]).filter((rank) => rank > 0)
  for (let i = 0; i < hits.length; i++) hits[i]!--
  return { hits: hits.sort(), found: hits.length }
}
