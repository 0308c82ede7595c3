/**
 * The only importer of better-sqlite3: opens the workspace's database, brings its schema up to date and keeps prepared statements.
 * WAL with synchronous FULL: what was acknowledged survives a power cut. Several engines may share one file: writers wait for each
 * other up to the busy timeout, and everything that reads before it writes runs in an immediate transaction.
 */
import { existsSync, statSync } from 'node:fs'
import Sqlite, { type Statement } from 'better-sqlite3'
import { PylonError, systemFailure, unavailable } from '../../contract/errors.ts'
import { errorCode } from '../files/error-code.ts'
import { damagedCell } from './json-cell.ts'
import { type MigrationStep, migrations } from './migrations.ts'
import type { Tables, SqlValue } from './tables.ts'

const BUSY_TIMEOUT_MS = 15_000

/** What a workspace's database has had since version 0.1.0. */
const FIRST_TABLES = ['datasets', 'runs', 'protocols', 'metrics'] as const

export class Database {
  readonly #sqlite: Sqlite
  readonly #statements = new Map<string, Statement<unknown>>()
  readonly #raw = new Map<string, Statement<unknown>>()

  /** whether no statement may change it */
  readonly viewed: boolean
  readonly #path: string

  /**
   * `viewed`: the file is a copy that is brought up to date, and then no statement may change it.
   * @throws PylonError unavailable where the file was written by a newer Pylon, is no database, or cannot be opened; the system's error
   * where the disk is full or the file may not be written
   */
  constructor(path: string, { steps = migrations, viewed = false }: { steps?: readonly MigrationStep[]; viewed?: boolean } = {}) {
    this.#path = path
    this.viewed = viewed
    try {
      this.#sqlite = new Sqlite(path, { timeout: BUSY_TIMEOUT_MS })
    } catch (error) {
      throw unusable(path, error)
    }
    try {
      this.#sqlite.pragma('journal_mode = WAL')
      this.#sqlite.pragma('synchronous = FULL')
      this.#sqlite.pragma('foreign_keys = OFF') // a table that is made anew must not take along what hangs on it
      migrate(this.#sqlite, path, steps)
      this.#sqlite.pragma('foreign_keys = ON')
      if (viewed) this.#sqlite.pragma('query_only = ON')
    } catch (error) {
      this.#sqlite.close()
      throw error instanceof PylonError ? error : unusable(path, error)
    }
  }

  /** Runs a writing statement. @returns the number of changed rows */
  run(sql: string, ...values: SqlValue[]): number {
    return this.#located(() => this.#statement(sql).run(...values).changes)
  }

  /** Inserts a row, by column. `or`: what becomes of one that is there with the same key; it also goes for what triggers insert. */
  insert(table: string, row: Readonly<Record<string, SqlValue>>, or?: 'REPLACE' | 'IGNORE'): void {
    const columns = Object.keys(row)
    this.run(
      `INSERT ${or === undefined ? '' : `OR ${or} `}INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
      ...columns.map((name) => row[name]!),
    )
  }

  /** The first row, or undefined. */
  get<Row>(sql: string, ...values: SqlValue[]): Row | undefined {
    return this.#located(() => this.#statement(sql).get(...values)) as Row | undefined
  }

  all<Row>(sql: string, ...values: SqlValue[]): Row[] {
    return this.#located(() => this.#statement(sql).all(...values)) as Row[]
  }

  /** As {@link all}, a row an array of its columns: for many rows. */
  raw<Row extends readonly unknown[]>(sql: string, ...values: SqlValue[]): Row[] {
    let statement = this.#raw.get(sql)
    if (statement === undefined) this.#raw.set(sql, (statement = this.#sqlite.prepare(sql).raw()))
    const prepared = statement
    return this.#located(() => prepared.all(...values)) as Row[]
  }

  /** Runs `body`; where the disk is full, once more with a log that starts over, so that it writes where old pages lay. */
  overLog<R>(body: () => R): R {
    try {
      return body()
    } catch (error) {
      if (!errorCode(error).startsWith('SQLITE_FULL')) throw error
      this.#sqlite.pragma('wal_checkpoint(RESTART)')
      return body()
    }
  }

  /** All or nothing, with the write lock from the start; inside another one it joins it. */
  transaction<R>(body: () => R): R {
    return this.#sqlite.inTransaction ? body() : this.#located(() => this.#sqlite.transaction(body).immediate())
  }

  /** Writes a compact copy of all that is committed to a file that does not exist yet; others may write meanwhile. */
  copyTo(path: string): void {
    this.#located(() => this.#sqlite.prepare('VACUUM INTO ?').run(path))
  }

  /** Changes whenever another connection has committed something; reading it reads no page. */
  dataVersion(): number {
    return this.#located(() => this.#sqlite.pragma('data_version', { simple: true })) as number
  }

  close(): void {
    this.#statements.clear()
    this.#raw.clear()
    this.#sqlite.close()
  }

  /** An error of SQLite does not say which file it speaks of. */
  #located<R>(body: () => R): R {
    try {
      return body()
    } catch (error) {
      if (error instanceof Error && errorCode(error).startsWith('SQLITE_')) {
        // SQLite's own reading of JSON does not say of which cell
        if (error.message === 'malformed JSON') throw damagedCell('metrics or settings of a run', error)
        Object.assign(error, { path: this.#path })
      }
      throw error
    }
  }

  #statement(sql: string): Statement<unknown> {
    let statement = this.#statements.get(sql)
    if (statement === undefined) this.#statements.set(sql, (statement = this.#sqlite.prepare(sql)))
    return statement
  }
}

function migrate(sqlite: Sqlite, path: string, steps: readonly MigrationStep[]): void {
  const version = (): number => sqlite.pragma('user_version', { simple: true }) as number
  if (version() === steps.length) return
  sqlite
    .transaction(() => {
      const from = version() // again: another engine may have been first
      if (from > steps.length) {
        throw unavailable(
          `${path} was written by a newer Pylon (schema ${from}, this one knows ${steps.length}): use that version, or another --home.`,
        )
      }
      const tables: Tables = {
        all: <Row>(sql: string, ...values: SqlValue[]) => sqlite.prepare<Row>(sql).all(...values),
        run: (sql, ...values) => sqlite.prepare(sql).run(...values),
      }
      for (const step of steps.slice(from)) {
        if (typeof step === 'string') sqlite.exec(step)
        else step(tables)
      }
      const broken = sqlite.pragma('foreign_key_check') as readonly unknown[]
      if (broken.length > 0) throw new Error(`${broken.length} rows would refer to rows that are not there`)
      sqlite.pragma(`user_version = ${steps.length}`)
    })
    .immediate()
}

/** Whether the file is a database of Pylon's that can be read through. It may be written to for that. */
export function isWhole(path: string): boolean {
  try {
    if (!existsSync(path) || kindOfDatabase(path) !== 'pylon') return false
    const sqlite = new Sqlite(path, { fileMustExist: true, timeout: BUSY_TIMEOUT_MS })
    try {
      return sqlite.pragma('quick_check(1)', { simple: true }) === 'ok'
    } finally {
      sqlite.close()
    }
  } catch {
    return false
  }
}

/** A handle on a file that serves as a lock, see lock.ts. */
export type LockFile = Pick<Sqlite, 'exec' | 'close'>

/**
 * Opens a file as a lock; to ask about one (`asking`) it has to be there and is only read. Who takes a lock waits: it is of a name nobody
 * else takes, and those who ask about it at that moment are gone at once.
 */
export function openLock(path: string, asking: boolean): LockFile {
  const file = new Sqlite(path, { timeout: asking ? 0 : BUSY_TIMEOUT_MS, readonly: asking, fileMustExist: asking })
  if (!asking) file.pragma('journal_mode = MEMORY') // no journal beside it
  return file
}

/**
 * What a file is, read without changing it: a database of Pylon's, a database without any table, or neither.
 * @throws PylonError unavailable where it may not be read
 */
export function kindOfDatabase(path: string): 'pylon' | 'blank' | 'other' {
  try {
    if (statSync(path).size === 0) return 'blank'
    const sqlite = new Sqlite(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS })
    try {
      const names = new Set(sqlite.prepare<string>('SELECT name FROM sqlite_schema').pluck().all())
      return names.size === 0 ? 'blank' : FIRST_TABLES.every((name) => names.has(name)) ? 'pylon' : 'other'
    } finally {
      sqlite.close()
    }
  } catch (error) {
    if (['SQLITE_NOTADB', 'SQLITE_CORRUPT'].includes(errorCode(error))) return 'other'
    throw unusable(path, error)
  }
}

function unusable(path: string, error: unknown): Error {
  if (systemFailure(error) !== null && error instanceof Error) return Object.assign(error, { path })
  const reason = error instanceof Error ? error.message : String(error)
  return unavailable(
    `${path} cannot be opened as a database (${reason}): see pylon doctor; pylon doctor --repair makes it anew from the folders.`,
    undefined,
    { cause: error },
  )
}

/** SQLite at work: the version, after a round trip through a table in memory. For `doctor`. */
export function sqliteSelfTest(): string {
  const sqlite = new Sqlite(':memory:')
  try {
    const row = sqlite
      .prepare<{ version: string; sum: number }>('SELECT sqlite_version() AS version, sum(value) AS sum FROM json_each(?)')
      .get('[1,2,3]')
    if (row?.sum !== 6) throw new Error(`1 + 2 + 3 gave ${row?.sum}`)
    return `SQLite ${row.version}`
  } finally {
    sqlite.close()
  }
}

/** A database in memory that is filled with tables and then only read. */
export interface MemoryDatabase {
  fill(table: string, columns: readonly string[], rows: readonly (readonly SqlValue[])[]): void
  /** Of one statement that gives rows and changes nothing; up to `limit` of them. @throws Error saying what is wrong with it */
  select(sql: string, limit: number): { columns: string[]; rows: SqlValue[][]; more: boolean }
  close(): void
}

export function memoryDatabase(): MemoryDatabase {
  const sqlite = new Sqlite(':memory:')
  return {
    fill(table, columns, rows) {
      sqlite.exec(`CREATE TABLE ${table} (${columns.join(', ')})`)
      const insert = sqlite.prepare(`INSERT INTO ${table} VALUES (${columns.map(() => '?').join(', ')})`)
      sqlite.transaction(() => {
        for (const row of rows) insert.run(...row)
      })()
    },
    select(sql, limit) {
      sqlite.pragma('query_only = ON')
      // PRAGMA, which may give rows too, would turn that off
      if (!/^(\s|--[^\n]*(\n|$)|\/\*[\s\S]*?\*\/)*(select|with|values)\b/i.test(sql))
        throw new Error('a question begins with SELECT, WITH or VALUES')
      const statement = sqlite.prepare<SqlValue[]>(sql)
      if (!statement.reader || !statement.readonly) throw new Error('only what reads is run')
      const columns = statement.columns().map(({ name }) => name)
      const rows: SqlValue[][] = []
      for (const row of statement.raw().iterate()) {
        if (rows.length === limit) return { columns, rows, more: true }
        rows.push(row)
      }
      return { columns, rows, more: false }
    },
    close: () => sqlite.close(),
  }
}
