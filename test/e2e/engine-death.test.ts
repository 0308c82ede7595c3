/** The engine killed in the middle of training: pages are told, another engine comes, and the run is interrupted and can be resumed. */
import { expect, test } from 'vitest'
import { createClient, startJob, type Client } from '../../main/contract/rpc.ts'
import type { EngineFact } from '../../main/contract/host.ts'
import type { VerbInput } from '../../main/contract/verbs.ts'
import { forkEngine } from '../../main/hosts/fork-engine.ts'
import type { EngineProcess } from '../../main/hosts/engine-supervisor.ts'
import { openSocket } from '../helpers/socket-channel.ts'
import { startHost } from './host.ts'

test('a killed engine', async () => {
  const engines: EngineProcess[] = []
  const log: string[] = []
  const { host, stop } = await startHost({
    fork: (options, print) => {
      const engine = forkEngine(options, print)
      engines.push(engine)
      return engine
    },
    log: (text) => log.push(text),
  })
  try {
    const facts: EngineFact[] = []
    const { socket, channel } = await openSocket(host, (fact) => facts.push(fact))
    let client: Client = createClient(channel)

    await (
      await startJob(client, 'datasets.import', { name: 'market', sample: true })
    ).finished
    const { run } = await goOn(client, { dataset: 'market', recipe: 'mf-softmax', seed: 1 })
    engines[0]!.kill()
    await expect.poll(() => facts.slice(-3).map(({ engine }) => engine), { timeout: 15_000 }).toEqual(['ready', 'lost', 'ready'])
    expect(facts.at(-2)?.reason).toBe('The engine ended (SIGKILL) and is being started again.')
    expect(log).toEqual(['The engine ended: SIGKILL. It is being started again.'])
    expect(engines).toHaveLength(2)

    client = createClient((await openSocket(host)).channel)
    expect((await client.call('runs.show', { run })).state).toBe('interrupted')
    const { job, finished } = await goOn(client, { resume: run })
    await client.call('jobs.cancel', { job })
    await expect(finished).rejects.toMatchObject({ code: 'cancelled' })
    socket.close()
    client.close()
  } finally {
    await stop()
  }
})

/** Starts or resumes a run and waits for an epoch of it. */
async function goOn(client: Client, input: VerbInput<'runs.start'>): Promise<{ run: string; job: string; finished: Promise<unknown> }> {
  const epoch = new Promise<void>((resolve) => client.on('run.epoch', () => resolve()))
  const { job, started, finished } = await startJob(client, 'runs.start', input)
  await epoch
  return { job, run: started.run, finished }
}
