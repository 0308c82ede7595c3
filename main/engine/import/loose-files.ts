/** Files that nobody named one by one: those of a folder in no known layout, and the tables of an SQLite file. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { badInput, notFound } from '../../contract/errors.ts'
import type { InspectInput } from '../../contract/verbs.ts'
import type { PathGuard } from '../files/path-guard.ts'
import { layoutFromNames } from './known-layouts.ts'
import { readerOf } from './sources.ts'
import { sqliteTables } from './sqlite.ts'

const DATA_FILE = /\.(csv|tsv|tab|txt|dat|data|parquet|pq|jsonl|ndjson|json|sqlite|sqlite3|db)(\.gz)?$/i

/**
 * The data files of a folder, or an SQLite file, whose tables are told apart; null where the import itself knows what to do. `leave` hears
 * of files that are left out.
 * @throws PylonError bad-input for a folder without any
 */
export function looseFiles({ path, format }: InspectInput, guard: PathGuard, leave: (name: string, why: string) => void): string[] | null {
  if (path === undefined || format !== 'auto' || !existsSync(path)) return null
  if (!statSync(path).isDirectory()) return readerOf(path) === 'sqlite' ? [path] : null
  const names = readdirSync(path)
  if (layoutFromNames(names) !== null) return null
  const files = names.filter((name) => DATA_FILE.test(name)).sort()
  const outside = files.filter((name) => !guard.reaches(join(path, name)))
  for (const name of outside) leave(name, 'This file is not used: it is a link that leads nowhere, or out of the folders that may be read.')
  const found = files.filter((name) => !outside.includes(name) && statSync(join(path, name), { throwIfNoEntry: false })?.isFile())
  if (found.length === 0) throw badInput('There is no CSV, TSV, Parquet, JSON Lines or SQLite file in this folder. Choose another.', path)
  return found.map((name) => join(path, name))
}

/** An SQLite file as its tables. */
export function tablesOf(path: string): string[] {
  if (!existsSync(path)) throw notFound('There is no such file.', path)
  if (readerOf(path) !== 'sqlite') return [path]
  const tables = sqliteTables(path)
  return tables.map((table) => `${path}#${table}`)
}
