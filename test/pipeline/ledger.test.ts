/** The ledger of a run whose market hangs on columns that were planted: what is useful, useless and redundant is told apart. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startJob } from '../../main/contract/rpc.ts'
import type { Drop, LedgerResult } from '../../main/contract/verbs/ledger.ts'
import { writePlantedMarket } from '../helpers/planted-columns.ts'
import { withEngine } from '../helpers/engine.ts'

const category = (column: string) => ({ kind: 'category', name: column, column, dim: 8 })
const SPEC = {
  user: { features: [{ kind: 'id', dim: 16 }] },
  item: { features: ['taste', 'genre', 'copy', 'noise'].map(category) },
  training: { epochs: 10, batchSize: 256, earlyStopping: null },
  evaluation: { seen: 'included' },
}

test('planted columns are ranked by permutation and by training anew', { timeout: 300_000 }, () =>
  withEngine(async ({ client, home }) => {
    await (
      await startJob(client, 'datasets.import', { name: 'planted', ...writePlantedMarket(join(home, 'files')) })
    ).finished
    const { started, finished } = await startJob(client, 'runs.start', { dataset: 'planted', spec: SPEC, set: [] })
    await finished
    const { run } = started
    expect(await client.call('runs.ledgered', { run })).toBeNull()
    const ledger = async (): Promise<LedgerResult> => (await startJob(client, 'runs.ledger', { run })).finished
    const first = await ledger()
    expect(await client.call('runs.ledgered', { run })).toEqual(first)
    expect(first.protocol).toMatchObject({ part: 'validation', fittedOn: 'train' })
    expect(first.ablation).toBeNull()
    const all = (drops: readonly Drop[]): Drop => drops.find(({ slice }) => slice === 'all')!
    const permuted = (column: string): Drop => all(first.rows.find((row) => row.column === column)!.permuted)
    expect(first.rows.slice(0, 2).map(({ column }) => column)).toEqual(expect.arrayContaining(['id', 'taste']))
    expect(first.rows.at(-1)!.column).toBe('noise')
    for (const column of ['taste', 'genre', 'copy']) expect(permuted(column).low).toBeGreaterThan(0)
    expect(permuted('taste').drop).toBeGreaterThan(permuted('genre').drop)
    // 4 bytes of each of 8 numbers of 6 values and the unknown one, and beside them what items are encoded by
    expect(first.rows.find(({ column }) => column === 'taste')!.bytes).toBe(4 * (7 * 8 + 2 * 150))

    await expect(client.call('runs.ablate', { run, columns: ['item.tast'] })).rejects.toThrow(/item\.taste/)
    await (
      await startJob(client, 'runs.ablate', { run, columns: ['item.taste', 'item.genre', 'item.noise'], seeds: 3 })
    ).finished
    const second = await ledger()
    expect(second.ablation).toMatchObject({ state: 'finished', trials: 21, ofTrials: 21 })
    const row = (column: string) => second.rows.find((each) => each.column === column)!
    expect(row('copy').without).toBeNull()
    for (const how of ['without', 'shuffled'] as const) {
      expect(row('taste')[how]!.seeds).toEqual([1, 2, 3])
      const [taste, genre, noise] = ['taste', 'genre', 'noise'].map((column) => all(row(column)[how]!.drops))
      // nothing else says what the taste does; the copy says what the genre does
      expect(taste!.low).toBeGreaterThan(0)
      for (const other of [genre!, noise!]) expect(other.drop).toBeLessThan(taste!.drop / 2)
    }
    // what has nothing left to read is no trial, and a baseline reads nothing
    await expect(client.call('runs.ablate', { run, columns: ['user.id'] })).rejects.toThrow(/has to read something/)
    const popular = await startJob(client, 'runs.start', { dataset: 'planted', recipe: 'most-popular', set: [] })
    await popular.finished
    await expect((await startJob(client, 'runs.ledger', { run: popular.started.run })).finished).rejects.toThrow(/reads no columns/)
  }),
)
