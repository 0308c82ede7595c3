/**
 * The evaluator's proof: on the published split most popular is what NumPy counts there (test/golden/gowalla_most_popular.py), and a dataset
 * that is no published split has nothing to be held to. EASE takes minutes: `pylon prove gowalla`.
 */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startJob } from '../../main/contract/rpc.ts'
import { dataFolder } from '../helpers/data.ts'
import { withEngine } from '../helpers/engine.ts'
import { needing } from '../helpers/needs.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'

test('another dataset is refused, with what can be imported', () =>
  withEngine(async ({ client, home }) => {
    await (
      await startJob(client, 'datasets.import', { name: 'small', ...writeSmallMarket(join(home, 'files')) })
    ).finished
    await expect(client.call('datasets.prove', { dataset: 'small' })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('Gowalla, split of NGCF and LightGCN') as string,
    })
    expect(await client.call('datasets.published', { dataset: 'small' })).toEqual({ split: null })
  }))

needing('data:gowalla').test(
  'most popular on the split as it is imported, a validation part cut from it',
  () =>
    withEngine(async ({ client }) => {
      await (
        await startJob(client, 'datasets.import', { name: 'gowalla', path: dataFolder('gowalla')! })
      ).finished
      expect((await client.call('datasets.published', { dataset: 'gowalla' })).split?.results.length).toBeGreaterThan(10)
      const { finished } = await startJob(client, 'datasets.prove', { dataset: 'gowalla', models: ['most-popular'] })
      const { isProved, checks, protocol } = await finished
      expect(protocol).toMatchObject({ part: 'test', seen: 'masked', fittedOn: 'train+validation' })
      expect(checks.map(({ model, figures }) => [model, figures.map(({ found }) => found.toFixed(5))])).toEqual([
        ['most-popular', ['0.04163', '0.03169']],
      ])
      expect(isProved).toBe(true)
      // little memory is refused before anything is inverted
      const ease = await startJob(client, 'datasets.prove', { dataset: 'gowalla', models: ['ease'], memoryGb: 1 })
      await expect(ease.finished).rejects.toMatchObject({ code: 'bad-input', message: expect.stringContaining('3.6 GB') as string })
    }),
  120_000,
)
