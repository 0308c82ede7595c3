/**
 * The only importer of better-sqlite3: opens the workspace's database, brings its schema up to date and keeps prepared statements.
 * WAL with synchronous FULL: what was acknowledged survives a power cut. Several engines may share one file: writers wait for each
 * other up to the busy timeout, and everything that reads before it writes runs in an immediate transaction.
 */
import Sqlite, { type Statement } from 'better-sqlite3'
import { PylonError } from '../../contract/errors.ts'
import { migrations } from './migrations.ts'

const BUSY_TIMEOUT_MS = 15_000

/** What may be bound to a parameter. */
export type Value = string | number | null | Uint8Array

export class Database {
  readonly #sqlite: Sqlite
  readonly #statements = new Map<string, Statement<unknown>>()
  readonly #raw = new Map<string, Statement<unknown>>()

  /** @throws PylonError unavailable where the file was written by a newer Pylon, is no database, or cannot be opened */
  constructor(path: string, steps: readonly string[] = migrations) {
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
    } catch (error) {
      this.#sqlite.close()
      throw error instanceof PylonError ? error : unusable(path, error)
    }
  }

  /** Runs a writing statement. @returns the number of changed rows */
  run(sql: string, ...values: Value[]): number {
    return this.#statement(sql).run(...values).changes
  }

  /** The first row, or undefined. */
  get<Row>(sql: string, ...values: Value[]): Row | undefined {
    return this.#statement(sql).get(...values) as Row | undefined
  }

  all<Row>(sql: string, ...values: Value[]): Row[] {
    return this.#statement(sql).all(...values) as Row[]
  }

  /** As {@link all}, a row an array of its columns: for many rows. */
  raw<Row extends readonly unknown[]>(sql: string, ...values: Value[]): Row[] {
    let statement = this.#raw.get(sql)
    if (statement === undefined) this.#raw.set(sql, (statement = this.#sqlite.prepare(sql).raw()))
    return statement.all(...values) as Row[]
  }

  /** All or nothing, with the write lock from the start; inside another one it joins it. */
  transaction<R>(body: () => R): R {
    return this.#sqlite.inTransaction ? body() : this.#sqlite.transaction(body).immediate()
  }

  close(): void {
    this.#statements.clear()
    this.#raw.clear()
    this.#sqlite.close()
  }

  #statement(sql: string): Statement<unknown> {
    let statement = this.#statements.get(sql)
    if (statement === undefined) this.#statements.set(sql, (statement = this.#sqlite.prepare(sql)))
    return statement
  }
}

function migrate(sqlite: Sqlite, path: string, steps: readonly string[]): void {
  const version = (): number => sqlite.pragma('user_version', { simple: true }) as number
  if (version() === steps.length) return
  sqlite
    .transaction(() => {
      const from = version() // again: another engine may have been first
      if (from > steps.length) {
        throw new PylonError(
          'unavailable',
          `${path} was written by a newer Pylon (schema ${from}, this one knows ${steps.length}): use that version, or another --home.`,
        )
      }
      for (const step of steps.slice(from)) sqlite.exec(step)
      const broken = sqlite.pragma('foreign_key_check') as readonly unknown[]
      if (broken.length > 0) throw new Error(`${broken.length} rows would refer to rows that are not there`)
      sqlite.pragma(`user_version = ${steps.length}`)
    })
    .immediate()
}

function unusable(path: string, error: unknown): PylonError {
  const reason = error instanceof Error ? error.message : String(error)
  return new PylonError(
    'unavailable',
    `${path} cannot be opened as a database (${reason}): check the folder's permissions and disk, or give another --home.`,
    undefined,
    { cause: error },
  )
}

/** SQLite at work: the version, after a round trip through a table in memory. For `doctor`. */
export function probe(): string {
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
