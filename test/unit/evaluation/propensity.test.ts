/** Recall by inverse propensities: against a simulation whose truth is known, and where it must be plain recall. */
import { expect, test } from 'vitest'
import { inversePropensities, PropensityRecall } from '../../../main/engine/evaluation/propensity.ts'
import { evaluateAll } from '../../../main/engine/evaluation/evaluate.ts'
import { random } from '../../../main/engine/training/random.ts'
import { protocolOf } from '../../helpers/protocol.ts'
import { marketOf } from './market.ts'

test('what people would find of all that they like is told from what they were shown', () => {
  const draws = random(5, 'init')
  // ten popular items are met with chance .9, ten rare ones with .15; everybody likes all twenty
  const counts = Int32Array.from({ length: 20 }, (_, item) => Math.round(10_000 * (item < 10 ? 0.9 : 0.15) ** 2))
  counts[0] = 10_000
  const chance = Array.from(counts, (count) => Math.sqrt(count / 10_000))
  const unbiased = new PropensityRecall([4, 12], inversePropensities(counts))
  let [plain, users] = [0, 0]
  for (let user = 0; user < 6000; user++) {
    // four popular items, then eight others of which six are rare
    const list = Int32Array.of(1, 2, 3, 4, 10, 11, 12, 13, 14, 15, 5, 6)
    const met = Int32Array.from([...chance.keys()].filter((item) => draws.uniform() < chance[item]!))
    if (met.length === 0) continue
    unbiased.add(met, list, 0, 12)
    plain += met.filter((item) => list.subarray(0, 4).includes(item)).length / met.length
    users++
  }
  // of twenty items that are liked the first four and all twelve are found
  expect(unbiased.values()['ips@4']).toBeCloseTo(0.2, 1.9)
  expect(unbiased.values()['ips@12']).toBeCloseTo(0.6, 1.6)
  expect(plain / users).toBeGreaterThan(0.3)
})

test('with items met alike often it is recall; with one held-out item a user it is not', async () => {
  const lists: Record<number, number[]> = { 0: [0, 0, 0.9, 0.1], 1: [0, 0, 0.8, 0.2] }
  const scorer = {
    score: (asked: Int32Array, out: Float32Array): void => asked.forEach((user, row) => out.set(lists[user]!, row * 4)),
  }
  const rows = (more: number) =>
    marketOf(3, 4, [
      [0, 0, 'train'],
      [0, 2, 'test'],
      [1, 0, 'train'],
      [1, 3, 'test'],
      ...Array.from({ length: more }, () => [2, 2, 'train'] as const),
    ])
  const measure = async (more: number): Promise<Readonly<Record<string, number>>> => {
    const market = rows(more)
    return (await evaluateAll({ dataset: market, protocol: protocolOf(market), k: [1], scorer, diversity: true })).metrics
  }
  const alike = await measure(0)
  expect([alike['recall@1'], alike['ips@1']]).toEqual([0.5, 0.5])
  // item 2 was met four times: its hit is worth half of item 3, which was not found
  const uneven = await measure(4)
  expect(uneven['ips@1']).toBeCloseTo(1 / 3, 10)
})
