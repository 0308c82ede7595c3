/**
 * What a folder is before anything in it is touched. A workspace carries `workspace.json`; one of version 0.1.0, which had none, is
 * known by the tables of its database. Any other folder that has something in it is not ours, and stays as it is.
 */
import { randomUUID } from 'node:crypto'
import { chmodSync, closeSync, copyFileSync, lstatSync, mkdtempSync, openSync, readdirSync, readSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { badData, PylonError } from '../../contract/errors.ts'
import { shellWord } from '../../contract/shell-word.ts'
import { writeFileAtomicSync } from '../files/atomic.ts'
import { readUnlessAbsent, makeFolders } from '../files/error-code.ts'
import { readJsonFileSync } from '../files/json-file.ts'
import { pylonVersion } from '../files/version.ts'
import { kindOfDatabase } from './database.ts'

export const MARKER = 'workspace.json'
export const DATABASE = 'pylon.sqlite'
/** The layout of folders and files that this Pylon writes. */
const FORMAT = 1
/** For its user alone: what is in it may be private, and who may write in it decides what Pylon reads. */
export const PRIVATE_MODE = 0o700

const markerSchema = z.object({ kind: z.literal('pylon-workspace'), format: z.int().min(1), id: z.string(), createdBy: z.string() })

/** What systems leave in any folder; a folder with nothing else counts as empty. */
const LITTER = new Set(['.DS_Store', '.localized', 'Thumbs.db', 'desktop.ini', 'lost+found', '.Trashes', '.fseventsd', '.Spotlight-V100'])
export const isSystemFile = (name: string): boolean => LITTER.has(name) || name.startsWith('._')
/** A marker whose writing was cut off. */
const isMarkerPart = (name: string): boolean =>
  name.startsWith(`${MARKER}.`) && /^\d+-[0-9a-f]{8}\.part$/.test(name.slice(MARKER.length + 1))

export type HomeKind =
  | { readonly is: 'absent' | 'empty' | 'workspace' }
  /** of version 0.1.0 */
  | { readonly is: 'unmarked' }
  /** a workspace whose database is gone or holds nothing, though its folders do */
  | { readonly is: 'headless'; readonly datasets: number; readonly runs: number }
  | { readonly is: 'newer'; readonly format: number }
  /** `sample`: some of what is in it */
  | { readonly is: 'foreign'; readonly sample: readonly string[] }
  | { readonly is: 'file' }

/** Looks at a folder without changing anything. @throws the system's error where it may not be read */
export function kindOfHome(home: string): HomeKind {
  const stat = readUnlessAbsent(() => lstatSync(home), null)
  if (stat === null) return { is: 'absent' }
  if (!stat.isDirectory() && !stat.isSymbolicLink()) return { is: 'file' }
  const all = readUnlessAbsent(() => readdirSync(home), null)
  if (all === null) return { is: stat.isSymbolicLink() ? 'file' : 'absent' }
  const names = all.filter((name) => !isSystemFile(name) && !isMarkerPart(name))
  if (names.length === 0) return { is: 'empty' }
  const format = names.includes(MARKER) ? (readJsonFileSync(join(home, MARKER), markerSchema)?.format ?? null) : null
  if (format !== null && format > FORMAT) return { is: 'newer', format }
  const marked = format !== null
  const database = !names.includes(DATABASE) ? 'blank' : marked ? ownDatabase(home) : foreignDatabase(home)
  if (database === 'pylon') return { is: marked ? 'workspace' : 'unmarked' }
  if (marked) {
    const [datasets, runs] = [entryNames(join(home, 'datasets')).length, entryNames(join(home, 'runs')).length]
    return database === 'blank' && datasets + runs === 0 ? { is: 'workspace' } : { is: 'headless', datasets, runs }
  }
  return { is: 'foreign', sample: names.slice(0, 3) }
}

/** Makes the folder and its marker. What there is in an empty folder (a system's litter) stays. */
export function makeHome(home: string): void {
  makeFolders(home, PRIVATE_MODE)
  chmodSync(home, PRIVATE_MODE)
  writeMarker(home)
}

/** Marks the folder as a workspace of this format. */
export function writeMarker(home: string): void {
  const marker: z.infer<typeof markerSchema> = {
    kind: 'pylon-workspace',
    format: FORMAT,
    id: randomUUID(),
    createdBy: pylonVersion(),
  }
  writeFileAtomicSync(join(home, MARKER), `${JSON.stringify(marker)}\n`)
}

/** Why a folder cannot be opened as a workspace, with the remedy; null where it can. */
export function whyNotWorkspace(home: string, kind: HomeKind): PylonError | null {
  const refuse = (code: 'conflict' | 'unavailable' | 'bad-input', message: string): PylonError => new PylonError(code, message, home)
  switch (kind.is) {
    case 'foreign':
      return refuse(
        'conflict',
        `This folder is no Pylon workspace, and it is not empty (${kind.sample.join(', ')}): nothing in it was touched. Give a new or empty folder as --home, such as ${join(home, 'pylon-workspace')}.`,
      )
    case 'file':
      return refuse('bad-input', 'This is no folder: give a folder as --home.')
    case 'newer':
      return refuse(
        'unavailable',
        `This workspace was written by a newer Pylon (format ${kind.format}, this one knows ${FORMAT}): use that version, or another --home.`,
      )
    case 'headless':
      return refuse(
        'unavailable',
        `The database of this workspace (${DATABASE}) is missing, empty or damaged, though it has ${kind.datasets} datasets and ${kind.runs} runs. Nothing was changed. Make it anew from the folders and the daily copies: pylon doctor --repair --home ${shellWord(home)}`,
      )
    default:
      return null
  }
}

/**
 * A name of a run or dataset as the name of its folder: names come out of databases and records too, which may be anybody's.
 * @throws PylonError bad-data where it is more than one name
 */
export function safeFolderName(name: string): string {
  if (name !== '' && !/^\.{1,2}$/.test(name) && !/[/\\\0]/.test(name) && Buffer.byteLength(name) <= MAX_NAME_BYTES) return name
  throw badData(`${JSON.stringify(name.slice(0, 100))} is no name of a run or dataset: nothing was done with it.`)
}
/** what file systems take for one name */
const MAX_NAME_BYTES = 255

/** Names of the entries of a folder, without what systems leave there; none where there is no such folder. */
export function entryNames(folder: string): string[] {
  return readUnlessAbsent(() => readdirSync(folder), []).filter((name) => !isSystemFile(name))
}

/** By the file's head alone, as opening it may write. */
function ownDatabase(home: string): ReturnType<typeof kindOfDatabase> {
  const path = join(home, DATABASE)
  if (!statSync(path).isFile()) return 'other'
  const head = Buffer.alloc(HEAD_BYTES)
  const handle = openSync(path, 'r')
  try {
    // SQLite ignores the log beside an empty file: what is in it belonged to another
    if (readSync(handle, head) < HEAD_BYTES) return statSync(path).size === 0 ? 'blank' : 'other'
  } finally {
    closeSync(handle)
  }
  if (head.toString('latin1', 0, 16) !== 'SQLite format 3\0') return 'other'
  // the log may hold what was not folded in yet
  const logged = readUnlessAbsent(() => statSync(`${path}-wal`).size, 0) > 0
  return head.readUInt32BE(USER_VERSION_AT) === 0 && !logged ? 'blank' : 'pylon'
}
/** Of SQLite's file format, section 1.3: the header and where it holds `user_version`, which our migrations count up from 0. */
const HEAD_BYTES = 100
const USER_VERSION_AT = 60

/** Looks into a copy, as SQLite may write beside a database even to read it. */
function foreignDatabase(home: string): ReturnType<typeof kindOfDatabase> {
  const stat = lstatSync(join(home, DATABASE))
  if (!stat.isFile()) return 'other'
  const folder = mkdtempSync(join(tmpdir(), 'pylon-look-'))
  try {
    copyDatabase(home, folder)
    return kindOfDatabase(join(folder, DATABASE))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Copies a database and what SQLite keeps beside it. */
export function copyDatabase(home: string, folder: string): void {
  for (const name of [DATABASE, `${DATABASE}-wal`]) readUnlessAbsent(() => copyFileSync(join(home, name), join(folder, name)), undefined)
}
