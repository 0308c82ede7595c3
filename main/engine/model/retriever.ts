/**
 * From users to ranked lists. A Scorer scores every item and the exact retriever masks and ranks; any other way to retrieve (an ANN
 * index) is one more Retriever, so that it is measured by the same code. Scores are held for one block of users at a time.
 */
import { blockRows, createTopK, type SelectTopK } from '../ann/topk.ts'
import type { Scorer } from './scoring.ts'

/** The items of a user's interactions, repeated where they came back to one; a view that the next call overwrites. */
export type SeenItems = (user: number) => Int32Array

/** The held-out items of a block whose ranks are asked for: row r's are items[offsets[r] .. offsets[r + 1]); `ranks` is filled alongside. */
export interface RankQuestion {
  readonly offsets: Int32Array
  readonly items: Int32Array
  /** rank from 1 among the candidates; 0: not retrieved */
  readonly ranks: Int32Array
}

interface RetrieveRequest {
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

/** Ranks all unmasked items by a scorer; ties by item order. Holds one block of scores. */
export function exactRetriever(scorer: Scorer, items: number): Retriever {
  const blockSize = blockRows(items)
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

/** Ranks of a row's held-out items among all its scores: 1 + how many items come before. One pass over the scores. */
export function rankAll(scores: Float32Array, { offsets, items, ranks }: RankQuestion, row: number): void {
  const from = offsets[row]!
  const held = offsets[row + 1]! - from
  const order = Int32Array.from({ length: held }, (_, i) => from + i)
  order.sort((a, b) => descending(scores[items[a]!]!, scores[items[b]!]!) || items[a]! - items[b]!)
  const keys = order.map((at) => items[at]!)
  const cuts = Float32Array.from(keys, (item) => scores[item]!)
  // before[j]: items that come before held-out item j but not before j - 1
  const before = new Int32Array(held + 1)
  const worst = cuts[held - 1]!
  for (let item = 0; item < scores.length; item++) {
    const score = scores[item]!
    if (score < worst) continue
    let j = 0
    let end = held - 1
    while (j < end) {
      const middle = (j + end) >> 1
      if (cuts[middle]! <= score) end = middle
      else j = middle + 1
    }
    while (j < held && cuts[j] === score && keys[j]! <= item) j++
    before[j]!++
  }
  let rank = 1
  for (let j = 0; j < held; j++) {
    rank += before[j]!
    ranks[order[j]!] = cuts[j] === -Infinity ? 0 : rank
  }
}

/** also for infinities, whose difference is NaN */
const descending = (a: number, b: number): number => (a > b ? -1 : a < b ? 1 : 0)
