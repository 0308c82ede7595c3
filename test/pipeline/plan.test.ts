/** What an index will cost, and searches under filters, asked of a run: what is exact is exact, and no filter finds what it does not let through. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startJob } from '../../main/contract/rpc.ts'
import { showResult } from '../../main/cli/views.ts'
import { withEngine } from '../helpers/engine.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { writeTaste } from '../helpers/taste.ts'

test('of a run', () =>
  withEngine(async ({ client, home }) => {
    const trained = async (dataset: string): Promise<string> => {
      const set = ['training.epochs=1', 'training.finalFit=false', 'evaluation.k=[20]']
      const { started, finished } = await startJob(client, 'runs.start', { dataset, recipe: 'mf-softmax', threads: 1, set })
      await finished
      return started.run
    }
    await (
      await startJob(client, 'datasets.import', {
        name: 'd',
        interactions: writeTaste(join(home, 'files'), { users: 300, items: 900, events: 12 }),
      })
    ).finished
    const run = await trained('d')
    const plan = await (await startJob(client, 'index.plan', { run, items: [5000, 1000], shares: [0.1, 1], queries: 40, k: 10 })).finished
    const { manifest } = await client.call('datasets.profile', { dataset: 'd' })
    expect(plan.measured.map(({ items }) => items)).toEqual([8, 4, 2, 1].map((part) => Math.floor(manifest.items / part)))
    expect(plan.asked.map(({ items }) => items)).toEqual([1000, 5000])
    expect(Math.abs(plan.check.bytes.predicted / plan.check.bytes.measured - 1)).toBeLessThan(0.05)
    expect(plan.check.bytes.measured).toBe(plan.measured[3]!.bytes)
    expect(plan.asked[1]!.bytes / plan.asked[0]!.bytes).toBeCloseTo(5, 0)
    expect(plan.filters.map(({ share }) => share)).toEqual([1, 0.1])
    for (const { items, share, scan, served } of plan.filters) {
      expect(items).toBe(Math.round(share * manifest.items))
      expect(scan.recall).toBe(1)
      // so few items are all compared
      expect(served.recall).toBe(1)
    }
    // ten nearest of all, of which a tenth fits
    expect(plan.filters[0]!.index.recall).toBeGreaterThan(0.9)
    expect(plan.filters[1]!.index.recall).toBeLessThan(0.4)
    expect(showResult('index.plan', plan)).toContain('Predicted of all items from its parts: memory')

    await (
      await startJob(client, 'datasets.import', { name: 'small', ...writeSmallMarket(join(home, 'small')) })
    ).finished
    await expect((await startJob(client, 'index.plan', { run: await trained('small') })).finished).rejects.toThrow(/400 or more/)
  }))
