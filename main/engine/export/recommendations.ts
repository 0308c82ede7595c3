/**
 * What a run retrieves for every user, as one Parquet file: a row an item, users in their order, the best first. Memory is one block of scores
 * and what DuckDB holds before it spills.
 */
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Progress } from '../../contract/shapes/progress.ts'
import type { RecommendationsResult } from '../../contract/verbs/recommendations.ts'
import { Duck, sqlText } from '../dataset/duck.ts'
import { beforeTest } from '../dataset/interactions.ts'
import { temporaryPathFor } from '../files/atomic.ts'
import { sizeOf } from '../files/size.ts'
import { exactBlocks } from '../model/blocks.ts'
import { fittedScorer } from '../model/scoring.ts'
import type { OpenModel } from '../serving/open-model.ts'

/** Rows that DuckDB takes at once. */
const PAGE = 2048

export interface RecommendationsOptions {
  readonly k: number
  /** also items that a user has met before the test part */
  readonly includeSeen: boolean
  /** the file; what was there is replaced */
  readonly out: string
  readonly threads: number
  /** for what does not fit into memory */
  readonly temp: string
}

/** @throws NaNScore where the model has diverged */
export async function* writeRecommendations(
  model: OpenModel,
  { k, includeSeen, out, threads, temp }: RecommendationsOptions,
): AsyncGenerator<Progress, Omit<RecommendationsResult, 'run'>> {
  const { dataset } = model
  const { users: total, items } = dataset.manifest
  const [userIds, itemIds] = [await dataset.ids('user'), await dataset.ids('item')]
  const depth = Math.min(k, items)
  const before = beforeTest(dataset.interactions)
  const seen = includeSeen ? null : (user: number) => before.itemsOf(user)
  const duck = await Duck.open({ threads, memoryLimit: '512MB', spillIn: temp })
  const part = temporaryPathFor(out)
  let rows = 0
  try {
    await mkdir(dirname(out), { recursive: true })
    await duck.run('CREATE TABLE found (user VARCHAR, rank VARCHAR, item VARCHAR, score VARCHAR)')
    const into = await duck.appender('found', 4)
    let page: [string[], string[], string[], string[]] = [[], [], [], []]
    const flush = (): void => {
      if (page[0].length > 0) into.append(page)
      page = [[], [], [], []]
    }
    const scorer = await fittedScorer(model.fitted, dataset, threads)
    try {
      const retriever = exactBlocks(scorer, items)
      const lists = new Int32Array(retriever.blockSize * depth)
      const scores = new Float32Array(lists.length)
      for (let from = 0; from < total; from += retriever.blockSize) {
        yield { stage: 'recommend', done: from, total, unit: 'users' }
        const users = Int32Array.from({ length: Math.min(retriever.blockSize, total - from) }, (_, i) => from + i)
        await retriever.retrieve({ users, depth, lists, scores, seen })
        for (const [row, user] of users.entries()) {
          for (let i = row * depth; i < (row + 1) * depth && lists[i]! >= 0; i++) {
            for (const [c, cell] of [userIds[user]!, String(i - row * depth + 1), itemIds[lists[i]!]!, String(scores[i]!)].entries())
              page[c]!.push(cell)
            rows++
            if (page[0].length === PAGE) flush()
          }
        }
      }
    } finally {
      await scorer.dispose?.()
      flush()
      into.close()
    }
    const columns = 'user, CAST(rank AS INTEGER) AS rank, item, CAST(score AS FLOAT) AS score'
    yield* duck.work('write', `COPY (SELECT ${columns} FROM found) TO ${sqlText(part)} (FORMAT parquet, COMPRESSION zstd)`)
    await rename(part, out)
  } finally {
    await duck.close()
    await rm(part, { force: true })
  }
  return { out, users: total, rows, k: depth, bytes: sizeOf(out) }
}
