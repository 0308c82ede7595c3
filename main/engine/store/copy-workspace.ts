/**
 * A whole workspace copied into an empty folder, for backup and restore: a compact copy of the database first, which settles what
 * belongs to it; then the files of each dataset and run in it, the runs' checked by what was recorded of them; the marker last, so that a
 * copy that was cut off is not taken for a workspace. Engines may work on the source meanwhile. Links and other things that are no plain
 * files are left out.
 */
import { chmodSync, constants, existsSync, lstatSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { copyFile } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path'
import { badInput, conflict, notFound } from '../../contract/errors.ts'
import type { Artefact } from '../../contract/shapes/artefact.ts'
import type { Progress, Stage } from '../../contract/shapes/progress.ts'
import type { CopyReport } from '../../contract/shapes/workspace.ts'
import { sha256File } from '../files/atomic.ts'
import { makeFolders } from '../files/error-code.ts'
import { sizeOf } from '../files/size.ts'
import { Database } from './database.ts'
import { Engines } from './engines.ts'
import { copyDatabase, DATABASE, entryNames, kindOfHome, safeFolderName, PRIVATE_MODE, whyNotWorkspace, writeMarker } from './marker.ts'
import { BACKTESTS } from './backtests.ts'
import { SEARCHES } from './searches.ts'
import { SEGMENTS } from './segments.ts'
import { TRACKED } from './tracked.ts'
import { manifestIn } from './store.ts'

/**
 * Copies the workspace `from` to `to`, which is absent or empty.
 * @throws PylonError before anything is written, where either does not fit
 */
export async function* copyWorkspace(from: string, to: string): Stage<CopyReport> {
  checkPlaces(from, to)
  makeFolders(to, PRIVATE_MODE)
  chmodSync(to, PRIVATE_MODE) // it may have been there
  copyRows(from, join(to, DATABASE))
  const copy = new Database(join(to, DATABASE))
  try {
    const report = yield* copyFolders(from, to, copy)
    for (const folder of ['datasets', 'runs']) mkdirSync(join(to, folder), { recursive: true, mode: PRIVATE_MODE })
    writeMarker(to)
    return report
  } finally {
    copy.close()
  }
}

/** The rows. A source that nobody has open may lie where nothing can be written, and is not to be changed: it is read through a copy. */
function copyRows(from: string, to: string): void {
  const busy = new Engines(from).others().length > 0
  const folder = mkdtempSync(join(tmpdir(), 'pylon-copy-'))
  try {
    if (!busy) copyDatabase(from, folder)
    const source = new Database(join(busy ? from : folder, DATABASE))
    try {
      source.copyTo(to)
    } finally {
      source.close()
    }
    chmodSync(to, 0o600)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function checkPlaces(from: string, to: string): void {
  const source = kindOfHome(from)
  if (source.is !== 'workspace' && source.is !== 'unmarked')
    throw whyNotWorkspace(from, source) ?? notFound('There is no workspace to copy.', from)
  const target = kindOfHome(to)
  if (target.is !== 'absent' && target.is !== 'empty')
    throw conflict('This folder is not empty, and nothing in it was touched: give a new one, or move it away first.', to)
  // what lies in tmp is on its way out: a browser's download
  if ((isInside(to, from) && !isInside(to, join(from, 'tmp'))) || isInside(from, to))
    throw badInput('One folder lies in the other: give a place outside.', to)
}

const isInside = (path: string, folder: string): boolean => {
  const way = relative(withoutLinks(folder), withoutLinks(path))
  return way === '' || (!isAbsolute(way) && way.split(sep)[0] !== '..')
}

/** A path free of links, also where its end is not there yet. */
function withoutLinks(path: string): string {
  if (existsSync(path)) return realpathSync(path)
  const above = dirname(path)
  return above === path ? path : join(withoutLinks(above), basename(path))
}

async function* copyFolders(from: string, to: string, copy: Database): Stage<CopyReport> {
  const leftOut: CopyReport['leftOut'] = []
  const notes: string[] = []
  const datasets = copy.all<{ name: string; created_at: string }>('SELECT name, created_at FROM datasets ORDER BY name')
  const runs = copy.all<{ id: string; state: string }>('SELECT id, state FROM runs ORDER BY id')
  // names out of a database that may be anybody's
  const folders = [
    ...datasets.map(({ name }) => join('datasets', safeFolderName(name))),
    ...runs.map(({ id }) => join('runs', safeFolderName(id))),
  ]
  const total = folders.reduce((sum, folder) => sum + sizeOf(join(from, folder)), 0)
  let [done, files] = [0, 0]
  const progress = (): Progress => ({ stage: 'copy files', done: Math.min(done, total), total, unit: 'bytes' })
  const copyTree = async function* (folder: string): Stage {
    for (const path of plainFiles(join(from, folder), folder, notes)) {
      mkdirSync(join(to, path, '..'), { recursive: true, mode: PRIVATE_MODE })
      await copyFile(join(from, path), join(to, path), constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
      done += lstatSync(join(to, path)).size
      files++
      yield progress()
    }
  }

  const whole: string[] = []
  for (const { name, created_at: createdAt } of datasets) {
    const folder = join('datasets', name)
    const odd = oddity(join(from, folder))
    if (odd === null) {
      yield* copyTree(folder)
      const manifest = manifestIn(join(to, folder))
      for (const bad of await damaged(join(to, folder), manifest?.files ?? [])) notes.push(unlike(`${folder}/${bad}`))
      if (manifest?.createdAt === createdAt) whole.push(name)
    }
    if (!whole.includes(name)) leftOut.push({ what: `dataset ${name}`, reason: odd ?? 'it was replaced meanwhile' })
  }
  const forget = (id: string, reason: string): void => {
    leftOut.push({ what: `run ${id}`, reason })
    copy.run('DELETE FROM runs WHERE id = ?', id)
  }
  for (const { id, state } of runs) {
    const [row] = copy.all<{ dataset: string }>('SELECT dataset FROM runs WHERE id = ?', id)
    const odd = oddity(join(from, 'runs', id))
    if (state === 'queued' || state === 'running') forget(id, `it is ${state}: back up again when it has ended`)
    else if (!whole.includes(row!.dataset)) forget(id, `its dataset ${row!.dataset} is left out`)
    else if (odd !== null) forget(id, odd)
    else {
      yield* copyTree(join('runs', id))
      const records = copy.all<Artefact>('SELECT path, bytes, sha256 FROM artefacts WHERE run = ?', id)
      for (const bad of await damaged(join(to, 'runs', id), records)) notes.push(unlike(`runs/${id}/${bad}`))
    }
  }

  for (const { name } of datasets.filter((each) => !whole.includes(each.name))) {
    copy.run('DELETE FROM searches WHERE dataset = ?', name)
    copy.run('DELETE FROM datasets WHERE name = ?', name)
  }
  for (const folder of [SEARCHES, BACKTESTS, TRACKED, SEGMENTS]) if (oddity(join(from, folder)) === null) yield* copyTree(folder)
  return {
    out: to,
    datasets: whole.length,
    runs: copy.get<{ n: number }>('SELECT count(*) AS n FROM runs')!.n,
    files,
    bytes: done,
    leftOut,
    notes,
  }
}

/** Why a folder is not copied; null where it can be. */
function oddity(folder: string): string | null {
  const stat = lstatSync(folder, { throwIfNoEntry: false })
  if (stat === undefined) return 'its files are gone'
  return stat.isDirectory() ? null : 'its folder is a link or no folder'
}

const unlike = (path: string): string => `${path} is not the file that was recorded: it changed while it was copied, or it is damaged.`

/** Those of the recorded files that are not as recorded. */
async function damaged(folder: string, records: readonly Artefact[]): Promise<string[]> {
  const bad: string[] = []
  for (const { path, sha256 } of records) {
    const found = await sha256File(join(folder, path)).catch(() => null)
    if (found?.sha256 !== sha256) bad.push(path)
  }
  return bad
}

/** Paths, relative to the workspace, of the plain files below a folder; none where it is not there. */
function plainFiles(folder: string, path: string, notes: string[]): string[] {
  return entryNames(folder)
    .filter((name) => !name.endsWith('.part'))
    .flatMap((name) => {
      const stat = lstatSync(join(folder, name), { throwIfNoEntry: false })
      if (stat === undefined) return [] // gone meanwhile
      if (stat.isDirectory()) return plainFiles(join(folder, name), join(path, name), notes)
      if (stat.isFile()) return [join(path, name)]
      notes.push(`${join(path, name)} is no plain file and was left out.`)
      return []
    })
}
