/**
 * One file of the input as a relation that DuckDB can select from, with the knowledge to say where its row k lies in the file.
 * A reader is a row in a table: delimited text, sequences of items, Parquet, JSON Lines, SQLite. Text is read as text (no type
 * guessing by DuckDB) with an explicit dialect, so that what is accepted does not depend on a sample.
 */
import { existsSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { badData, badInput, notFound } from '../../contract/errors.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import { sha256File } from '../files/atomic.ts'
import { splitTable, type PathGuard } from '../files/path-guard.ts'
import { layoutOf, type TextLayout } from './dialect.ts'
import { NO_HIVE_PARTITIONS, sqlFile, sqlName, sqlText, type Duck } from '../dataset/duck.ts'
import { prepareText, type PreparedText } from './encoding.ts'
import { explainReadError, explainJsonError, explainTextError } from './explain.ts'
import { WHOLE_LINES, MAX_RECORD_BYTES, recordAt, scanFile } from './delimited-records.ts'
import { listNames } from '../../contract/did-you-mean.ts'
import { copySqlite } from './sqlite.ts'

/** What a format says about a file of its own; all but `path` may be left to be found out. */
export interface Source {
  /** as given, `#TABLE` included */
  readonly path: string
  readonly reader?: Reader
  readonly delimiter?: string
  readonly quote?: string
  readonly header?: 'auto' | 'yes' | 'no'
  readonly encoding?: 'auto' | 'utf-8' | 'latin-1'
  /** column names of a file without header */
  readonly names?: readonly string[]
  /** SQL select list over those columns, row by row, where the format's columns are not the wanted ones */
  readonly select?: string
}

export type Reader = 'delimited' | 'sequence' | 'parquet' | 'json' | 'sqlite'

export interface SourceFile {
  readonly path: string
  readonly bytes: number
  readonly sha256: string | null
}

export interface RelationColumn {
  readonly name: string
  /** DuckDB's */
  readonly type: string
  /** text of numbers that the file has as floating ones */
  readonly floating?: boolean
}

export interface Relation {
  /** the file's name, for messages */
  readonly shown: string
  readonly reader: Reader
  readonly file: SourceFile
  /** goes behind FROM */
  readonly from: string
  readonly columns: readonly RelationColumn[]
  /** false where columns have no names of their own */
  readonly named: boolean
  /** things worth saying: a guess about the header, another encoding */
  readonly notes: readonly string[]
  /** `ratings.csv:12 column "price"` for the row with this number from 0 */
  place(row: number, column?: string): string
  /** the text of a cell as the file has it, where that can be told */
  cell(row: number, column: string): string | null
  /** an error of DuckDB in terms of the file */
  explain(error: unknown): unknown
}

/** A column's type, as DuckDB has it. */
export const typeOf = ({ columns }: Relation, column: string): string => columns.find(({ name }) => name === column)?.type ?? 'VARCHAR'

/** Throws an error of DuckDB in terms of the file. */
export const explainedBy =
  (relation: Relation) =>
  (error: unknown): never => {
    throw relation.explain(error)
  }

export interface SourceContext {
  /** a file found in a folder may be a link that leads elsewhere */
  readonly guard: PathGuard
  readonly duck: Duck
  readonly scratch: string
}

type Open = (source: Source, path: string, context: SourceContext) => Stage<Relation>

const READERS = {
  delimited: openDelimited,
  sequence: openSequence,
  parquet: openParquet,
  json: openJson,
  sqlite: openSqlite,
} satisfies Record<Reader, Open>

const EXTENSIONS: readonly [RegExp, Reader][] = [
  [/\.(parquet|pq)$/i, 'parquet'],
  [/\.(jsonl|ndjson|json)(\.gz)?$/i, 'json'],
  [/\.(sqlite|sqlite3|db)$/i, 'sqlite'],
]

/** Opens a file. @throws PylonError not-found, bad-input, bad-data */
export async function* openSource(source: Source, context: SourceContext): Stage<Relation> {
  const allowed = context.guard.check(source.path, 'table', source.path)
  const [path, table] = splitTable(allowed)
  if (!existsSync(path)) throw notFound('There is no such file.', path)
  if (!statSync(path).isFile()) throw badInput('This is a folder; name a file, or pass the folder with --path.', path)
  if (statSync(path).size === 0) throw badData('This file is empty.', path)
  const reader = source.reader ?? (table === undefined ? readerOf(path) : 'sqlite')
  const relation = yield* READERS[reader]({ ...source, path: allowed }, path, context)
  if (source.select === undefined) return relation
  const from = `(SELECT ${source.select} FROM ${relation.from})`
  return { ...relation, from, columns: await context.duck.describe(`SELECT * FROM ${from}`) }
}

export function readerOf(path: string): Reader {
  return EXTENSIONS.find(([test]) => test.test(path))?.[1] ?? 'delimited'
}

// ---- delimited text

async function* openDelimited(source: Source, path: string, { scratch }: SourceContext): Stage<Relation> {
  const prepared = yield* prepareText(path, source.encoding ?? 'auto', scratch)
  const layout = await layoutOf(prepared.path, { ...source, header: source.header ?? 'auto' })
  if (layout.empty) throw badData('This file has no rows.', path)
  const first = layout.header ? 1 : 0
  const shown = basename(path)
  const lineOf = (row: number): { line: number; cells: string[] } | null => recordAt(prepared.path, layout, row + first)
  return {
    shown,
    reader: 'delimited',
    file: { path, bytes: prepared.bytes, sha256: prepared.sha256 },
    from: readCsv(prepared.path, layout),
    columns: layout.names.map((n) => ({ name: n, type: 'VARCHAR' })),
    named: layout.header || source.names !== undefined,
    notes: notesOf(shown, prepared, layout),
    place: (row, column) => `${shown}:${lineOf(row)?.line ?? `row ${row + 1}`}${column === undefined ? '' : ` column "${column}"`}`,
    cell: (row, column) => lineOf(row)?.cells[layout.names.indexOf(column)] ?? null,
    explain: (error) => explainTextError(error, shown, prepared.path, layout),
  }
}

function notesOf(shown: string, prepared: PreparedText, layout: TextLayout): string[] {
  const notes: string[] = []
  if (prepared.encoding !== 'utf-8') notes.push(`${shown}: read as ${prepared.encoding === 'latin-1' ? 'Latin-1' : 'UTF-16'}`)
  if (layout.headerDoubtful)
    notes.push(`${shown}: the first line is taken as column names (${listNames(layout.names)}); pass --header no where it is data`)
  return notes
}

/** DuckDB's buffer is otherwise sixteen longest lines a thread. */
const READING = `${NO_HIVE_PARTITIONS}, compression = 'none', max_line_size = ${MAX_RECORD_BYTES}, buffer_size = 33554432`

/** The FROM clause: everything is said, nothing is left to DuckDB's guess. */
function readCsv(path: string, layout: TextLayout): string {
  const columns = layout.names.map((n) => `${sqlText(n)}: 'VARCHAR'`).join(', ')
  const dialect = `delim = ${sqlText(layout.delimiter)}, quote = ${sqlText(layout.quote)}, escape = ${sqlText(layout.quote)}`
  return `read_csv(${sqlFile(path)}, auto_detect = false, header = ${layout.header}, ${dialect}, columns = {${columns}}, ${READING})`
}

// ---- `user item item …` a line

async function* openSequence(source: Source, path: string, { scratch }: SourceContext): Stage<Relation> {
  const prepared = yield* prepareText(path, source.encoding ?? 'auto', scratch)
  const shown = basename(path)
  const lines = `read_csv(${sqlFile(prepared.path)}, auto_detect = false, header = false, delim = '\x1f', quote = '', escape = '', columns = {line: 'VARCHAR'}, ${READING})`
  const from = `(SELECT words[1] AS "user", unnest(words[2:]) AS item FROM (SELECT string_split_regex(trim(line, ' \t\r'), '[ \t,]+') AS words FROM ${lines} WHERE trim(line, ' \t\r') <> ''))`
  return {
    shown,
    reader: 'sequence',
    file: { path, bytes: prepared.bytes, sha256: prepared.sha256 },
    from,
    columns: ['user', 'item'].map((n) => ({ name: n, type: 'VARCHAR' })),
    named: true,
    notes: [],
    place: (row) => `${shown}:${lineOfPair(prepared.path, row) ?? `pair ${row + 1}`}`,
    cell: () => null,
    explain: (error) => explainReadError(error, shown),
  }
}

function lineOfPair(path: string, pair: number): number | null {
  let before = 0
  let line: number | null = null
  scanFile(path, WHOLE_LINES, (record) => {
    before += Math.max(
      0,
      record
        .cells()[0]!
        .trim()
        .split(/[ \t,]+/).length - 1,
    )
    line = record.line
    return before <= pair
  })
  return before > pair ? line : null
}

// ---- Parquet, JSON Lines, SQLite

async function* openParquet(_source: Source, path: string, { duck }: SourceContext): Stage<Relation> {
  yield { stage: `look at ${basename(path)}`, done: 0, total: null, unit: 'bytes' }
  return typed(duck, {
    path,
    reader: 'parquet',
    from: `read_parquet(${sqlFile(path)}, ${NO_HIVE_PARTITIONS})`,
    ...(await sha256File(path)),
  })
}

async function* openJson(source: Source, path: string, { duck, scratch }: SourceContext): Stage<Relation> {
  const prepared = yield* prepareText(path, source.encoding ?? 'auto', scratch)
  const explain = (error: unknown, shown: string): unknown => explainJsonError(error, shown, prepared.path)
  const { from, floating } = await readJson(duck, prepared.path).catch((error: unknown) => {
    throw explain(error, basename(path))
  })
  const relation = await typed(duck, {
    path,
    reader: 'json',
    from,
    bytes: prepared.bytes,
    sha256: prepared.sha256,
    at: (row) => recordAt(prepared.path, WHOLE_LINES, row)?.line.toString() ?? null,
    explain,
  })
  return { ...relation, columns: relation.columns.map((column) => ({ ...column, floating: floating.includes(column.name) })) }
}

/**
 * The FROM clause of a JSON file. DuckDB makes dates and UUIDs of strings that look like them and rounds integers beyond 2^127: both stay
 * text here, as they are written; `floating` are the columns of numbers that it takes for floating.
 */
async function readJson(duck: Duck, path: string): Promise<{ from: string; floating: string[] }> {
  const common = `${sqlFile(path)}, ${NO_HIVE_PARTITIONS}, compression = 'uncompressed'`
  const guessed = `read_json(${common}, sample_size = -1, map_inference_threshold = -1)`
  const columns = await duck.describe(`SELECT * FROM ${guessed}`)
  // values that are no objects come as one column of that name, which no object has
  const [only] = columns
  if (columns.length === 1 && only?.name === 'json') return { from: guessed, floating: [] }
  const floating = columns.filter(({ type }) => type === 'DOUBLE').map(({ name }) => name)
  const types = columns.map(({ name, type }) => `${sqlText(name)}: ${sqlText(type === 'DOUBLE' ? 'VARCHAR' : withoutGuesses(type))}`)
  return { from: `read_json(${common}, columns = {${types.join(', ')}})`, floating }
}

/** A type of DuckDB with text for what it makes of text. */
const withoutGuesses = (type: string): string =>
  type.replace(
    /"(?:[^"]|"")*"|\b(?:DATE|TIME(?:STAMP\w*)?(?: WITH TIME ZONE)?|UUID|INTERVAL)(?=[,)[]|$)/g,
    // a quoted name of a field stays
    (found) => (found.startsWith('"') ? found : 'VARCHAR'),
  )

