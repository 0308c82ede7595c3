/**
 * From users to ranked lists. A Scorer scores every item and the exact retriever masks and ranks; any other way to retrieve (an ANN
 * index) is one more Retriever, so that it is measured by the same code. Scores are held for one block of users at a time.
 */
import { createTopK, type SelectTopK } from '../ann/topk.ts'
import type { SeenItems } from './held-out.ts'

/** What an evaluated model is: scores of all items for some users. Whoever made it disposes of it. */
export interface Scorer {
  /** `users` are dense indices; `out` is [users.length × items], row-major; higher is better, -Infinity is never retrieved */
  score(users: Int32Array, out: Float32Array): Promise<void> | void
  dispose?(): Promise<void> | void
}

/** The held-out items of a block whose ranks are asked for: row r's are items[offsets[r] .. offsets[r + 1]); `ranks` is filled alongside. */
export interface RankQuestion {
  readonly offsets: Int32Array
  readonly items: Int32Array
  /** rank from 1 among the candidates; 0: not retrieved */
  readonly ranks: Int32Array
}

export interface RetrieveRequest {
  readonly users: Int32Array
  readonly depth: number
  /** [users.length × depth], filled with items by rank, -1 past the end */
  readonly lists: Int32Array
  readonly seen: SeenItems | null
  readonly question?: RankQuestion
}

export interface Retriever {
  /** the largest block that keeps memory bounded */
  readonly blockSize: number
  /** @throws NaNScore */
  retrieve(request: RetrieveRequest): Promise<void> | void
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

const BLOCK_BYTES = 64 * 1024 * 1024
const BLOCK_USERS = 256

/** Ranks all unmasked items by a scorer; ties by item order. Holds at most 64 MB of scores (one user's where items are more). */
export function exactRetriever(scorer: Scorer, items: number): Retriever {
  const blockSize = Math.max(1, Math.min(BLOCK_USERS, Math.floor(BLOCK_BYTES / 4 / Math.max(1, items))))
  const buffer = new Float32Array(blockSize * items)
  let select: SelectTopK | null = null
  let selectDepth = 0
  return {
    blockSize,
    async retrieve({ users, depth, lists, seen, question }) {
      if (select === null || selectDepth !== depth) {
        select = createTopK(depth)
        selectDepth = depth
      }
      const scores = buffer.subarray(0, users.length * items)
      await scorer.score(users, scores)
      for (let row = 0; row < users.length; row++) {
        const user = users[row]!
        if (seen !== null) for (const item of seen(user)) scores[row * items + item] = -Infinity
        const selected = select(scores, row * items, items, lists, row * depth)
        if (selected < 0) throw new NaNScore(user, -1 - selected)
        if (question !== undefined) rankAll(scores.subarray(row * items, (row + 1) * items), question, row)
      }
    },
  }
}

/** Ranks of a row's held-out items among all its finite scores: 1 + how many items come before. One pass over the scores. */
function rankAll(scores: Float32Array, { offsets, items, ranks }: RankQuestion, row: number): void {
  const from = offsets[row]!
  const to = offsets[row + 1]!
  // held-out items, best first; an item that precedes the j-th but not the (j-1)-th precedes exactly those from j on
  const order = Int32Array.from({ length: to - from }, (_, i) => from + i).sort((a, b) =>
    precedes(scores, items[a]!, items[b]!) ? -1 : 1,
  )
  const before = new Int32Array(order.length + 1)
  const last = order.length === 0 ? -1 : items[order.at(-1)!]!
  for (let item = 0; item < scores.length; item++) {
    if (last < 0 || !precedes(scores, item, last)) continue
    let low = 0
    let high = order.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (precedes(scores, item, items[order[middle]!]!)) high = middle
      else low = middle + 1
    }
    before[low]!++
  }
  let rank = 1
  for (const [j, at] of order.entries()) {
    rank += before[j]!
    ranks[at] = scores[items[at]!] === -Infinity ? 0 : rank
  }
}

const precedes = (scores: Float32Array, a: number, b: number): boolean => scores[a]! > scores[b]! || (scores[a] === scores[b] && a < b)
