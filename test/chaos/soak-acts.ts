/** What the soak does, each act a few seconds at most; what it needs it finds in the workspace, which stays small. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '../../main/contract/rpc.ts'
import type { RunSummary } from '../../main/contract/shapes/run.ts'
import type { Chance } from './part.ts'
import { tinySpec, type Opened } from './tiny.ts'

export interface Soaked extends Pick<Opened, 'job'> {
  readonly client: Client
  readonly files: { readonly interactions: string; readonly items: string }
  readonly folder: string
  /** how many names were given */
  serial: number
}

type Act = (soaked: Soaked, chance: Chance) => Promise<unknown>

const MAX_RUNS = 8
const USERS = 80
const ITEMS = 60
const FORMATS = ['bundle', 'vectors', 'parquet', 'jsonl', 'fvecs', 'onnx', 'ann', 'tables'] as const

/** A finished two-tower run; one is trained where there is none. */
async function model(soaked: Soaked, chance: Chance): Promise<RunSummary> {
  const finished = async (): Promise<RunSummary[]> =>
    (await soaked.client.call('runs.list', {})).runs.filter((run) => run.state === 'finished' && run.model === 'two-tower')
  const found = await finished()
  if (found.length > 0) return chance.pick(found)
  await train(soaked, chance)
  return (await finished())[0]!
}

async function dataset({ client, job, files }: Soaked): Promise<string> {
  const name = 'd'
  if (!(await client.call('datasets.list', {})).datasets.some((each) => each.name === name))
    await job('datasets.import', { name, ...files, map: 'user=user,item=item,time=time' })
  return name
}

async function train(soaked: Soaked, chance: Chance): Promise<void> {
  const runs = (await soaked.client.call('runs.list', {})).runs
  if (runs.length >= MAX_RUNS) await soaked.client.call('runs.delete', { run: runs[0]!.run, forever: chance.below(2) === 0 })
  await soaked.job('runs.start', {
    dataset: await dataset(soaked),
    spec: tinySpec(1 + chance.below(3), chance.below(100)),
    name: `run ${++soaked.serial}`,
    threads: 1,
  })
}

/** Runs `body` with a place to write to, which is gone afterwards. */
async function writing(soaked: Soaked, body: (out: string) => Promise<unknown>): Promise<void> {
  const out = join(soaked.folder, `out-${++soaked.serial}`)
  try {
    await body(out)
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
}

const reload: Act = async ({ client, job, files }) => {
  await job('datasets.import', { name: 'other', ...files, replace: true })
  await client.call('datasets.rows', { dataset: 'other', side: 'item' })
}

const neighbours: Act = async (soaked, chance) => {
  const { run } = await model(soaked, chance)
  for (let i = 0; i < 20; i++) {
    const ann = chance.below(2) === 0
    await soaked.client.call('neighbours.recommend', { run, user: `u${chance.below(USERS)}`, ann })
    await soaked.client.call('neighbours.similar', { run, item: `i${chance.below(ITEMS)}`, ann })
  }
}

const index: Act = async (soaked, chance) => {
  const { run } = await model(soaked, chance)
  const name = `x${chance.below(3)}`
  await soaked.job('index.build', { run, name, replace: true })
  await soaked.client.call('index.list', { run })
  if (chance.below(2) === 0) await soaked.client.call('index.drop', { run, name })
}

const exporting: Act = async (soaked, chance) => {
  const { run } = await model(soaked, chance)
  const format = chance.pick(FORMATS)
  await writing(soaked, async (out) => {
    await soaked.job('runs.export', { run, format, out })
    if (format === 'bundle') await soaked.job('bundles.verify', { path: out })
  })
}

const serving: Act = async (soaked, chance) => {
  const { run } = await model(soaked, chance)
  const { server, url, token } = await soaked.client.call('serving.start', { run, port: 0 })
  try {
    for (let i = 0; i < 50; i++) {
      const answer = await fetch(`${url}/recommend`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ user: `u${chance.below(USERS)}`, k: 5 }),
      })
      await answer.text()
      if (answer.status !== 200) throw new Error(`/recommend answers ${answer.status}`)
    }
  } finally {
    await soaked.client.call('serving.stop', { server })
  }
}

const bin: Act = async (soaked, chance) => {
  const { run } = await model(soaked, chance)
  const { client } = soaked
  await client.call('runs.delete', { run })
  if (chance.below(2) === 0) await client.call('trash.restore', { entry: run })
  else await client.call('trash.empty', {})
}

const looking: Act = async (soaked, chance) => {
  const { client } = soaked
  const { run } = await model(soaked, chance)
  const { runs } = await client.call('runs.list', {})
  await client.call('runs.compare', { runs: runs.map((each) => each.run), unmeasured: true, plain: true })
  await client.call('runs.show', { run })
  await client.call('runs.note', { run, tags: [`t${chance.below(5)}`], note: `number ${chance.below(1000)}` })
  await client.call('trash.list', {})
}

const evaluating: Act = async (soaked, chance) => {
  const { run } = await model(soaked, chance)
  await soaked.job('runs.evaluate', { run, ann: true })
}

const backup: Act = (soaked) => writing(soaked, (out) => soaked.job('workspace.backup', { out }))

export const soakActs: Readonly<Record<string, Act>> = {
  train,
  reload,
  neighbours,
  index,
  export: exporting,
  serve: serving,
  trash: bin,
  look: looking,
  evaluate: evaluating,
  backup,
}
