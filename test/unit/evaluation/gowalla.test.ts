import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PART_CODE } from '../../../main/contract/shapes/dataset.ts'
import { mostPopularScorer } from '../../../main/engine/evaluation/baselines.ts'
import { evaluateAll } from '../../../main/engine/evaluation/evaluate.ts'
import { makeProtocol } from '../../../main/engine/evaluation/protocol.ts'
import { dataFolder } from '../../helpers/data.ts'
import { market, type Market } from './market.ts'

const folder = dataFolder('gowalla')

/** LightGCN's files, one line a user in order; every tenth training interaction of a user goes to the validation part. */
function read(folder: string): Market {
  const [train, test] = ['train.txt', 'test.txt'].map((file) => {
    const lines = readFileSync(join(folder, file), 'utf8').trimEnd().split('\n')
    return lines.map((line) => line.trim().split(' ').slice(1).map(Number))
  }) as [number[][], number[][]]
  const columns = { users: train.length, items: 40_981, user: [] as number[], item: [] as number[], part: [] as number[] }
  const push = (user: number, items: readonly number[], part: number): void => {
    for (const item of items) {
      columns.user.push(user)
      columns.item.push(item)
      columns.part.push(part)
    }
  }
  for (const [user, items] of train.entries()) {
    push(
      user,
      items.filter((_, i) => i % 10 !== 9),
      PART_CODE.train,
    )
    push(
      user,
      items.filter((_, i) => i % 10 === 9),
      PART_CODE.validation,
    )
    push(user, test[user]!, PART_CODE.test)
  }
  return market(columns)
}

/** Published with the data: 0.04163 and 0.03169, ties by the smaller item id. */
test.skipIf(folder === null)(
  `most popular on Gowalla, also with a validation part cut${folder === null ? ' (skipped: no gowalla folder in the data)' : ''}`,
  async () => {
    const dataset = read(folder!)
    const protocol = makeProtocol({ manifest: dataset.manifest, part: 'test', seen: 'masked', events: [], search: 'exact' })
    const { metrics, users } = await evaluateAll({ dataset, protocol, k: [20], scorer: mostPopularScorer({ dataset, part: 'test' }) })
    expect([users, metrics['recall@20']!.toFixed(5), metrics['ndcg@20']!.toFixed(5)]).toEqual([29_858, '0.04163', '0.03169'])
  },
  60_000,
)
