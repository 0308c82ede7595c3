/** A backtest asked for as a page does: policies, their costs and the decay, of towers and of a model without; and what cannot be had. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startJob } from '../../main/contract/rpc.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { withEngine } from '../helpers/engine.ts'

test('each way of retraining is measured in the same periods', { timeout: 240_000 }, () =>
  withEngine(async ({ client, home }) => {
    await (
      await startJob(client, 'datasets.import', { name: 'small', ...writeSmallMarket(join(home, 'files')) })
    ).finished
    const ask = { dataset: 'small', folds: 3, epochs: 2, set: ['evaluation.seen=included'], metric: 'recall@20' }
    const found = await (await startJob(client, 'datasets.backtest', { ...ask, recipe: ['mf-softmax', 'most-popular'] })).finished
    expect(found.folds).toHaveLength(3)
    for (const [f, { cut, end, trained, held }] of found.folds.entries()) {
      expect(cut).toBe(f === 0 ? cut : found.folds[f - 1]!.end)
      expect(end).toBeGreaterThan(cut)
      expect(trained).toBeGreaterThan(f === 0 ? 700 : found.folds[f - 1]!.trained)
      expect(held).toBeGreaterThan(0)
    }
    expect(found.folds[2]!.trained + found.folds[2]!.held).toBe(1600)
    const [towers, popular] = found.recipes
    expect(towers!.policies.map(({ policy }) => policy)).toEqual(['never', 'items', 'warm', 'full'])
    expect(popular!.policies.map(({ policy }) => policy)).toEqual(['never', 'full'])
    const first = towers!.policies.map(({ values }) => values[0]!.value)
    // in the first period all have had one training
    expect(new Set(first.slice(1)).size).toBe(1)
    const [never, , warm, full] = towers!.policies
    expect(full!.seconds).toBeGreaterThan(never!.seconds)
    expect(warm!.values.at(-1)!.value).not.toBe(never!.values.at(-1)!.value)
    for (const { values, mean } of towers!.policies) {
      for (const [f, { users, low, high, value }] of values.entries()) {
        expect(users).toBe(never!.values[f]!.users)
        expect(low).toBeLessThanOrEqual(value)
        expect(high).toBeGreaterThanOrEqual(value)
      }
      expect(mean).toBeGreaterThan(0.1)
    }
    expect(towers!.decay.map(({ age, pairs }) => [age, pairs])).toEqual([
      [0, 3],
      [1, 2],
      [2, 1],
    ])
    expect(towers!.decay[0]!.share).toBe(1)
    expect(popular!.policies[0]!.gain).toEqual({ mean: 0, low: 0, high: 0 })
    await expect(client.call('datasets.backtest', { ...ask, recipe: ['mf-softmaxx'] })).rejects.toThrow(/mf-softmax/)
  }),
)
