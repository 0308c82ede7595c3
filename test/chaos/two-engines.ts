/**
 * Two engines in one workspace, one of them in a process-id namespace of its own as in a container, and a third that comes and goes.
 * Each writes down what was acknowledged to it; nothing of that may be missing at the end, and nobody's run may be taken over.
 */
import { spawn, spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Store } from '../../main/engine/store/store.ts'
import { childEnvironment } from '../../main/hosts/child.ts'
import type { Part } from './part.ts'
import { describe, faultsOf, knownOf } from './sound.ts'
import { opened, tinyFiles } from './tiny.ts'
import type { Acknowledged } from './two-engines-worker.ts'

const WORKER = resolve(import.meta.dirname, 'two-engines-worker.ts')
const VISIT_MS = 700

export const twoEngines: Part = async ({ minutes, seed, folder, signal, say }) => {
  const home = join(folder, 'home')
  const files = tinyFiles(folder)
  const first = opened(home)
  await first.job('datasets.import', { name: 'd', ...files })
  await first.close()
  const before = knownOf(home)
  const apart = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0
  const failures: string[] = []
  const workers = ['a', 'b'].map((name, i) => {
    const args = [WORKER, name, String(seed + i), String(minutes), home, files.interactions, files.items]
    return worked(name === 'b' && apart, args)
  })
  const ended = new AbortController()
  const all = Promise.all(workers.map(({ over }) => over)).finally(() => ended.abort())
  signal.addEventListener('abort', () => workers.forEach(({ stop }) => stop()))
  let visits = 0
  for (; !ended.signal.aborted; visits++, await Promise.race([all, sleep(VISIT_MS)])) failures.push(...visited(home))
  const journals = await all
  for (const { name, journal, stderr, code } of journals) {
    if (code !== 0) failures.push(`engine ${name} ended with ${code}: ${stderr.slice(-400)}`)
    failures.push(...journal.flatMap((entry) => (entry.act === 'fault' ? [`engine ${name}, seed ${seed}: ${entry.what}`] : [])))
    failures.push(...missing(home, name, journal))
  }
  failures.push(...faultsOf(home, before).faults)
  const acts = journals.reduce((sum, { journal }) => sum + journal.length, 0)
  const refused = journals.flatMap(({ journal }) => journal.filter(({ act }) => act === 'refused')).length
  say(`${acts} acts, ${visits} visits, ${refused} refused`)
  const notes = [
    `the second engine ran ${apart ? 'in a process-id namespace of its own, as in a container' : 'beside the first: no right to a namespace of its own'}`,
    `${refused} tries to resume or delete the other's living run were refused; a third engine opened it ${visits} times meanwhile`,
  ]
  return { done: `${acts} acts of two engines`, failures: [...new Set(failures)], notes }
}

interface Journal {
  readonly name: string
  readonly journal: readonly Acknowledged[]
  readonly stderr: string
  readonly code: number | null
}

function worked(apart: boolean, args: readonly string[]): { stop: () => void; over: Promise<Journal> } {
  const [command, all] = apart
    ? ['unshare', ['--pid', '--fork', '--kill-child', '--mount-proc', process.execPath, ...args]]
    : [process.execPath, [...args]]
  const child = spawn(command, all, { stdio: ['pipe', 'pipe', 'pipe'], env: childEnvironment() })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const over = new Promise<Journal>((done) =>
    child.once('close', (code) => {
      const journal = stdout.split('\n').filter((line) => line !== '')
      done({ name: args[1]!, journal: journal.map((line) => JSON.parse(line) as Acknowledged), stderr, code })
    }),
  )
  return { stop: () => child.stdin.end(), over }
}

/** Opens and closes the workspace as a short command does: nobody who lives is to be taken for dead. */
function visited(home: string): string[] {
  try {
    const store = new Store(home)
    try {
      return store.runs.list().flatMap(({ id, state }) => (state === 'interrupted' ? [`run ${id} of a living engine is interrupted`] : []))
    } finally {
      store.close()
    }
  } catch (error) {
    return [`a third engine: ${describe(error)}`]
  }
}

/** What was acknowledged last of each run and dataset, and is not so. */
function missing(home: string, name: string, journal: readonly Acknowledged[]): string[] {
  const faults: string[] = []
  const last = new Map<string, Acknowledged>()
  for (const entry of journal) if (entry.act !== 'fault' && entry.act !== 'refused') last.set(entry.what, entry)
  const store = new Store(home)
  try {
    const trashed = new Set(store.trash.list().map(({ what }) => what))
    const runs = new Map(store.runs.list().map((run) => [run.id, run]))
    for (const [what, { act, note }] of last) {
      const run = runs.get(what)
      const is =
        act === 'imported'
          ? store.datasets.find(what) !== null
          : act === 'deleted'
            ? trashed.has(what) && run === undefined
            : run?.state === 'finished'
      if (!is) faults.push(`engine ${name}: "${what}" was ${act}, and is ${run?.state ?? 'not there'}`)
      if (note !== undefined && run !== undefined && run.note !== note) faults.push(`engine ${name}: the note of ${what} is lost`)
    }
  } finally {
    store.close()
  }
  return faults
}
