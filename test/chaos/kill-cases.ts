/** The commands that are killed, on copies of one small workspace; what each may change, and what it must leave outside. */
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { kindOfHome } from '../../main/engine/store/marker.ts'
import { CLI, type Victim } from './kill.ts'
import { backtestFaults, BACKTEST_ARGS, deletedFaults, makeSearches, SEARCH, searchFaults, type SearchReference } from './kill-searches.ts'
import { hashOf, knownOf, type Known } from './sound.ts'
import { opened, tinyFiles, tinySpec } from './tiny.ts'

const OLD = resolve(import.meta.dirname, '../fixtures/workspaces/0.1.0.tar.gz')
const REPAIR = resolve(import.meta.dirname, 'repair-process.ts')
const EPOCHS = 3
const SEED = 5

/** Where one case works. */
export interface Place {
  readonly home: string
  /** beside the workspace */
  readonly out: string
}

export interface Case {
  readonly args: (place: Place) => readonly string[]
  /** the workspace to start from */
  readonly base: 'usual' | 'old' | 'headless'
  readonly known: Known
  readonly replaced?: string
  readonly rewritten?: ReadonlySet<string>
  /** makes the workspace one that opens, where the command leaves one that must first be repaired */
  readonly first?: (place: Place) => Promise<void>
  /** what is wrong with what it left outside the workspace */
  readonly outside?: (place: Place) => string[]
  /** what is wrong with what goes on from there */
  readonly after?: (place: Place, victim: Victim) => Promise<string[]>
}

export interface Cases {
  readonly cases: Readonly<Record<string, Case>>
  /** puts a fresh workspace at `home` */
  place(base: Case['base'], home: string): void
  /** the hashes of an unkilled training's files, and its metrics */
  readonly reference: { readonly files: ReadonlyMap<string, string | null>; readonly metrics: string; readonly searches: SearchReference }
}

/** Files of a run that must not differ by a bit, however often it was killed. */
const BIT_EQUAL = ['weights.safetensors', 'user_vectors.npy', 'item_vectors.npy', 'metrics.json']

/** Makes the workspaces in `folder`. */
export async function makeCases(folder: string): Promise<Cases> {
  const bases = { usual: join(folder, 'usual'), old: join(folder, 'ws'), headless: join(folder, 'headless') }
  const files = tinyFiles(folder)
  const reference = await makeUsual(bases.usual, files)
  const known = knownOf(bases.usual)
  execFileSync('tar', ['xzf', OLD, '-C', folder])
  cpSync(bases.usual, bases.headless, { recursive: true })
  for (const name of readdirSync(bases.headless).filter((each) => each.startsWith('pylon.sqlite'))) rmSync(join(bases.headless, name))
  const adopted = join(folder, 'adopted')
  cpSync(bases.old, adopted, { recursive: true })
  const knownOld = knownOf(adopted)

  const pylon =
    (...args: readonly string[]) =>
    ({ home, out }: Place): string[] => [CLI, ...args.map((arg) => arg.replace(/^OUT/, () => out)), '--json', '--home', home]
  const spec = JSON.stringify(tinySpec(EPOCHS, SEED))
  const source = ['--interactions', files.interactions, '--items', files.items]
  const usual = { base: 'usual', known } as const
  const index = ['x.index', 'x.index.about.json'].map((name) => hashOf(join(bases.usual, 'runs', reference.run, 'indexes', name))!)
  const spare = readdirSync(join(bases.usual, 'datasets', 'spare'), { recursive: true, encoding: 'utf8' })
  const ofSpare = spare.flatMap((name) => (/\.\w+$/.test(name) ? [hashOf(join(bases.usual, 'datasets', 'spare', name))!] : []))
  const train = { ...usual, args: pylon('train', '--dataset', 'd', '--spec', spec, '--name', 'new', '--threads', '1') }
  return {
    reference,
    place: (base, home) => {
      cpSync(bases[base], home, { recursive: true })
      chmodSync(home, 0o700)
    },
    cases: {
      import: { ...usual, args: pylon('import', '--name', 'new', ...source) },
      replace: {
        ...usual,
        args: pylon('import', '--name', 'spare', '--replace', ...source),
        replaced: 'spare',
        rewritten: new Set(ofSpare),
      },
      train,
      checkpoint: train,
      'final write': train,
      index: { ...usual, args: pylon('index', '--run', 'first', '--name', 'x', '--replace'), rewritten: new Set(index) },
      export: { ...usual, args: pylon('export', '--run', 'first', '--format', 'vectors', '--out', 'OUT'), outside: partsOf },
      bundle: { ...usual, args: pylon('export', '--run', 'first', '--format', 'bundle', '--out', 'OUT.zip'), outside: zipOf },
      delete: { ...usual, args: pylon('delete', 'second') },
      'delete dataset': { ...usual, args: pylon('delete', '--dataset', 'spare') },
      'take back': { ...usual, args: pylon('trash', 'restore', 'third') },
      repair: { base: 'headless', known, args: ({ home }) => [REPAIR, home], first: repaired },
      search: {
        ...usual,
        args: pylon('search', 'start', '--search', SEARCH, '--name', 'killed', '--threads', '1'),
        after: ({ home }, victim) => searchFaults(home, reference.searches, victim),
      },
      backtest: { ...usual, args: pylon(...BACKTEST_ARGS), after: ({ home }) => backtestFaults(home, reference.searches) },
      'delete search': {
        ...usual,
        args: pylon('search', 'delete', 'whole', '--runs'),
        after: ({ home }) => deletedFaults(home, reference.searches),
      },
      adopt: { base: 'old', known: knownOld, args: pylon('runs') },
      backup: { ...usual, args: pylon('backup', 'OUT'), outside: (place) => backupOf(place, known) },
    },
  }
}

