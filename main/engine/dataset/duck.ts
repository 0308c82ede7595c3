/**
 * The only importer of DuckDB: an in-memory database of one import, or a shared one that reads the Parquet files of datasets.
 * Values cross into JavaScript as typed arrays, chunk by chunk; only small results (counts, samples, a page of rows) become objects.
 * Row order is never relied on across a join: a row's number travels with it.
 */
import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { DOUBLE, DuckDBDataChunk, DuckDBInstance, FLOAT, INTEGER, UTINYINT, VARCHAR, type DuckDBConnection } from '@duckdb/node-api'
import { badInput } from '../../contract/errors.ts'
import type { Stage } from '../../contract/shapes/progress.ts'

export interface DuckOptions {
  readonly threads: number
  /** such as `1GB`; what does not fit is spilled into a folder of its own in `spillIn` */
  readonly memoryLimit: string
  readonly spillIn: string
}

/** A value of a small result: integers as numbers, lists as arrays. */
export type DuckCell = string | number | boolean | null | DuckCell[]
export type DuckRow = Readonly<Record<string, DuckCell>>

/** Columns of numbers that go into a table as they are. */
const NUMBERS = { INTEGER, UTINYINT, DOUBLE, FLOAT } as const
export type ColumnType = keyof typeof NUMBERS
export type NumberColumn = Int32Array | Uint8Array | Float64Array | Float32Array
/** Rows that a chunk holds. */
const CHUNK = 2048

/** One database, a connection to it for statements, and one for each stream under way. Close it. */
export class Duck {
  private readonly connection: DuckDBConnection
  private readonly instance: DuckDBInstance
  private readonly spill: string
  /** for streams that are not under way: a stream has a connection to itself, as the next statement on it would end it unread */
  private readonly idle: DuckDBConnection[] = []

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, spill: string) {
    this.instance = instance
    this.connection = connection
    this.spill = spill
  }

  static async open(options: DuckOptions): Promise<Duck> {
    // a name that nobody else has: the folder is removed in the end, with all that is in it
    const spill = join(options.spillIn, `pylon-spill-${randomUUID()}`)
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(options.threads),
      memory_limit: options.memoryLimit,
      temp_directory: spill,
      autoinstall_known_extensions: 'false', // nothing is fetched because of how a file is called
      enable_external_file_cache: 'false', // a file that is replaced within a second would be read as the one before
    })
    return new Duck(instance, await connect(instance), spill)
  }

  /** Releases the memory and removes what was spilled. */
  async close(): Promise<void> {
    for (const connection of [this.connection, ...this.idle]) connection.closeSync()
    this.instance.closeSync()
    await rm(this.spill, { recursive: true, force: true })
  }

  async run(sql: string): Promise<void> {
    await this.connection.run(sql)
  }

  /** All rows of a small result. */
  async rows(sql: string): Promise<DuckRow[]> {
    const reader = await this.connection.runAndReadAll(sql)
    return reader.getRowObjectsJS().map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])))
  }

  /** Rows of what stands behind a FROM. */
  async count(from: string): Promise<number> {
    return Number((await this.one(`SELECT count(*) AS n FROM ${from}`))['n'])
  }

  /** The one row of an aggregate. */
  async one(sql: string): Promise<DuckRow> {
    return (await this.rows(sql))[0] ?? {}
  }

  /** Names and types of the columns that a query gives. */
  async describe(sql: string): Promise<{ name: string; type: string }[]> {
    return (await this.rows(`DESCRIBE ${sql}`)).map((row) => ({ name: String(row['column_name']), type: String(row['column_type']) }))
  }

  /** Runs a long statement and yields how far it is, about every 150 ms; interrupts it when the consumer stops. */
  async *work(stage: string, sql: string): Stage {
    const running = this.connection.run(sql)
    const ended = running.then(
      () => true,
      () => true,
    )
    try {
      while (!(await Promise.race([ended, tick(150)]))) {
        yield { stage, done: Math.max(0, Math.floor(this.connection.progress.percentage)), total: 100, unit: '%' }
      }
    } finally {
      // an interrupt that comes before the statement has started is lost, so it is repeated; after its end it does nothing
      while (!(await Promise.race([ended, tick(20)]))) this.connection.interrupt()
    }
    await running
  }

  /** The chunks of a query, at most 2048 rows each, in no particular order where the query joins or groups. Several may be under way. */
  async *chunks(sql: string): AsyncGenerator<DuckDBDataChunk, void> {
    const connection = this.idle.pop() ?? (await connect(this.instance))
    try {
      const result = await connection.stream(sql)
      for (;;) {
        const chunk = await result.fetchChunk()
        if (chunk === null || chunk.rowCount === 0) return
        yield chunk
      }
    } finally {
      this.idle.push(connection)
    }
  }

  /** Appends columns of numbers, all of one length, in the order of the table's. */
  async appendNumbers(table: string, types: readonly ColumnType[], columns: readonly NumberColumn[]): Promise<void> {
    const appender = await this.connection.createAppender(table)
    const length = columns[0]?.length ?? 0
    for (let from = 0; from < length; from += CHUNK) {
      const chunk = DuckDBDataChunk.create(types.map((type) => NUMBERS[type]))
      chunk.rowCount = Math.min(CHUNK, length - from)
      for (const [i, values] of columns.entries()) chunk.setColumnValues(i, [...values.subarray(from, from + chunk.rowCount)])
      appender.appendDataChunk(chunk)
    }
    appender.closeSync()
  }

  /** Appends pages of at most 2048 rows to a table of text columns, each page a list a column. Close it, which makes the rows seen. */
  async appender(table: string, columns: number): Promise<{ append(page: readonly (readonly (string | null)[])[]): void; close(): void }> {
    const appender = await this.connection.createAppender(table)
    const chunk = DuckDBDataChunk.create(Array.from({ length: columns }, () => VARCHAR))
    return {
      append(page) {
        chunk.reset()
        chunk.rowCount = page[0]?.length ?? 0
        chunk.setColumns(page)
        appender.appendDataChunk(chunk)
      },
      close() {
        appender.closeSync()
      },
    }
  }
}

