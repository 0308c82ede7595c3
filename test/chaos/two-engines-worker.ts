/** One of two engines in a workspace: a seeded mix of work, each acknowledged act a line of JSON on stdout. It ends when its stdin does. */
import { toErrorShape } from '../../main/contract/errors.ts'
import { Chance } from './part.ts'
import { opened, tinySpec } from './tiny.ts'

export interface Acknowledged {
  readonly act: 'imported' | 'trained' | 'deleted' | 'restored' | 'noted' | 'refused' | 'fault'
  /** the run's id or the dataset's name; of a fault what happened */
  readonly what: string
  readonly note?: string
}

const [name, seed, minutes, home, interactions, items] = process.argv.slice(2) as [string, string, string, string, string, string]
const say = (entry: Acknowledged): void => void process.stdout.write(`${JSON.stringify(entry)}\n`)
const { client, job, close } = opened(home)
const mine: string[] = []
let serial = 0
const stop = new AbortController()
process.stdin.on('end', () => stop.abort()).resume()

const acts: readonly ((chance: Chance) => Promise<void>)[] = [
  async (chance) => {
    const training = job('runs.start', {
      dataset: 'd',
      spec: tinySpec(1 + chance.below(3), chance.below(50)),
      name: `${name} ${++serial}`,
      threads: 1,
    })
    await Promise.all([training, attack(chance)])
    const { run } = await training
    mine.push(run)
    say({ act: 'trained', what: run })
  },
  async () => {
    const dataset = `${name}-${++serial}`
    await job('datasets.import', { name: dataset, interactions, items })
    say({ act: 'imported', what: dataset })
  },
  async (chance) => {
    if (mine.length < 2) return
    const [run] = mine.splice(chance.below(mine.length), 1)
    await client.call('runs.delete', { run: run! })
    say({ act: 'deleted', what: run! })
    if (chance.below(2) === 0) return
    await client.call('trash.restore', { entry: run! })
    mine.push(run!)
    say({ act: 'restored', what: run! })
  },
  async (chance) => {
    if (mine.length === 0) return
    const run = chance.pick(mine)
    const note = `${name} ${chance.below(1e6)}`
    await client.call('runs.note', { run, note, tags: [name] })
    say({ act: 'noted', what: run, note })
  },
  attack,
]

/** Tries to take over, and to delete, what the other trains: it must be refused. */
async function attack(chance: Chance): Promise<void> {
  const { runs } = await client.call('runs.list', {})
  const theirs = runs.filter((run) => !run.name.startsWith(name) && (run.state === 'running' || run.state === 'queued'))
  for (const { run } of theirs) {
    const deletes = chance.below(2) === 0
    try {
      if (!deletes) await job('runs.start', { resume: run })
      else await client.call('runs.delete', { run })
      // it may have finished between the look and the attempt; then deleting is right, and it is taken back
      if (deletes) await client.call('trash.restore', { entry: run })
      else say({ act: 'fault', what: `run ${run} of the other engine was resumed` })
    } catch (error) {
      const { code, message } = toErrorShape(error)
      say(code === 'conflict' ? { act: 'refused', what: run } : { act: 'fault', what: `${code} ${message}` })
    }
  }
}

for (const started = performance.now(); performance.now() - started < Number(minutes) * 60_000 && !stop.signal.aborted;) {
  const chance = new Chance(Number(seed), ++serial)
  try {
    await chance.pick(acts)(chance)
  } catch (error) {
    const { code, message, stack } = toErrorShape(error)
    say({ act: 'fault', what: `${code} ${message} ${stack?.split('\n')[1] ?? ''}` })
  }
}
await close()
process.stdin.destroy()
