/**
 * Thousands of bent files, specs, messages and requests: each ends as an answer or an expected error, never as a bug, a crash, a hang or a
 * loss. Files are read in processes that may die without taking the run along; the two servers have harnesses of their own.
 */
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { tinySpec, opened, tinyFiles } from './tiny.ts'
import type { Part } from './part.ts'
import type { Sources } from './mutation-subjects.ts'
import { fuzzServing } from './serving-host.ts'
import { fuzzWebHost } from './web-host.ts'
import { inWorkers } from './workers.ts'

const WORKER = resolve(import.meta.dirname, 'mutations-worker.ts')
/** Of all inputs, what each server gets; the rest are files and specs. */
const SHARE_OF_EACH_SERVER = 0.3

export const mutations: Part = async (options) => {
  const { count, seed, folder, say, signal } = options
  const served = Math.round(count * SHARE_OF_EACH_SERVER)
  const failures: string[] = []
  const done = { files: 0, web: 0, serving: 0 }
  const sources = await makeSources(folder)
  done.files = await inWorkers(
    options,
    count - 2 * served,
    { worker: WORKER, folders: [sources.folder, folder], what: 'files and specs' },
    failures,
  )
  say(`${done.files} files and specs, ${failures.length} failures`)
  if (!signal.aborted && served > 0) {
    const { faults, inputs } = await fuzzWebHost({ seed, count: served })
    done.web = Object.values(inputs).reduce((sum, n) => sum + n, 0)
    failures.push(...faults.map((fault) => `web host, seed ${seed}: ${fault}`))
    say(`${done.web} inputs of the web host, ${failures.length} failures`)
  }
  if (!signal.aborted && served > 0) {
    const { failures: faults, inputs } = await fuzzServing({ seed, count: served })
    done.serving = inputs
    failures.push(...faults.map((fault) => `serving, seed ${seed}: ${fault}`))
  }
  const notes = [
    `${done.files} files and specs, ${done.web} messages and requests of the web host, ${done.serving} requests of a serving host`,
  ]
  return { done: `${done.files + done.web + done.serving} inputs`, failures, notes }
}

/** A workspace with something of everything, and its files beside each other. */
async function makeSources(folder: string): Promise<Sources> {
  const sources = join(folder, 'sources')
  const home = join(sources, 'home')
  mkdirSync(sources)
  const files = tinyFiles(sources)
  const { client, job, close } = opened(home)
  await job('datasets.import', { name: 'd', ...files })
  const train = async (seed: number): Promise<string> =>
    (await job('runs.start', { dataset: 'd', spec: tinySpec(2, seed), name: `run ${seed}`, threads: 1 })).run
  const [run, deleted] = [await train(1), await train(2)]
  await client.call('runs.delete', { run: deleted })
  await job('runs.export', { run, format: 'bundle', out: join(sources, 'bundle.zip') })
  await job('runs.export', { run, format: 'parquet', out: join(sources, 'parquet') })
  const { spec } = await client.call('runs.show', { run })
  await close()
  writeFileSync(join(sources, 'spec.json'), JSON.stringify(spec))
  const rows = Array.from({ length: 200 }, (_, i) =>
    JSON.stringify({ user: `u${i % 20}`, item: `i${(i * 7) % 30}`, time: 1_700_000_000 + i }),
  )
  writeFileSync(join(sources, 'events.jsonl'), `${rows.join('\n')}\n`)
  cpSync(join(home, 'datasets', 'd', 'items.parquet'), join(sources, 'events.parquet'))
  for (const name of ['item_vectors.npy', 'weights.safetensors', 'item.index', 'item.index.json', 'run.json'])
    cpSync(join(home, 'runs', run, name), join(sources, name))
  const [entry] = readdirSync(join(home, 'trash'))
  cpSync(join(home, 'trash', entry!, 'entry.json'), join(sources, 'entry.json'))
  cpSync(join(home, 'datasets', 'd', 'dataset.json'), join(sources, 'dataset.json'))
  for (const name of ['workspace.json', 'pylon.sqlite']) cpSync(join(home, name), join(sources, name))
  return { folder: sources, home }
}
