/**
 * The tables at a path, for whoever imports, looks or shows: a file, the tables, sheets or entries in it (`FILE#NAME`), the parts of one
 * table in a folder (`part-00000…`, Spark, Hive, the Hugging Face hub) as that folder or a glob, and the tables of a folder.
 */
import { existsSync, globSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { badData, badInput, notFound } from '../../contract/errors.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import { isWithin, splitTable, type PathGuard } from '../files/path-guard.ts'
import type { SourceContext } from './relation.ts'
import { unpackSource } from './sources.ts'
import { sqliteTables } from './sqlite.ts'

const MAX_PARTS = 20_000
const NO_TABLE =
  /^(readme|licen[cs]e|changelog|copying|notice|provenance|checksums?)\b|\.(md|pdf|png|jpe?g|gif|svg|html?|py|ipynb|sh|pl|docx?|crc|log|ya?ml|toml|ini|cfg)$/i
const PARTITION = /^[^=]+=/

/** Hears of files that are left out, and why: `warning` where they may have been meant. */
export type Leave = (name: string, why: string, level: 'info' | 'warning') => void

/** Whether a path is a pattern: `*`, `?`, `[…]` or `{…}` in the name of nothing that exists. */
export const isGlob = (path: string): boolean => /[*?{[]/.test(path) && !existsSync(splitTable(path)[0])

/** Whether a path stands for the parts of one table. */
export const isParts = (path: string): boolean => isGlob(path) || (existsSync(path) && statSync(path).isDirectory())

/** The tables at a path. @throws PylonError not-found, bad-input for a folder without any, bad-data */
export async function* tablesAt(path: string, context: SourceContext, leave: Leave): Stage<string[]> {
  if (isGlob(path)) return [path]
  const [file, member] = splitTable(path)
  if (!existsSync(file)) throw notFound('There is no such file or folder.', path)
  if (!statSync(file).isDirectory()) return member === undefined ? yield* membersOf(file, context) : [path]
  const tables = folderTables(file, context.guard, leave)
  if (tables.length === 0) throw badInput(`There is no file in this folder that can be a table. ${elsewhere(file)}`, path)
  const found: string[] = []
  for (const table of tables) {
    try {
      found.push(...(isParts(table) ? [table] : yield* membersOf(table, context)))
    } catch (error) {
      if (tables.length === 1) throw error
      leave(table.slice(file.length + 1), `This file is not used: ${(error as Error).message}`, 'warning')
    }
  }
  return found
}

/** What to choose instead of a folder without tables: the folders in it. */
function elsewhere(folder: string): string {
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory() && !/^[._]/.test(entry.name))
  if (folders.length === 0) return 'Choose another.'
  const names = folders.map(({ name }) => `"${name}"`).sort()
  return `It holds the folders ${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}: choose one of them.`
}

/** The tables in a file: itself, unless it holds several. */
async function* membersOf(path: string, context: SourceContext): Stage<string[]> {
  const { containerOf } = await import('./containers/kinds.ts')
  if (statSync(path).size > 0 && containerOf(path) === 'zip') {
    const { tablesInZip, withZip } = await import('./containers/zip.ts')
    const entries = await withZip(path, path, async (zip) => (zip.entries.has('xl/workbook.xml') ? null : tablesInZip(zip)))
    if (entries !== null && entries.length > 1) return entries.map((entry) => `${path}#${entry}`)
  }
  const { plain } = yield* unpackSource(path, context)
  const named =
    plain.content === 'sqlite'
      ? sqliteTables(plain.path)
      : plain.content === 'xlsx'
        ? await (await import('./containers/xlsx.ts')).sheetsOf(plain.path, path)
        : []
  return named.length <= 1 && plain.content !== 'sqlite' ? [path] : named.map((name) => `${path}#${name}`)
}

/** Files and folders of parts in a folder; of a folder that holds nothing but another, those of that one. */
function folderTables(folder: string, guard: PathGuard, leave: Leave): string[] {
  refuseTableFormats(folder)
  const entries = readdirSync(folder).filter((name) => !/^[._]/.test(name) && !NO_TABLE.test(name))
  const reached = entries.filter((name) => {
    const reaches = guard.reaches(join(folder, name)) && existsSync(join(folder, name))
    if (!reaches) leave(name, 'This file is not used: it is a link that leads nowhere, or out of the folders that may be read.', 'warning')
    return reaches
  })
  const files = reached.filter((name) => statSync(join(folder, name)).isFile()).sort()
  const folders = reached.filter((name) => statSync(join(folder, name)).isDirectory()).sort()
  if (folders.length > 0 && folders.every((name) => PARTITION.test(name))) return [folder]
  if (files.length === 0 && folders.length === 1 && !holdsParts(join(folder, folders[0]!)))
    return folderTables(join(folder, folders[0]!), guard, leave)
  const groups = groupParts(files)
  if (folders.length === 0 && groups.length === 1 && groups[0]!.length > 1) return [folder]
  for (const name of folders)
    if (!holdsParts(join(folder, name))) leave(name, 'This folder is not used: its files are not the parts of one table.', 'warning')
  return [
    ...groups.map((names) => (names.length === 1 ? join(folder, names[0]!) : globOf(names.map((name) => join(folder, name))))),
    ...folders.map((name) => join(folder, name)).filter(holdsParts),
  ].sort()
}

/** Whether all that a folder holds is the parts of one table. */
function holdsParts(folder: string): boolean {
  const names = readdirSync(folder).filter((name) => !/^[._]/.test(name) && !NO_TABLE.test(name))
  const isFolder = (name: string): boolean => statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory() === true
  const folders = names.filter(isFolder)
  if (folders.length > 0) return folders.length === names.length && folders.every((name) => PARTITION.test(name))
  const groups = groupParts(names)
  return groups.length === 1 && partPattern(names[0]!) !== null
}

const MONTH = /(?<![a-z])(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*(?![a-z])/gi
const NUMBERED = /^(part|chunk|shard|split|batch|data|file)?[-_. ]?#|(part|chunk|shard|split|batch)[-_. ]?#|#-of-#|[-_. ]#(?=\.[a-z]|$)|^#/i

/** The name of a part without its number, date or hash; null for a name that is not one of a row. */
export function partPattern(name: string): string | null {
  const pattern = name
    .replace(/\.(gz|gzip|zst|zstd|bz2)$/i, '')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '#')
    .replace(/(?<![a-z0-9])(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{12,}(?![a-z0-9])/gi, '#')
    .replace(/\d+/g, '#')
    .replace(MONTH, '#')
    .replace(/#([-_. ]?#)+(?!-of)/g, '#')
  return NUMBERED.test(pattern) ? pattern : null
}

/** Names in groups of one table each, in the order of names. */
function groupParts(names: readonly string[]): string[][] {
  const groups = new Map<string, string[]>()
  for (const name of names) {
    const key = partPattern(name) ?? name
    groups.set(key, [...(groups.get(key) ?? []), name])
  }
  return [...groups.values()]
}

const escaped = (text: string): string => text.replace(/[*?[\]{}()]/g, '[$&]')

/** A pattern that stands for exactly these files. */
export function globOf(paths: readonly string[]): string {
  let folder = dirname(paths[0]!)
  while (!paths.every((path) => isWithin(path, folder))) folder = dirname(folder)
  const names = paths.map((path) => escaped(relative(folder, path)).replaceAll(',', '?'))
  return join(escaped(folder), `{${names.join(',')}}`)
}

/** A table of files and the columns that their folders say. */
export interface Part {
  readonly path: string
  /** `day=1` of a Hive partition; null: its default partition */
  readonly partitions: Readonly<Record<string, string | null>>
}

/** The files that a folder or pattern stands for, in order of their paths. @throws PylonError not-found, bad-input, bad-data */
export function partsOf(path: string, guard: PathGuard): Part[] {
  const glob = isGlob(path)
  const files = glob ? globSync(path).flatMap((found) => (statSync(found).isDirectory() ? filesBelow(found) : [found])) : filesBelow(path)
  const reached = files.filter((file) => guard.reaches(file) && statSync(file).isFile()).sort()
  if (reached.length === 0)
    throw notFound(glob ? 'No file fits this pattern.' : 'There is no file in this folder that can be a table.', path)
  if (reached.length > MAX_PARTS) throw badInput(`These are ${reached.length} files; at most ${MAX_PARTS} are read as one table.`, path)
  const root = glob ? '' : path
  return reached.map((file) => ({ path: file, partitions: partitionsOf(isWithin(file, root) ? file.slice(root.length) : file) }))
}

function filesBelow(folder: string): string[] {
  refuseTableFormats(folder)
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !/^[._]/.test(name) && !NO_TABLE.test(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? filesBelow(path) : [path]
    })
}

function partitionsOf(path: string): Record<string, string | null> {
  const folders = path.split(sep).slice(0, -1)
  return Object.fromEntries(
    folders.flatMap((folder) => {
      const at = folder.indexOf('=')
      if (at <= 0) return []
      const value = decoded(folder.slice(at + 1))
      return [[decoded(folder.slice(0, at)), value === '__HIVE_DEFAULT_PARTITION__' ? null : value] as const]
    }),
  )
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Formats of which not every file counts: reading all of them would bring back rows that were deleted. */
function refuseTableFormats(folder: string): void {
  const found = existsSync(join(folder, '_delta_log'))
    ? 'a Delta Lake table'
    : existsSync(join(folder, '.hoodie'))
      ? 'a Hudi table'
      : existsSync(join(folder, 'metadata', 'version-hint.text'))
        ? 'an Iceberg table'
        : null
  if (found !== null)
    throw badData(`This is ${found}, in which not every file counts, and Pylon does not read it. Write what it holds as Parquet.`, folder)
}
