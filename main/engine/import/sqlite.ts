/**
 * A table of an SQLite file, copied into DuckDB in pages. DuckDB's own SQLite extension is a download and so cannot be relied on;
 * Node's built-in reader is used, and every value arrives as text, so that kinds are guessed as for CSV. A column that holds blobs is left out with a word.
 */
import { statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { basename } from 'node:path'
import { badData, badInput } from '../../contract/errors.ts'
import { didYouMean } from '../../contract/did-you-mean.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import { sqlName, type Duck } from '../dataset/duck.ts'
import { headOf } from './containers/kinds.ts'
import { uniqueNames } from './dialect.ts'

const PAGE = 2048

export interface CopiedTable {
  readonly table: string
  /** goes behind FROM */
  readonly from: string
  /** columns without a text: numbers by their digits */
  readonly numbers: readonly string[]
  /** columns that were left out, and why */
  readonly notes: readonly string[]
}

/** Copies `path`'s table (its only one where none is named) into DuckDB's table `into`. Rows keep rowid order. */
export async function* copySqlite(duck: Duck, path: string, shown: string, table: string | undefined, into: string): Stage<CopiedTable> {
  const database = openReadOnly(path)
  try {
    const from = tableOf(database, shown, table)
    const select = database.prepare(`SELECT * FROM ${sqlName(from)}`)
    select.setReadBigInts(true)
    select.setReturnArrays(true)
    const columns = uniqueNames(select.columns().map((c) => c.name))
    await duck.run(`CREATE TABLE ${sqlName(into)} (${columns.map((c) => `${sqlName(c)} VARCHAR`).join(', ')})`)
    const appender = await duck.appender(into, columns.length)
    let page: (string | null)[][] = columns.map(() => [])
    const blobs = columns.map(() => 0)
    const texts = columns.map(() => 0)
    let done = 0
    const flush = (): void => {
      appender.append(page)
      done += page[0]!.length
      page = columns.map(() => [])
    }
    try {
      for (const row of select.iterate() as unknown as Iterable<unknown[]>) {
        row.forEach((value, k) => {
          if (value instanceof Uint8Array) blobs[k]!++
          else if (typeof value === 'string') texts[k]!++
          page[k]!.push(asText(value))
        })
        if (page[0]!.length < PAGE) continue
        flush()
        if (done % (PAGE * 32) === 0) yield { stage: `read ${from}`, done, total: null, unit: 'rows' }
      }
      if (page[0]!.length > 0) flush()
    } finally {
      appender.close()
    }
    const kept = columns.filter((_, k) => blobs[k] === 0)
    if (kept.length === 0) throw badData('Every column of this table holds blobs.', `${shown}#${from}`)
    return {
      table: from,
      from: `(SELECT ${kept.map(sqlName).join(', ')} FROM ${sqlName(into)})`,
      numbers: columns.filter((_, k) => texts[k] === 0),
      notes: columns.flatMap((name, k) =>
        blobs[k] === 0
          ? []
          : [`${basename(shown)}#${from}: the column "${name}" holds blobs (in ${blobs[k]} of ${done} rows): it is left out`],
      ),
    }
  } catch (error) {
    throw explained(error, shown)
  } finally {
    database.close()
  }
}

/** Whether pages are missing at the end of a file: SQLite reads zeros there, and cells that end early. */
function isCutOff(path: string): boolean {
  const head = headOf(path, 100)
  if (head.length < 100) return true
  const size = statSync(path).size
  // one stands for 65,536, which is no number of 16 bits
  const page = head.readUInt16BE(16) === 1 ? 65_536 : head.readUInt16BE(16)
  // the number of pages is that of the last change where both counts of changes agree
  const pages = head.readUInt32BE(24) === head.readUInt32BE(92) ? head.readUInt32BE(28) : 0
  return page === 0 || size % page !== 0 || size < pages * page
}

/** A file from elsewhere, never written to. @throws PylonError bad-data where it is none of SQLite's, or cut off */
export function openReadOnly(path: string): DatabaseSync {
  if (isCutOff(path)) throw badData('This SQLite file is cut off: its last pages are missing. Copy it again.', path)
  try {
    const database = new DatabaseSync(path, { readOnly: true })
    // a view of a file from elsewhere calls no function that touches more than its tables
    database.exec('PRAGMA trusted_schema = OFF')
    database.prepare('SELECT count(*) FROM sqlite_master').get()
    return database
  } catch (error) {
    throw badData('This is no SQLite database, or it is damaged.', path, { cause: error })
  }
}

/** An error of SQLite, met while it reads: a page that is damaged, a view of what is not there. */
export function explained(error: unknown, shown: string): unknown {
  if (!(error instanceof Error) || !('errcode' in error)) return error
  return badData(`SQLite cannot read this file (${error.message}). Restore it, or write the table as CSV or Parquet.`, shown, {
    cause: error,
  })
}

/** The tables and views of a file. @throws PylonError bad-data for what is no SQLite file */
export function sqliteTables(path: string): string[] {
  const database = openReadOnly(path)
  try {
    return tablesIn(database)
  } catch (error) {
    throw explained(error, path)
  } finally {
    database.close()
  }
}

function tablesIn(database: DatabaseSync): string[] {
  const rows = database
    .prepare(`SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name`)
    .all()
  return rows.map((row) => String(row['name']))
}

function tableOf(database: DatabaseSync, path: string, wanted: string | undefined): string {
  const tables = tablesIn(database)
  const found =
    wanted === undefined ? (tables.length === 1 ? tables[0] : undefined) : tables.find((t) => t.toLowerCase() === wanted.toLowerCase())
  if (found !== undefined) return found
  const what =
    wanted === undefined ? `Say which table, as FILE#TABLE` : `There is no table "${wanted}"; ${didYouMean(wanted, tables)}`.trimEnd()
  throw badInput(`${what.replace(/;$/, '')}; the tables are ${tables.join(', ') || 'none'}.`, path)
}

/** A blob is no text: its column is left out. */
function asText(value: unknown): string | null {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : null
}
