/**
 * Exact search: every item is scored and the best are selected by the rule of topk.ts. It is the default below a million items, and
 * the oracle that ANN is measured against. One GEMM a block of queries.
 */
import { badData, PylonError } from '../../contract/errors.ts'
import type { Matching } from '../towers/metric.ts'
import { createMatcher } from './matcher.ts'
import { ScoreBlock } from './score-block.ts'
import { blockRows, createTopK, type Hits } from './topk.ts'
import { checkVectors } from './scale-vectors.ts'

/** From this many items on, ANN is the default. */
const ANN_FROM_ITEMS = 1_000_000

/** How a catalogue of this size is searched unless somebody says otherwise. */
export function defaultSearch(items: number): 'exact' | 'ann' {
  return items < ANN_FROM_ITEMS ? 'exact' : 'ann'
}

interface ExactQuery {
  readonly k: number
  /** items that must not be retrieved for query `row`: seen ones, or the query item itself */
  readonly excluded?: (row: number) => Iterable<number>
  /** [items]: 0 where an item must not be retrieved for any query */
  readonly allowed?: Uint8Array
}

export interface ExactSearch {
  readonly items: number
  readonly dim: number
  /**
   * Hits [rows × k], each row best first; -1 and -Infinity past its end.
   * @throws PylonError bad-data naming a query with NaN or infinity
   */
  search(queries: Float32Array, query: ExactQuery): Promise<Hits>
  dispose(): Promise<void>
}

/**
 * Exact search over item vectors [items × dim]; a cosine search scales them (in a copy) and its queries to length 1.
 * @throws PylonError bad-data naming an item row with NaN or infinity
 */
export async function createExact(
  vectors: Float32Array,
  dim: number,
  matching: Matching,
  options: { threads?: number } = {},
): Promise<ExactSearch> {
  checkVectors(vectors, dim, 'item')
  const items = vectors.length / dim
  const scorer = await createMatcher(vectors, dim, matching, options)
  const rowsAtOnce = blockRows(items)
  let held: ScoreBlock | null = null

  return {
    items,
    dim,
    async search(queries, { k, excluded, allowed }) {
      checkVectors(queries, dim, 'query')
      const rows = queries.length / dim
      const forbidden = allowed === undefined ? null : positionsOf(allowed, 0)
      const room = Math.min(rows, rowsAtOnce) * items
      // one search at a time writes to a block
      const scored = held === null || held.scores.length < room ? new ScoreBlock(room) : held
      held = null
      const select = createTopK(k, scored)
      const keys = new Int32Array(rows * k)
      const scores = new Float32Array(rows * k)
      for (let from = 0; from < rows; from += rowsAtOnce) {
        const block = queries.subarray(from * dim, Math.min(rows, from + rowsAtOnce) * dim)
        const count = block.length / dim
        const all = scored.scores.subarray(0, count * items)
        await scorer.score(block, count, all)
        for (let row = 0; row < count; row++) {
          const at = row * items
          if (forbidden !== null) for (const item of forbidden) all[at + item] = -Infinity
          if (excluded !== undefined) for (const item of excluded(from + row)) all[at + item] = -Infinity
          const selected = select(all, at, items, keys, (from + row) * k, scores)
          if (selected < 0) throw overflow(from + row, -1 - selected)
        }
      }
      held = scored
      return { keys, scores }
    },
    dispose: () => scorer.dispose(),
  }
}

function positionsOf(flags: Uint8Array, wanted: number): Int32Array {
  const found: number[] = []
  for (let i = 0; i < flags.length; i++) if (flags[i] === wanted) found.push(i)
  return Int32Array.from(found)
}

function overflow(row: number, item: number): PylonError {
  return badData(`The score of query ${row} for item ${item} is not a number: their vectors are too long; normalise the towers.`)
}
