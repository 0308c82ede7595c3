/** A table as Parquet, SQLite or Arrow, with the types that programs give its columns; what an id becomes by its type is said here. */
import { randomUUID } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import {
  Binary,
  Bool,
  Dictionary,
  Field,
  Float64,
  Int32,
  Int64,
  List,
  TimestampMillisecond,
  Table as ArrowTable,
  tableToIPC,
  Utf8,
  vectorFromArray,
  type DataType,
  type Vector,
} from 'apache-arrow'
import { sqlName, sqlText, type Duck } from '../../../main/engine/dataset/duck.ts'
import type { Chance } from '../part.ts'
import type { Column, Table } from './cases.ts'
import type { Written } from './texts.ts'
import type { Row } from './values.ts'

export interface Writers {
  /** one connection for all files */
  readonly duck: Duck
  readonly folder: string
}

interface ToWrite {
  readonly table: Table
  readonly rows: readonly Row[]
  /** a cell is wrong: columns stay text, which can be wrong */
  readonly fault: boolean
  readonly hasZone: boolean
}

const WHOLE = /^-?(?:0|[1-9]\d{0,17})$/
const isWhole = ({ cells }: Column): boolean => cells.every((cell) => cell !== null && WHOLE.test(cell))

/** A column as it is written: its type in the words of DuckDB, and its cells as that type has them. */
interface Typed {
  readonly column: Column
  readonly type: string
  /** of the role's cells, where the type changes what they are */
  readonly value: (row: number) => Partial<Row>
}

const INTEGERS = ['BIGINT', 'INTEGER', 'HUGEINT', 'DOUBLE', 'DECIMAL(20,0)', 'DECIMAL(22,2)', 'ENUM', 'mixed'] as const

function typedColumn(column: Column, fault: boolean, chance: Chance): Typed {
  const same = { column, value: () => ({}) }
  const { role, cells, numbers } = column
  if (!fault && role === null && chance.below(2) === 0)
    return { ...same, type: chance.pick(['INTEGER[]', 'STRUCT(a VARCHAR)', 'BLOB', 'UUID']) }
  if (fault || role === null || role === 'event' || chance.below(3) === 0) return { ...same, type: 'VARCHAR' }
  if (role === 'time') {
    const type = chance.pick(['TIMESTAMP', 'TIMESTAMP_MS', 'TIMESTAMP_S', 'TIMESTAMP_NS', 'TIMESTAMPTZ', 'BIGINT', 'DOUBLE', 'DATE'])
    const step = type === 'DATE' ? 86_400_000 : type === 'TIMESTAMP_S' || type === 'BIGINT' ? 1000 : 1
    const time = (row: number): number => (Math.floor(numbers[row]! / step) * step) / 1000
    return { column: { ...column, cells: numbers.map((ms) => String(ms)) }, type, value: (row) => ({ time: time(row) }) }
  }
  if (role === 'weight') {
    const type = chance.pick(['DOUBLE', 'FLOAT', 'DECIMAL(18,6)'])
    return { column: { ...column, cells: numbers.map(String) }, type, value: (row) => ({ weight: numbers[row]! }) }
  }
  if (!isWhole(column)) return { ...same, type: 'VARCHAR' }
  const type = chance.pick(INTEGERS)
  const most = type === 'INTEGER' ? 2n ** 31n - 1n : type === 'DOUBLE' ? 2n ** 53n : 2n ** 63n - 1n
  return cells.every((cell) => BigInt(cell!) <= most && BigInt(cell!) >= -most) ? { ...same, type } : { ...same, type: 'VARCHAR' }
}

