/** What must be true of a workspace whatever was killed in it: it opens, it knows what it knew, every file that it had is there. */
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { toErrorShape } from '../../main/contract/errors.ts'
import type { RunState } from '../../main/contract/shapes/run.ts'
import { workspaceReport } from '../../main/engine/store/report.ts'
import { manifestIn, Store } from '../../main/engine/store/store.ts'
import { moveStraysToTrash, straysIn } from '../../main/engine/store/strays.ts'

/** A workspace as it was, while nobody worked on it. */
export interface Known {
  /** by id */
  readonly runs: ReadonlyMap<string, { readonly state: RunState; readonly measured: string }>
  /** checksums by name */
  readonly datasets: ReadonlyMap<string, string>
  /** runs and datasets in the trash */
  readonly trashed: ReadonlySet<string>
  /** how many files hold these bytes, by their hash: of datasets, runs and the trash */
  readonly files: ReadonlyMap<string, number>
}

/** Files of Pylon's own book-keeping, which it writes anew. */
const BOOKS = new Set(['run.json', 'entry.json', 'rows.json'])

export function knownOf(home: string): Known {
  const store = new Store(home)
  try {
    return { ...rowsOf(store), files: filesOf(home) }
  } finally {
    store.close()
  }
}

export interface Allowed {
  /** a dataset that may have been replaced, so that the files it had may be gone */
  readonly replaced?: string
  /** hashes of files that may have been written anew */
  readonly rewritten?: ReadonlySet<string>
}

/** Opens the workspace as the next command would, and looks. @returns what is wrong, and the runs that were not there before */
export function faultsOf(
  home: string,
  before: Known,
  { replaced, rewritten = new Set() }: Allowed = {},
): { faults: string[]; newRuns: string[] } {
  const faults: string[] = []
  let newRuns: string[] = []
  try {
    const store = new Store(home)
    try {
      const now = rowsOf(store)
      newRuns = [...now.runs.keys()].filter((id) => !before.runs.has(id) && !before.trashed.has(id))
      faults.push(...lost(before, now, replaced), ...unsound(store))
      const files = filesOf(home)
      for (const [hash, count] of before.files)
        if ((files.get(hash) ?? 0) < count && !rewritten.has(hash)) faults.push(`a file is gone (${hash.slice(0, 12)})`)
    } finally {
      store.close()
    }
    faults.push(...tidied(home))
  } catch (error) {
    faults.push(`it does not open: ${describe(error)}`)
  }
  return { faults, newRuns }
}

function rowsOf({ runs, results, datasets, trash }: Store): Omit<Known, 'files'> {
  return {
    runs: new Map(
      runs.list().map(({ id, state }) => {
        const { metrics, artefacts, tags, notes } = results.detail(runs.resolve(id), '')
        // an index beside the own one may be built anew
        const kept = artefacts.filter(({ path }) => !path.startsWith('indexes/'))
        return [id, { state, measured: JSON.stringify({ metrics, artefacts: kept, tags, notes }) }]
      }),
    ),
    datasets: new Map(datasets.list().map(({ name, checksum }) => [name, checksum])),
    trashed: new Set(trash.list().map(({ what }) => what)),
  }
}

function lost(before: Known, now: Omit<Known, 'files'>, replaced: string | undefined): string[] {
  const faults: string[] = []
  for (const [id, { state, measured }] of before.runs) {
    const row = now.runs.get(id)
    if (row === undefined && !now.trashed.has(id)) faults.push(`run ${id} is lost`)
    if (row !== undefined && state === 'finished' && (row.state !== state || row.measured !== measured))
      faults.push(`run ${id} is not as it was: ${row.state}, ${row.measured.slice(0, 200)}`)
  }
  for (const what of before.trashed)
    if (!now.trashed.has(what) && !now.runs.has(what) && !now.datasets.has(what)) faults.push(`"${what}" is lost from the trash`)
  for (const [name, checksum] of before.datasets)
    if (now.datasets.get(name) !== checksum && name !== replaced && !now.trashed.has(name)) faults.push(`dataset ${name} is lost`)
  if (replaced !== undefined && !now.datasets.has(replaced)) faults.push(`dataset ${replaced} is neither the old nor the new one`)
  return faults
}

/** Rows and folders belong together, nobody works on anything, and every recorded file is as recorded. */
function unsound({ runs, results, datasets, workspace }: Store): string[] {
  const faults: string[] = []
  for (const { id, state } of runs.list()) {
    if (state === 'running' || state === 'queued') faults.push(`run ${id} is ${state} by a dead engine`)
    if (state !== 'finished') continue
    if (!existsSync(workspace.run(id))) faults.push(`run ${id} has no folder`)
    for (const { path, sha256 } of results.detail(runs.resolve(id), '').artefacts)
      if (hashOf(join(workspace.run(id), path)) !== sha256) faults.push(`runs/${id}/${path} is not the recorded file`)
  }
  for (const { name, createdAt } of datasets.list())
    if (manifestIn(workspace.dataset(name))?.createdAt !== createdAt) faults.push(`dataset ${name} has not its own folder`)
  return faults
}

/** The doctor finds it sound, lists what was left, and tidies it away without a loss. */
function tidied(home: string): string[] {
  const report = workspaceReport(home, null)
  const faults = report.problems.map((problem) => `the doctor says: ${problem}`)
  if (report.state !== 'ok') faults.push(`the doctor calls it ${report.state}`)
  if (report.engines.length > 0) faults.push('the doctor takes a dead engine for a living one')
  const files = filesOf(home)
  const store = new Store(home)
  try {
    moveStraysToTrash(store.trash, home, straysIn(store))
    if (straysIn(store).length > 0) faults.push('strays are left after tidying')
  } finally {
    store.close()
  }
  const after = filesOf(home)
  for (const [hash, count] of files) if ((after.get(hash) ?? 0) < count) faults.push(`tidying lost a file (${hash.slice(0, 12)})`)
  if (workspaceReport(home, null).strays.length > 0) faults.push('the doctor lists strays after tidying')
  return faults
}

function filesOf(home: string): Map<string, number> {
  return filesBelow(...['datasets', 'runs', 'trash'].map((folder) => join(home, folder)))
}

/** How many files below these folders hold the same bytes, by their hash; Pylon's book-keeping left out. */
export function filesBelow(...folders: readonly string[]): Map<string, number> {
  const files = new Map<string, number>()
  const walk = (path: string): void => {
    for (const name of existsSync(path) ? readdirSync(path) : []) {
      const place = join(path, name)
      if (lstatSync(place).isDirectory()) walk(place)
      else if (!BOOKS.has(name)) {
        const hash = hashOf(place)!
        files.set(hash, (files.get(hash) ?? 0) + 1)
      }
    }
  }
  for (const folder of folders) walk(folder)
  return files
}

/** Null where there is no such file. */
export function hashOf(path: string): string | null {
  return existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : null
}

/** An error in one line; of a bug its stack's first lines. */
export function describe(error: unknown): string {
  const { code, message, stack } = toErrorShape(error)
  return code === 'bug' ? `bug: ${(stack ?? message).split('\n').slice(0, 4).join(' | ')}` : `${code}: ${message}`
}
