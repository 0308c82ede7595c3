/**
 * The small things that the chaos run works on: a dataset of some kilobytes, a model that trains in a second, an engine
 * in this process.
 */
import { join } from 'node:path'
import { createClient, serveVerbs, startJob, type Client } from '../../main/contract/rpc.ts'
import type { JobResult, JobVerb, VerbInput } from '../../main/contract/verbs.ts'
import { openEngine, type Engine } from '../../main/engine/index.ts'
import { entryBeside } from '../../main/hosts/entry-beside.ts'
import { forkJob } from '../../main/hosts/child.ts'
import { memoryChannels } from '../../main/hosts/memory-channels.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'

export interface Opened {
  readonly engine: Engine
  readonly client: Client
  /** runs a job to its end */
  readonly job: <V extends JobVerb>(verb: V, input: VerbInput<V>) => Promise<JobResult<V>>
  readonly close: () => Promise<void>
}

/** Opens the workspace in this process, with real job processes. @throws PylonError where it cannot be used */
export function opened(home: string): Opened {
  const entry = entryBeside('../../main/hosts/serve', import.meta.url)
  const engine = openEngine({ home, fork: () => forkJob(), forkServer: () => forkJob(entry) })
  const [near, far] = memoryChannels()
  serveVerbs(far, engine)
  const client = createClient(near)
  return {
    engine,
    client,
    job: async (verb, input) => (await startJob(client, verb, input)).finished,
    close: async () => {
      client.close()
      await engine.close()
    },
  }
}

/** The files of the dataset, written into `folder`. */
export function tinyFiles(folder: string): { interactions: string; items: string } {
  return writeSmallMarket(join(folder, 'source'))
}

/** A two-tower model over ids alone that trains `epochs` epochs, each with a checkpoint. */
export function tinySpec(epochs: number, seed: number) {
  const side = { features: [{ kind: 'id', dim: 8 }], hidden: [16], output: 8 }
  return { user: side, item: side, training: { batchSize: 64, epochs, seed } }
}
