/** What the bundles of the desktop program export: the code of `main/engine/export/assets` has to lie beside them. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createClient, serveVerbs, startJob } from '../../main/contract/rpc.ts'
import { openEngine } from '../../main/engine/index.ts'
import { forkJob } from '../../main/hosts/child.ts'
import { memoryChannels } from '../../main/hosts/memory-channels.ts'
import { ROOT } from '../../main/start/build.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'

/** Trains and exports as PyTorch and Keras code with the built job process. @returns the names of the Python files of each */
export async function exportByBundle(folder: string): Promise<Record<'pytorch' | 'keras', string[]>> {
  const { interactions } = writeSmallMarket(folder)
  const built = pathToFileURL(join(ROOT, 'out', 'main', 'job.js'))
  const engine = openEngine({ home: join(folder, 'home'), fork: () => forkJob(built), forkServer: () => forkJob(built) })
  const [near, far] = memoryChannels()
  serveVerbs(far, engine)
  const client = createClient(near)
  const set = ['training.epochs=1', 'training.batchSize=64', 'training.finalFit=false']
  try {
    await (
      await startJob(client, 'datasets.import', { name: 'd', interactions })
    ).finished
    const { started, finished } = await startJob(client, 'runs.start', { dataset: 'd', recipe: 'mf-softmax', set })
    await finished
    const names = async (format: 'pytorch' | 'keras'): Promise<string[]> => {
      const out = join(folder, format)
      await (
        await startJob(client, 'runs.export', { run: started.run, format, out })
      ).finished
      return (await readdir(out, { recursive: true })).filter((name) => name.endsWith('.py')).sort()
    }
    return { pytorch: await names('pytorch'), keras: await names('keras') }
  } finally {
    client.close()
    await engine.close()
  }
}

/** The Python files that a project of a framework is made of. */
export async function sourcesOf(framework: 'pytorch' | 'keras'): Promise<string[]> {
  const assets = join(ROOT, 'main', 'engine', 'export', 'assets')
  const names = await Promise.all(['encoder', 'project', framework].map((part) => readdir(join(assets, part), { recursive: true })))
  return names
    .flat()
    .filter((name) => name.endsWith('.py'))
    .sort()
}
