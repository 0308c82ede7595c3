/** A backtest asked for as a page does: policies, their costs and the decay, of towers and of a model without; and what cannot be had. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startJob } from '../../main/contract/rpc.ts'
import type { BacktestSummary } from '../../main/contract/verbs/backtest.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { withEngine } from '../helpers/engine.ts'
import { pylon, withWorkspace } from '../helpers/workspace.ts'

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

test('a closed form stays one, and what goes on from a model does not begin anew from it', { timeout: 240_000 }, () =>
  withEngine(async ({ client, home }) => {
    await (
      await startJob(client, 'datasets.import', { name: 'small', ...writeSmallMarket(join(home, 'files')) })
    ).finished
    const ask = { dataset: 'small', folds: 3, metric: 'ndcg@20' }
    const found = async (recipe: string[], epochs: number, ...set: string[]) =>
      (
        await (
          await startJob(client, 'datasets.backtest', { ...ask, recipe, epochs, set: ['evaluation.seen=included', ...set] })
        ).finished
      ).recipes.map(({ policies }) => Object.fromEntries(policies.map(({ policy, values }) => [policy, values.map(({ value }) => value)])))
    // steps that move nothing: what a model reaches is what it started from
    const [closed, started] = await found(['spectral', 'bsl'], 1, 'training.tables.learningRate=1e-12')
    expect(Object.keys(closed!)).toEqual(['never', 'items', 'full'])
    expect(await found(['spectral'], 4)).toEqual([closed])
    const { warm, full } = started!
    expect(warm![0]).toBe(full![0])
    expect(Math.abs(warm![2]! - full![2]!)).toBeGreaterThan(0.01)
    // who sets the epochs of a recipe means them
    const [one, two] = [await found(['bsl'], 1), await found(['bsl'], 2)]
    expect(two).not.toEqual(one)
    expect(await found(['bsl'], 1, 'training.epochs=2')).toEqual(two)
  }),
)

test('a backtest whose processes were killed is listed, goes on to the same, and comes back from the trash', { timeout: 240_000 }, () =>
  withWorkspace(async (folder) => {
    const home = join(folder, 'home')
    const { interactions } = writeSmallMarket(join(folder, 'files'))
    await pylon(['import', '--name', 'small', '--interactions', interactions], { home })
    const set = ['--set', 'evaluation.seen=included', '--folds', '3', '--epochs', '1', '--metric', 'recall@20']
    const args = ['backtest', 'small', '--recipe', 'mf-softmax,most-popular', ...set, '--json']
    const whole = await pylon(args, { home })
    expect(whole.code).toBe(0)
    const listed = async (): Promise<BacktestSummary[]> =>
      (await pylon(['backtests', '--json'], { home })).json!['backtests'] as BacktestSummary[]
    expect(await listed()).toMatchObject([{ state: 'finished', done: 6, total: 6, recipes: ['mf-softmax', 'most-popular'] }])

    // the second fold has begun: the first is kept
    let isKilled = false
    await pylon(args, {
      home,
      onStderr: (text, child) => {
        if (!isKilled && text.includes('fold 2 of 3')) isKilled = child.kill('SIGKILL')
      },
    })
    const [stopped] = await listed()
    expect(stopped).toMatchObject({ state: 'interrupted', total: 6 })
    expect(stopped!.done).toBeGreaterThan(0)
    const shown = await pylon(['backtests', 'show', stopped!.backtest], { home })
    expect(shown.stdout).toContain(`pylon backtests resume ${stopped!.backtest}`)
    const resumed = await pylon(['backtests', 'resume', stopped!.backtest, '--json'], { home })
    expect(resumed.stderr).toContain('fold 1 of 3: found before')
    const untimed = (found: Record<string, unknown> | null): unknown =>
      JSON.parse(JSON.stringify(found), (key, value: unknown) => (key === 'seconds' ? 0 : value))
    expect(untimed(resumed.json)).toEqual(untimed(whole.json))
    // what it was found by is gone, what was found stays
    expect(readdirSync(join(home, 'backtests', stopped!.backtest))).toEqual(['backtest.json'])
    const again = await pylon(['backtests', 'resume', stopped!.backtest], { home })
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('is finished') as string])

    await pylon(['backtests', 'delete', stopped!.backtest], { home })
    expect((await listed()).length).toBe(1)
    await pylon(['trash', 'restore', stopped!.backtest], { home })
    expect((await pylon(['backtests', 'show', stopped!.backtest, '--json'], { home })).json!['result']).toEqual(resumed.json)
  }),
)