export async function writeTyped(
  format: 'parquet' | 'sqlite' | 'arrow',
  { table, rows, fault }: ToWrite,
  chance: Chance,
  writers: Writers,
): Promise<Written> {
  const columns = table.columns.map((column) => typedColumn(column, fault, chance))
  const bytes =
    format === 'parquet'
      ? await parquet(columns, table.rows, chance, writers)
      : format === 'sqlite'
        ? sqlite(columns, table.rows, chance, writers)
        : arrow(columns, chance)
  return {
    bytes,
    rows: rows.map((row, k) => Object.assign({}, row, ...columns.map(({ value }) => value(k))) as Row),
    input: {},
    told: columns.map(({ column, type }) => `${column.role ?? 'other'} ${type}`),
  }
}

function timeSql(cell: string, type: string): string {
  if (type === 'BIGINT') return `${cell} // 1000`
  if (type === 'DOUBLE') return `CAST(${cell} AS DOUBLE) / 1000`
  // a cast to coarser ones rounds
  return `CAST(epoch_ms(${type === 'TIMESTAMP_S' ? `${cell} // 1000 * 1000` : cell}) AS ${type})`
}

async function parquet(columns: readonly Typed[], rows: number, chance: Chance, { duck, folder }: Writers): Promise<Buffer> {
  const values = Array.from(
    { length: rows },
    (_, k) => `(${columns.map(({ column }) => (column.cells[k] === null ? 'NULL' : sqlText(column.cells[k]!))).join(', ')})`,
  )
  const select = columns.map(({ column, type }, i) => {
    const cell =
      OTHER_SQL[type] ??
      (type === 'ENUM'
        ? `CAST(c${i} AS ENUM(${[...new Set(column.cells)].map((text) => sqlText(text!)).join(', ')}))`
        : type === 'mixed'
          ? `c${i}`
          : column.role === 'time' && type !== 'VARCHAR'
            ? timeSql(`CAST(c${i} AS BIGINT)`, type)
            : `CAST(c${i} AS ${type})`)
    return `${cell} AS ${sqlName(column.name)}`
  })
  const path = join(folder, `${randomUUID()}.parquet`)
  const from = `(VALUES ${values.join(', ')}) t(${columns.map((_, i) => `c${i}`).join(', ')})`
  const how = `FORMAT parquet, COMPRESSION ${chance.pick(['snappy', 'zstd', 'gzip', 'uncompressed'])}, ROW_GROUP_SIZE ${chance.pick([2048, 122_880])}`
  await duck.run(`COPY (SELECT ${select.join(', ')} FROM ${from}) TO ${sqlText(path)} (${how})`)
  return taken(path)
}

const OTHER_SQL: Readonly<Record<string, string>> = {
  'INTEGER[]': '[1, 2, 3]',
  'STRUCT(a VARCHAR)': "{'a': 'x'}",
  BLOB: "'\\x00\\xFF'::BLOB",
  UUID: "'6f9619ff-8b86-d011-b42d-c04fc964ff00'::UUID",
}

function taken(path: string): Buffer {
  const bytes = readFileSync(path)
  rmSync(path)
  return bytes
}

/** A database of one table, with a column of bytes at times. */
function sqlite(columns: readonly Typed[], rows: number, chance: Chance, { folder }: Writers): Buffer {
  const path = join(folder, `${randomUUID()}.sqlite`)
  const database = new DatabaseSync(path)
  const blob = chance.below(4) === 0
  const types = columns.map(({ column, type }) => `${sqlName(column.name)} ${sqliteType(type)}`)
  database.exec(
    `CREATE TABLE ${sqlName(chance.pick(['events', 'a b', 'select']))} (${[...types, ...(blob ? ['"bytes" BLOB'] : [])].join(', ')})`,
  )
  const [{ name }] = database.prepare(`SELECT name FROM sqlite_master`).all() as unknown as [{ name: string }]
  const insert = database.prepare(`INSERT INTO ${sqlName(name)} VALUES (${[...types, ...(blob ? [''] : [])].map(() => '?').join(', ')})`)
  database.exec('BEGIN')
  for (let k = 0; k < rows; k++)
    insert.run(...columns.map(({ column, type }) => sqliteValue(column, type, k)), ...(blob ? [Buffer.of(0, 1, 255)] : []))
  database.exec('COMMIT')
  database.close()
  return taken(path)
}

