/**
 * Runs that are deleted while their ranks are computed, at several moments: no job fails over it, nothing is left in their place, and each
 * comes back whole.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startJob } from '../../main/contract/rpc.ts'
import { withEngine } from '../helpers/engine.ts'
import { importKinds } from '../helpers/four-kinds.ts'

const MOMENTS_MS = [0, 100, 200, 300, 400, 500, 700]

test('a run deleted at work comes back', { timeout: 300_000 }, () =>
  withEngine(async ({ client, home }) => {
    await importKinds(client, join(home, 'files'))
    const made = async (name: string): Promise<string> =>
      (await (await startJob(client, 'runs.start', { dataset: 'small', spec: { model: 'most-popular' }, name })).finished).run
    const stays = await made('stays')
    for (const [i, moment] of MOMENTS_MS.entries()) {
      const run = await made(`at ${moment}`)
      const ranking = await startJob(client, 'runs.rank', { runs: [stays, run] })
      const ended = ranking.finished.then(
        () => 'done',
        (error: unknown) => (error as { code: string }).code,
      )
      await sleep(moment)
      if (i % 2 === 0) await client.call('runs.delete', { run })
      else expect((await client.call('runs.remove', { runs: [run] })).kept).toEqual([])
      expect(['done', 'cancelled']).toContain(await ended)
      expect(existsSync(join(home, 'runs', run))).toBe(false)
      expect((await client.call('jobs.list', {})).jobs).toEqual([])
      await client.call('trash.restore', { entry: run })
      expect((await client.call('runs.show', { run })).state).toBe('finished')
    }
  }),
)