/** DuckDB at work, for `doctor`: sums a few rows. @throws where the addon does not load or counts wrongly */
export async function duckdbSelfTest(): Promise<string> {
  const duck = await Duck.open({ threads: 1, memoryLimit: '100MB', spillIn: tmpdir() })
  try {
    const { version, sum } = await duck.one('SELECT version() AS version, sum(i)::INTEGER AS sum FROM range(1, 4) t(i)')
    if (sum !== 6) throw new Error(`1 + 2 + 3 gave ${String(sum)}`)
    return `DuckDB ${String(version)}`
  } finally {
    await duck.close()
  }
}

/** UTC: a time without an offset means the same on every machine. The silent progress bar is what `connection.progress` reads. */
async function connect(instance: DuckDBInstance): Promise<DuckDBConnection> {
  const connection = await instance.connect()
  for (const setting of [`TimeZone = 'UTC'`, 'enable_progress_bar = true', 'enable_progress_bar_print = false', 'progress_bar_time = 0']) {
    await connection.run(`SET ${setting}`)
  }
  return connection
}

/** The values of a chunk's fixed-width column, without a copy: valid until the next chunk is fetched, and blind to NULLs. */
export function fixedWidthValues(chunk: DuckDBDataChunk, column: number): ArrayLike<number> & Iterable<number> {
  const vector = chunk.getColumnVector(column) as unknown as { readonly items: Int32Array | Float32Array | Float64Array | Uint8Array }
  return vector.items.subarray(0, chunk.rowCount)
}

/** A text literal. */
export function sqlText(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

/**
 * The argument of a reader (`read_csv` and its siblings) for exactly this file: DuckDB takes `[`, `*` and `?` of a path for a pattern
 * unless each stands in brackets.
 * @throws PylonError bad-input for a name with one of them and, where it is no separator, a backslash: DuckDB cannot say that
 */
export function sqlFile(path: string): string {
  if (sep !== '\\' && path.includes('\\') && /[[*?]/.test(path))
    throw badInput('A path with a backslash and one of [ * ? cannot be read: rename it.', path)
  return sqlText(path.replace(/[[*?]/g, '[$&]'))
}

/** What every reader is told: columns are those in the file, none come from folders called `year=2024`. */
export const NO_HIVE_PARTITIONS = 'hive_partitioning = false'

/** An identifier. */
export function sqlName(value: string): string {
  return `"${value.replaceAll('"', '""')}"`
}

function plain(value: unknown): DuckCell {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(plain)
  if (value === null || value === undefined) return null
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  throw new TypeError('A value of this type is cast in SQL before it is read.')
}

function tick(milliseconds: number): Promise<false> {
  return new Promise((done) => setTimeout(done, milliseconds, false))
}

/** A column's values as text: structures and lists as JSON. */
export function textSql(column: string, type: string): string {
  if (type === 'VARCHAR') return sqlName(column)
  if (type === 'JSON') return `json_extract_string(${sqlName(column)}, '$')`
  return /^(STRUCT|MAP|UNION)|\]$/.test(type) ? `CAST(to_json(${sqlName(column)}) AS VARCHAR)` : `CAST(${sqlName(column)} AS VARCHAR)`
}

export const isFloating = (type: string): boolean => /^(DOUBLE|FLOAT|REAL|DECIMAL(\(\d+,0*[1-9]\d*\))?)$/.test(type)

/** The same with whole floating numbers as their digits: 1.0 is 1. */
export function digitsSql(column: string, type: string): string {
  const [name, text] = [sqlName(column), textSql(column, type)]
  if (!isFloating(type)) return text
  const whole = `isfinite(CAST(${name} AS DOUBLE)) AND ${name} = floor(${name})`
  return `CASE WHEN ${whole} THEN coalesce(CAST(TRY_CAST(${name} AS HUGEINT) AS VARCHAR), ${text}) ELSE ${text} END`
}
