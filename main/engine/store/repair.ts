/**
 * Makes a workspace's database anew from what lies in its folders: each run has its rows beside its files (`run.json`), a dataset its
 * manifest. What can be read of the database stays; where nothing can, the newest daily copy that is whole is the base. Nothing is
 * removed: a database that cannot be read goes to the trash.
 */
import { copyFileSync, existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { badData, conflict, notFound, toErrorShape } from '../../contract/errors.ts'
import { metricsSchema, storedProtocolSchema } from '../../contract/shapes/protocol.ts'
import { specSchema } from '../../contract/shapes/spec.ts'
import type { RepairReport } from '../../contract/shapes/workspace.ts'
import { sha256File } from '../files/atomic.ts'
import { readUnlessAbsent } from '../files/error-code.ts'
import { readJsonFileSync } from '../files/json-file.ts'
import { upgradedProtocol } from '../protocol/protocol.ts'
import { dailyCopies } from './daily-copies.ts'
import { Database, isWhole } from './database.ts'
import { Engines } from './engines.ts'
import { DATABASE, entryNames, kindOfHome, whyNotWorkspace, writeMarker } from './marker.ts'
import { RECORD, parseRecord, writeRecord } from './run-record.ts'
import { SEARCHES } from './searches.ts'
import { SEGMENTS } from './segments.ts'
import { manifestIn, Store } from './store.ts'
import { Trash } from './trash.ts'
import { Workspace } from './workspace.ts'

/** @throws PylonError conflict where an engine has it open; where it is no workspace and has nothing of one */
export async function repairWorkspace(home: string): Promise<RepairReport> {
  const kind = kindOfHome(home)
  if (kind.is === 'absent' || kind.is === 'empty') throw notFound('There is nothing to repair.', home)
  if (kind.is === 'file' || kind.is === 'newer' || (kind.is === 'foreign' && !looksLikeOurs(home))) throw whyNotWorkspace(home, kind)!
  const [other] = new Engines(home).others()
  if (other !== undefined) throw conflict(`Pylon has it open (process ${other.pid} on ${other.machine.host}): close that first.`, home)
  if (kind.is === 'foreign') writeMarker(home)
  const base = setBase(home)
  const store = new Store(home)
  try {
    const notes: string[] = []
    const datasets = addDatasets(store, notes)
    const runs = await addRuns(store, notes)
    addSearches(store, notes)
    addSegments(store, notes)
    return { base, datasets, runs, notes }
  } finally {
    store.close()
  }
}

/** A folder without marker and database that has what only Pylon makes. */
function looksLikeOurs(home: string): boolean {
  const isRun = (id: string): boolean =>
    parseRecord(
      readUnlessAbsent(() => readFileSync(join(home, 'runs', id, RECORD), 'utf8'), ''),
      id,
    ) !== null
  return (
    entryNames(join(home, 'datasets')).some((name) => manifestIn(join(home, 'datasets', name)) !== null) ||
    entryNames(join(home, 'runs')).some(isRun)
  )
}

/** Leaves a database that can be opened in its place. @returns what it was made from, in words */
function setBase(home: string): string {
  const path = join(home, DATABASE)
  if (isWhole(path)) return 'the database itself'
  const workspace = Workspace.recover(home)
  try {
    const trash = new Trash(workspace)
    for (const name of [DATABASE, `${DATABASE}-wal`, `${DATABASE}-shm`])
      if (existsSync(join(home, name))) trash.put({ kind: 'stray', name, from: name }, join(home, name))
    const copy = dailyCopies(home).find((each) => isWhole(each.path))
    if (copy === undefined) {
      new Database(path).close()
      return 'the folders alone'
    }
    copyFileSync(copy.path, path)
    return `the copy of ${copy.day}`
  } finally {
    workspace.close()
  }
}

function addDatasets({ workspace, datasets }: Store, notes: string[]): string[] {
  return entryNames(join(workspace.home, 'datasets')).filter((name) => {
    if (datasets.find(name) !== null) return false
    const manifest = manifestIn(workspace.dataset(name))
    if (manifest?.name === name) {
      datasets.insert(manifest)
      return true
    }
    notes.push(`datasets/${name} has no manifest that can be read: it stays where it is, unknown.`)
    return false
  })
}

async function addRuns(store: Store, notes: string[]): Promise<string[]> {
  const inDatabase = store.runs.underWay()
  const added: string[] = []
  for (const id of entryNames(join(store.workspace.home, 'runs')).filter((name) => !inDatabase.has(name))) {
    try {
      const text = readUnlessAbsent(() => readFileSync(join(store.workspace.run(id), RECORD), 'utf8'), null)
      const record = text === null ? null : parseRecord(text, id)
      if (text !== null && record === null)
        notes.push(`runs/${id}/${RECORD} is not as it was written: the run was told from its other files.`)
      if (record !== null) writeRecord(store.database, record, id)
      else await addOldRun(store, id, notes)
      added.push(id)
    } catch (error) {
      notes.push(`runs/${id} stays where it is, unknown: ${toErrorShape(error).message}`)
    }
  }
  return added
}

/** Searches that the database does not know, from their files; what their runs were is known by then. */
function addSearches({ workspace, searches }: Store, notes: string[]): void {
  const folder = join(workspace.home, SEARCHES)
  for (const name of existsSync(folder) ? entryNames(folder) : []) {
    const reason = searches.restore(readUnlessAbsent(() => readFileSync(join(folder, name), 'utf8'), ''))
    if (reason !== null) notes.push(`${SEARCHES}/${name} stays where it is, unknown: ${reason}`)
  }
}

/** Segments that the database does not know, from their files. */
function addSegments({ workspace, segments }: Store, notes: string[]): void {
  const folder = join(workspace.home, SEGMENTS)
  for (const name of existsSync(folder) ? entryNames(folder) : []) {
    const reason = segments.restoreFile(readUnlessAbsent(() => readFileSync(join(folder, name), 'utf8'), ''))
    if (reason !== null) notes.push(`${SEGMENTS}/${name} stays where it is, unknown: ${reason}`)
  }
}

/** A run without a record that can be read: what its files tell is written, its curves, tags and note are lost. */
async function addOldRun(store: Store, id: string, notes: string[]): Promise<void> {
  const { workspace, database, datasets, runs, results } = store
  const folder = workspace.run(id)
  const spec = readJsonFileSync(join(folder, 'spec.json'), specSchema)
  if (spec === null) throw badData('its spec cannot be read.')
  const stored = readJsonFileSync(join(folder, 'protocol.json'), storedProtocolSchema)
  const metrics = readJsonFileSync(join(folder, 'metrics.json'), metricsSchema)
  const all = datasets.list()
  const dataset =
    all.find(({ checksum }) => checksum === stored?.datasetChecksum) ?? (stored === null && all.length === 1 ? all[0] : undefined)
  if (dataset === undefined) throw notFound('the dataset it was trained on is not there.')
  const protocol = stored === null ? null : upgradedProtocol(stored, spec, dataset)
  const finished = protocol !== null && metrics !== null
  const files = finished ? await filesOf(folder) : []
  database.transaction(() => {
    runs.insert({
      id,
      name: spec.recipe ?? spec.model,
      dataset: dataset.name,
      spec,
      threads: 1,
      owner: null,
      created_at: statSync(join(folder, 'spec.json')).mtime.toISOString(),
    })
    for (const file of files) results.addArtefact(id, file)
    if (!finished) return runs.stop(id, 'interrupted', `Its state was lost. Go on with: pylon train --resume ${id}`, { abandoned: true })
    results.addMetrics(id, protocol, metrics)
    runs.finish(id, { run: id, epochs: 0, bestEpoch: 0, seconds: 0, examplesPerSecond: 0, peakRssMb: 0, metrics, baseline: {}, protocol })
  })
  const taken = finished
    ? 'its files were taken as they are now, as their checksums were lost too'
    : `it was taken for a run on ${dataset.name}`
  notes.push(`Run ${id} has no record (version 0.1.0 kept none): its curves, tags, note and times are lost; ${taken}.`)
}

async function filesOf(folder: string): Promise<{ path: string; bytes: number; sha256: string }[]> {
  const names = entryNames(folder).filter((name) => name !== RECORD && !name.endsWith('.part') && statSync(join(folder, name)).isFile())
  return Promise.all(names.map(async (path) => ({ path, ...(await sha256File(join(folder, path))) })))
}