let sqliteTables = 0

async function* openSqlite(source: Source, path: string, { duck }: SourceContext): Stage<Relation> {
  const into = `sqlite_${sqliteTables++}`
  const table = yield* copySqlite(duck, path, splitTable(source.path)[1], into)
  return typed(duck, { path, reader: 'sqlite', shown: `${basename(path)}#${table}`, from: sqlName(into), ...(await sha256File(path)) })
}

interface TypedFile extends SourceFile {
  readonly reader: Reader
  readonly from: string
  readonly shown?: string
  /** the line of a row; without it, rows are numbered */
  readonly at?: (row: number) => string | null
  readonly explain?: (error: unknown, shown: string) => unknown
}

/** A relation whose columns DuckDB knows. */
async function typed(duck: Duck, { path, bytes, sha256, reader, from, ...file }: TypedFile): Promise<Relation> {
  const shown = file.shown ?? basename(path)
  const explained = (error: unknown): unknown => (file.explain ?? explainReadError)(error, shown)
  const columns = await duck.describe(`SELECT * FROM ${from}`).catch((error: unknown) => {
    throw explained(error)
  })
  const place = (row: number, column?: string): string =>
    `${shown}:${file.at?.(row) ?? `row ${row + 1}`}${column === undefined ? '' : ` column "${column}"`}`
  return {
    shown,
    reader,
    file: { path, bytes, sha256 },
    from,
    columns,
    named: true,
    notes: [],
    place,
    cell: () => null,
    explain: explained,
  }
}
