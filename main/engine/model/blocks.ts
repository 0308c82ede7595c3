/**
 * Users by the block to ranked lists: how whole evaluations retrieve. A Scorer scores every item and the exact row masks and ranks; any
 * other way to retrieve (an index, a function served by a metric) is one more row, so that it is measured by the same code.
 */
import { createExact } from '../ann/exact.ts'
import { createMatcher } from '../ann/matcher.ts'
import { ScoreBlock } from '../ann/score-block.ts'
import { blockRows, createTopK, type SelectTopK } from '../ann/topk.ts'
import type { AnnIndex } from '../ann/usearch.ts'
import { type Matching, metricOf } from '../towers/metric.ts'
import { RESCORED_CANDIDATES } from './retriever.ts'
import { searchIndex } from './search-index.ts'
import type { Scorer } from './scoring.ts'

/** The items of a user's interactions, repeated where they came back to one; a view that the next call overwrites. */
export type SeenItems = (user: number) => Int32Array

/**
 * The held-out items of a block whose ranks are asked for: row r's are items[offsets[r] .. offsets[r + 1]); `ranks` is
 * filled alongside.
 */
export interface RankQuestion {
  readonly offsets: Int32Array
  readonly items: Int32Array
  /** rank from 1 among the candidates; 0: not retrieved */
  readonly ranks: Int32Array
}

interface BlockRequest {
  readonly users: Int32Array
  readonly depth: number
  /** [users.length × depth], filled with items by rank, -1 past the end */
  readonly lists: Int32Array
  /** as long as `lists`: their scores, -Infinity past the end; of an exact search alone */
  readonly scores?: Float32Array
  readonly seen: SeenItems | null
  readonly question?: RankQuestion
}

export interface BlockRetriever {
  /** the largest block that keeps memory bounded */
  readonly blockSize: number
  /** @throws NaNScore */
  retrieve(request: BlockRequest): Promise<void> | void
}

/** A score that is not a number: the model's vectors are broken. */
export class NaNScore extends Error {
  readonly user: number
  readonly item: number
  constructor(user: number, item: number) {
    super(`The score of user ${user} for item ${item} is NaN.`)
    this.name = 'NaNScore'
    this.user = user
    this.item = item
  }
}

/** Ranks all unmasked items by a scorer; ties by item order. Holds one block of scores. */
export function exactBlocks(scorer: Scorer, items: number): BlockRetriever {
  const blockSize = blockRows(items)
  const block = new ScoreBlock(blockSize * items)
  let select: SelectTopK | null = null
  let selectDepth = 0
  return {
    blockSize,
    async retrieve({ users, depth, lists, scores: values, seen, question }) {
      if (select === null || selectDepth !== depth) {
        select = createTopK(depth, block)
        selectDepth = depth
      }
      const scores = block.scores.subarray(0, users.length * items)
      await scorer.score(users, scores)
      for (let row = 0; row < users.length; row++) {
        const user = users[row]!
        if (seen !== null) for (const item of seen(user)) scores[row * items + item] = -Infinity
        const selected = select(scores, row * items, items, lists, row * depth, values)
        if (selected < 0) throw new NaNScore(user, -1 - selected)
        if (question !== undefined) rankAll(block, row * items, items, question, row)
      }
    },
  }
}

const ANN_BLOCK = 256

/** Retrieves from an index for users by their vectors [users × interests·dim]. */
export function annBlocks(index: AnnIndex, userVectors: Float32Array, interests = 1): BlockRetriever {
  const width = index.dim * interests
  return {
    blockSize: ANN_BLOCK,
    retrieve(request) {
      const { users, depth, lists, seen } = request
      lists.fill(-1)
      for (const [row, user] of users.entries()) {
        const query = userVectors.subarray(user * width, (user + 1) * width)
        lists.set(searchIndex(index, query, depth, new Set(seen?.(user))).keys.subarray(0, depth), row * depth)
        rankFound(request, row, lists.subarray(row * depth, (row + 1) * depth))
      }
    },
  }
}

export interface RescoredOptions {
  /** [users × dim], [items × dim] */
  readonly userVectors: Float32Array
  readonly itemVectors: Float32Array
  readonly dim: number
  readonly matching: Matching
  readonly threads: number
}

/**
 * Retrieves exactly by the metric that vectors are searched by and ranks the candidates by the match's own scores: beside the function
 * itself it shows what that shortcut costs. Dispose of it when done.
 */
export async function rescoredBlocks(options: RescoredOptions): Promise<BlockRetriever & { dispose(): Promise<void> }> {
  const { userVectors, itemVectors, dim, matching, threads } = options
  const items = itemVectors.length / dim
  const near = await createExact(itemVectors, dim, metricOf(matching), { threads })
  const matcher = await createMatcher(itemVectors, dim, matching, { threads })
  const blockSize = blockRows(items)
  const scores = new Float32Array(blockSize * items)
  return {
    blockSize,
    async retrieve(request) {
      const { users, depth, lists, seen } = request
      const queries = new Float32Array(users.length * dim)
      for (const [row, user] of users.entries()) queries.set(userVectors.subarray(user * dim, (user + 1) * dim), row * dim)
      const k = Math.max(depth, Math.min(RESCORED_CANDIDATES, items))
      const { keys } = await near.search(queries, { k, ...(seen === null ? {} : { excluded: (row: number) => seen(users[row]!) }) })
      await matcher.score(queries, users.length, scores)
      lists.fill(-1)
      for (let row = 0; row < users.length; row++) {
        const score = (item: number): number => scores[row * items + item]!
        const found = keys.subarray(row * k, (row + 1) * k).filter((key) => key >= 0)
        found.sort((a, b) => score(b) - score(a) || a - b)
        lists.set(found.subarray(0, depth), row * depth)
        rankFound(request, row, found)
      }
    },
    async dispose() {
      await Promise.all([near.dispose(), matcher.dispose()])
    },
  }
}

/** Ranks of a row's held-out items among those found. */
function rankFound({ question }: BlockRequest, row: number, found: Int32Array): void {
  if (question === undefined) return
  const { offsets, items, ranks } = question
  for (let i = offsets[row]!; i < offsets[row + 1]!; i++) ranks[i] = found.indexOf(items[i]!) + 1
}

/**
 * Ranks of a row's held-out items among all its scores, which are block.scores[from .. from + count): 1 + how many items come before.
 * One pass over the scores a held-out item.
 */
export function rankAll(block: ScoreBlock, from: number, count: number, { offsets, items, ranks }: RankQuestion, row: number): void {
  for (let i = offsets[row]!; i < offsets[row + 1]!; i++) {
    const at = from + items[i]!
    const score = block.scores[at]!
    ranks[i] = score === -Infinity ? 0 : 1 + block.atLeast(from, at, score) + block.above(at, from + count, score)
  }
}
