/**
 * Gowalla in LightGCN's split, in memory: one line a user in order. Every tenth training interaction of a user is the validation part,
 * which changes nothing for what is fitted on train and validation.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PART_CODE } from '../../main/contract/shapes/dataset.ts'
import { market, type Market } from '../unit/evaluation/market.ts'

export function readGowalla(folder: string): Market {
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
