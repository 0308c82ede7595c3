/** A second stage asked for as a page does: figures of both stages, which stay with the run; and a run that cannot have one. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createClient, serveVerbs, startJob } from '../../main/contract/rpc.ts'
import { openEngine } from '../../main/engine/index.ts'
import { forkJob } from '../../main/hosts/child.ts'
import { memoryChannels } from '../../main/hosts/memory-channels.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { withWorkspace } from '../helpers/workspace.ts'

test('the figures of both stages stay with the run', () =>
  withWorkspace(async (home) => {
    const engine = openEngine({ home, fork: () => forkJob() })
    const [near, far] = memoryChannels()
    serveVerbs(far, engine)
    const client = createClient(near)
    const trained = async (set: string[]): Promise<string> => {
      const { started, finished } = await startJob(client, 'runs.start', { dataset: 'small', recipe: 'two-tower', set })
      await finished
      return started.run
    }
    try {
      await (
        await startJob(client, 'datasets.import', { name: 'small', ...writeSmallMarket(join(home, 'files')) })
      ).finished
      const run = await trained(['training.epochs=2'])
      expect(await client.call('runs.reranked', { run })).toBeNull()
      const found = await (await startJob(client, 'runs.rerank', { run, top: 20, epochs: 3 })).finished
      expect(found.top).toBe(20)
      // a new order of the same candidates
      expect(found.reranked['recall@20']).toBe(found.retrieved['recall@20'])
      expect(found.reranked['ndcg@10']).toBeGreaterThan(0)
      expect(await client.call('runs.reranked', { run })).toEqual(found)

      // one that was not refitted keeps its vectors of train too; what has no vectors is refused
      const once = await trained(['training.epochs=1', 'training.finalFit=false'])
      expect((await (await startJob(client, 'runs.rerank', { run: once, top: 20, epochs: 1 })).finished).protocol.fittedOn).toBe('train')
      const { started, finished } = await startJob(client, 'runs.start', { dataset: 'small', recipe: 'ease', set: [] })
      await finished
      await expect((await startJob(client, 'runs.rerank', { run: started.run })).finished).rejects.toThrow(/item-item weights/)
      expect(await client.call('runs.reranked', { run: started.run })).toBeNull()
    } finally {
      await engine.close()
    }
  }))