const sqliteType = (type: string): string =>
  type === 'mixed'
    ? ''
    : type === 'BLOB'
      ? 'BLOB'
      : ['VARCHAR', 'ENUM', 'INTEGER[]', 'STRUCT(a VARCHAR)', 'UUID'].includes(type)
        ? 'TEXT'
        : /^TIMESTAMP|^DATE/.test(type)
          ? 'TEXT'
          : /INT/.test(type)
            ? 'INTEGER'
            : 'REAL'

function sqliteValue({ role, cells, numbers }: Column, type: string, row: number): string | number | bigint | Buffer | null {
  const cell = cells[row] ?? null
  if (type === 'BLOB') return Buffer.of(0, 1, 255)
  if (cell === null || role === null || type === 'VARCHAR' || type === 'ENUM') return cell
  // SQLite's columns may hold anything
  if (type === 'mixed') return row % 2 === 0 ? cell : BigInt(cell)
  if (role === 'time') {
    const iso = new Date(numbers[row]!).toISOString()
    if (type === 'BIGINT') return BigInt(Math.floor(numbers[row]! / 1000))
    if (type === 'DOUBLE') return numbers[row]! / 1000
    return type === 'DATE'
      ? iso.slice(0, 10)
      : type === 'TIMESTAMP_S'
        ? iso.slice(0, 19).replace('T', ' ')
        : iso.slice(0, 23).replace('T', ' ')
  }
  return /INT/.test(type) ? BigInt(cell) : /^DECIMAL/.test(type) && WHOLE.test(cell) ? BigInt(cell) : Number(cell)
}

/** A file or a stream; texts by words of a dictionary at times. */
function arrow(columns: readonly Typed[], chance: Chance): Buffer {
  const vectors = columns.map(({ column, type }) => {
    const { role, cells, numbers } = column
    if (type === 'INTEGER[]')
      return vectorFromArray(
        cells.map(() => [1, 2]),
        new List(new Field('item', new Int32(), true)),
      )
    if (type === 'BLOB')
      return vectorFromArray(
        cells.map(() => Uint8Array.of(0, 255)),
        new Binary(),
      )
    if (role === null || ['VARCHAR', 'ENUM', 'mixed'].includes(type)) {
      const text: DataType = chance.below(3) === 0 ? new Dictionary(new Utf8(), new Int32()) : new Utf8()
      return vectorFromArray(cells, text)
    }
    if (role === 'time') {
      if (type === 'BIGINT')
        return vectorFromArray(
          numbers.map((ms) => BigInt(Math.floor(ms / 1000))),
          new Int64(),
        )
      if (type === 'DOUBLE')
        return vectorFromArray(
          numbers.map((ms) => ms / 1000),
          new Float64(),
        )
      const step = type === 'DATE' ? 86_400_000 : type === 'TIMESTAMP_S' ? 1000 : 1
      return vectorFromArray(
        numbers.map((ms) => Math.floor(ms / step) * step),
        new TimestampMillisecond(),
      )
    }
    if (/INT/.test(type) || (type.startsWith('DECIMAL') && role !== 'weight'))
      return vectorFromArray(
        cells.map((cell) => BigInt(cell!)),
        new Int64(),
      )
    return vectorFromArray(cells.map(Number), new Float64())
  })
  // a column of truth values beside them
  const flag =
    chance.below(4) === 0
      ? [
          [
            'a flag',
            vectorFromArray(
              columns[0]!.column.cells.map((_, k) => k % 2 === 0),
              new Bool(),
            ),
          ] as const,
        ]
      : []
  const named = Object.fromEntries<Vector>([...columns.map(({ column }, i) => [column.name, vectors[i]!] as const), ...flag])
  return Buffer.from(tableToIPC(new ArrowTable(named), chance.pick(['file', 'stream'])))
}