async function makeUsual(home: string, files: ReturnType<typeof tinyFiles>): Promise<Cases['reference'] & { run: string }> {
  const { client, job, close } = opened(home)
  try {
    for (const name of ['d', 'spare']) await job('datasets.import', { name, ...files })
    const train = async (name: string, seed: number): Promise<string> =>
      (await job('runs.start', { dataset: 'd', spec: tinySpec(EPOCHS, seed), name, threads: 1 })).run
    const run = await train('first', SEED)
    await train('second', SEED + 1)
    const third = await train('third', SEED + 2)
    await client.call('runs.note', { run: 'second', tags: ['a', 'b'], note: 'kept' })
    await job('index.build', { run, name: 'x' })
    await client.call('runs.delete', { run: third })
    const { metrics } = await client.call('runs.show', { run })
    return {
      run,
      searches: await makeSearches({ client, job }),
      metrics: JSON.stringify(metrics),
      files: new Map(BIT_EQUAL.map((name) => [name, hashOf(join(home, 'runs', run, name))])),
    }
  } finally {
    await close()
  }
}

/** A repair that was cut off is begun again, until it comes through. */
async function repaired({ home }: Place): Promise<void> {
  const { repairWorkspace: repair } = await import('../../main/engine/store/repair.ts')
  await repair(home)
}

/** A half export has parts under other names, if anything. */
function partsOf({ out }: Place): string[] {
  if (!existsSync(out)) return []
  const names = readdirSync(out)
  const hasReadme = names.includes('README.md')
  return hasReadme && !names.some((name) => name.endsWith('.npy')) ? [`the export says it is whole, and has ${names.join(', ')}`] : []
}

/** A zip that is there is whole: its end record says so. */
function zipOf({ out }: Place): string[] {
  const path = `${out}.zip`
  if (!existsSync(path)) return []
  try {
    execFileSync('unzip', ['-tqq', path], { stdio: 'pipe' })
    return []
  } catch {
    return ['the bundle under its own name is not whole']
  }
}

/** A backup that was cut off is no workspace; one that is a workspace is whole. */
function backupOf({ out }: Place, known: Known): string[] {
  if (!existsSync(out) || kindOfHome(out).is !== 'workspace') return []
  const { runs, datasets } = knownOf(out)
  if (runs.size === known.runs.size && datasets.size === known.datasets.size) return []
  return [`the backup has ${runs.size} runs and ${datasets.size} datasets of ${known.runs.size} and ${known.datasets.size}`]
}

/** Goes on with a killed training and compares its end with that of one which nobody killed. */
export async function resumedFaults({ reference }: Cases, home: string, run: string): Promise<string[]> {
  const { client, job, close } = opened(home)
  try {
    if ((await client.call('runs.show', { run })).state !== 'finished') await job('runs.start', { resume: run })
    const { metrics } = await client.call('runs.show', { run })
    const faults = BIT_EQUAL.filter((name) => hashOf(join(home, 'runs', run, name)) !== reference.files.get(name)).map(
      (name) => `resumed, ${name} differs from an unkilled run's`,
    )
    return JSON.stringify(metrics) === reference.metrics ? faults : [...faults, 'resumed, its metrics differ']
  } finally {
    await close()
  }
}
