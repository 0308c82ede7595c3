/**
 * One file of the input as a relation that DuckDB can select from, with the knowledge to say where its row k lies in the file.
 * What a file is, its first bytes say (`containers/kinds.ts`); packed ones are unpacked first. A reader is a row in a table. Text is read as text (no type
 * guessing by DuckDB) with an explicit dialect, so that what is accepted does not depend on a sample.
 */
import { existsSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { badData, badInput, notFound } from '../../contract/errors.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import { sha256File } from '../files/atomic.ts'
import { splitTable, type PathGuard } from '../files/path-guard.ts'
import { layoutOf, type TextLayout } from './dialect.ts'
import { NO_HIVE_PARTITIONS, sqlFile, sqlText, type Duck } from '../dataset/duck.ts'
import { prepareText, type Encoding, type PreparedText } from './encoding.ts'
import { explainReadError, explainJsonError, explainTextError, fitsLayout, misfit } from './explain.ts'
import { copyRecords, countRecords, WHOLE_LINES, MAX_RECORD_BYTES, recordAt, scanFile } from './delimited-records.ts'
import { listNames } from '../../contract/did-you-mean.ts'
import { copySqlite } from './sqlite.ts'
import { SKIPPED_ROWS, SkippedRows } from './skipped-rows.ts'
import { jsonLines } from './containers/json-document.ts'
import { unpack, type Unpacked } from './containers/unpack.ts'

/** What a format says about a file of its own; all but `path` may be left to be found out. */
export interface Source {
  /** as given, `#TABLE` included */
  readonly path: string
  readonly reader?: Reader
  readonly delimiter?: string
  readonly quote?: string
  readonly header?: 'auto' | 'yes' | 'no'
  readonly encoding?: 'auto' | Encoding
  /** of text; what is left out is looked for */
  readonly escape?: string
  readonly comment?: string
  /** rows that do not fit are left out and listed */
  readonly badRows?: 'fail' | 'skip'
  /** names of the first columns, whatever a header calls them */
  readonly names?: readonly string[]
  /** further tables of the same rows, read as one with it */
  readonly more?: readonly Source[]
  /** of `more`: this column names what a row is of, and the latest row of each is kept */
  readonly key?: string
  /** columns with one value for all of its rows */
  readonly constants?: Readonly<Record<string, string>>
  /** SQL over those columns, where the format's are not the wanted ones */
  readonly query?: Query
}

/** A query over a relation, as `SELECT … FROM (…)`. */
export interface Query {
  sql(from: string, duck: Duck): string | Promise<string>
  /** whether row k of the answer is row k of the file */
  readonly rowByRow: boolean
}

export type Reader = 'delimited' | 'sequence' | 'parquet' | 'json' | 'sqlite' | 'arrow' | 'xlsx'

export interface SourceFile {
  readonly path: string
  readonly bytes: number
  readonly sha256: string | null
}

export interface RelationColumn {
  readonly name: string
  /** DuckDB's */
  readonly type: string
  /** text of what the file has as numbers, whole or floating */
  readonly numbers?: boolean
}

export interface Relation {
  /** the file's name, for messages */
  readonly shown: string
  readonly reader: Reader
  /** the file, or what the parts are together */
  readonly file: SourceFile
  /** every file that it is made of */
  readonly files: readonly SourceFile[]
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
  /** how delimited text is written */
  readonly text?: TextLayout
  /** rows of a text, counted by reading it: for places of rows in parts */
  readonly countRows?: () => number
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
  /** what was opened and unpacked already: a look at files before an import opens them twice */
  readonly opened: Map<string, Relation>
  readonly unpacked: Map<string, Unpacked>
  readonly skipped: SkippedRows
}

export const sourceContext = (duck: Duck, scratch: string, guard: PathGuard): SourceContext => ({
  guard,
  duck,
  scratch,
  opened: new Map(),
  unpacked: new Map(),
  skipped: new SkippedRows(join(scratch, SKIPPED_ROWS)),
})

/** A plain file that is about to be read. */
interface Opening {
  readonly source: Source
  /** as given */
  readonly given: string
  readonly unpacked: Unpacked
  /** of the file as given; null: that of the plain one */
  readonly file: SourceFile | null
  readonly context: SourceContext
}

type Open = (opening: Opening) => Stage<Relation>

const READERS = {
  delimited: openDelimited,
  sequence: openSequence,
  parquet: openParquet,
  json: openJson,
  sqlite: openSqlite,
  arrow: openArrow,
  xlsx: openXlsx,
} satisfies Record<Reader, Open>

/** Opens one file. @throws PylonError not-found, bad-input, bad-data */
export async function* openSource(source: Source, context: SourceContext): Stage<Relation> {
  const { query, ...plain } = source
  const { plain: unpacked } = yield* unpackSource(source.path, context)
  // how text is written is nothing to what holds typed values: those are opened once
  const key = JSON.stringify(['text', 'xlsx'].includes(unpacked.content) || source.reader !== undefined ? plain : { path: source.path })
  const opened = context.opened.get(key) ?? (yield* openPlain(plain, context))
  context.opened.set(key, opened)
  return query === undefined ? opened : queried(opened, query, context.duck)
}

/** A relation with a query over it. */
export async function queried(relation: Relation, query: Query, duck: Duck): Promise<Relation> {
  const from = `(${await query.sql(relation.from, duck)})`
  const columns = await duck.describe(`SELECT * FROM ${from}`).catch(explainedBy(relation))
  if (query.rowByRow) return { ...relation, from, columns, named: true }
  const place = (row: number, column?: string): string =>
    `${relation.shown}, unrolled: row ${row + 1}${column === undefined ? '' : ` column "${column}"`}`
  return { ...relation, from, columns, named: true, place, cell: () => null }
}

/** A file without its packing. @throws PylonError not-found, bad-input, bad-data */
export async function* unpackSource(given: string, { guard, scratch, unpacked }: SourceContext): Stage<{ path: string; plain: Unpacked }> {
  const allowed = guard.check(given, 'table', given)
  const [path, member] = splitTable(allowed)
  if (!existsSync(path)) throw notFound('There is no such file or folder.', path)
  if (!statSync(path).isFile()) throw badInput('This is a folder; name a file, or pass the folder with --path.', path)
  if (statSync(path).size === 0) throw badData('This file is empty.', path)
  const plain = unpacked.get(allowed) ?? (yield* unpack(path, member, scratch))
  unpacked.set(allowed, plain)
  return { path: allowed, plain }
}

async function* openPlain(source: Source, context: SourceContext): Stage<Relation> {
  const { path: allowed, plain: unpacked } = yield* unpackSource(source.path, context)
  const [path] = splitTable(allowed)
  if (statSync(unpacked.path).size === 0) throw badData('This file is empty.', path)
  const reader = source.reader ?? (unpacked.content === 'text' ? 'delimited' : unpacked.content)
  const file = unpacked.packed ? { path, ...(await sha256File(path)) } : null
  return yield* READERS[reader]({ source, given: path, unpacked, file, context })
}

// ---- delimited text

async function* openDelimited({ source, given, unpacked, file, context }: Opening): Stage<Relation> {
  const prepared = yield* prepareText(unpacked.path, given, source.encoding ?? 'auto', context.scratch)
  const layout = await layoutOf(prepared.path, { ...source, header: source.header ?? 'auto' })
  if (layout.empty) throw badData('This file has no rows.', given)
  const first = layout.header ? 1 : 0
  const shown = shownOf(source.path)
  const path = cleanRows(prepared.path, layout, source.badRows === 'skip' ? shown : null, context)
  const lineOf = (row: number): { line: number; cells: string[] } | null => recordAt(path, layout, row + first)
  return {
    shown,
    reader: 'delimited',
    ...filesOf(file ?? { path: given, bytes: prepared.bytes, sha256: prepared.sha256 }),
    // DuckDB takes an empty line above the header for it
    from: readCsv(path, layout, (recordAt(path, layout, 0)?.line ?? 1) - 1),
    columns: layout.names.map((n) => ({ name: n, type: 'VARCHAR' })),
    named: layout.header || source.names !== undefined,
    text: layout,
    countRows: () => countRecords(path, layout) - first,
    notes: notesOf(shown, prepared, layout),
    place: (row, column) => `${shown}:${lineOf(row)?.line ?? `row ${row + 1}`}${column === undefined ? '' : ` column "${column}"`}`,
    cell: (row, column) => lineOf(row)?.cells[layout.names.indexOf(column)] ?? null,
    explain: (error) => explainTextError(error, shown, path, layout),
  }
}

/** The file without comments and, where such rows are left out, without rows that do not fit; every line keeps its number. */
function cleanRows(path: string, layout: TextLayout, shown: string | null, { scratch, skipped }: SourceContext): string {
  if (layout.comment === undefined && shown === null) return path
  const clean = join(scratch, `rows${copies++}.csv`)
  copyRecords(path, clean, layout, (record) => {
    if (shown === null || fitsLayout(record, layout)) return true
    skipped.add(shown, `line ${record.line}`, misfit(record, layout), record.text())
    return false
  })
  return clean
}

function notesOf(shown: string, prepared: PreparedText, layout: TextLayout): string[] {
  const notes: string[] = []
  if (prepared.encoding === 'utf-16') notes.push(`${shown}: read as UTF-16`)
  else if (prepared.encoding !== 'utf-8')
    notes.push(
      `${shown}: read as ${prepared.encoding === 'latin-1' ? 'Latin-1' : prepared.encoding}, by its bytes; --encoding says another`,
    )
  if (layout.preamble !== undefined)
    notes.push(
      `${shown}: ${layout.preamble === 1 ? 'the first line is' : `the first ${layout.preamble} lines are`} above the table and not read`,
    )
  if (layout.comment !== undefined) notes.push(`${shown}: lines that begin with ${layout.comment} are taken as comments`)
  if (layout.headerDoubtful)
    notes.push(`${shown}: the first line is taken as column names (${listNames(layout.names)}); pass --header no where it is data`)
  return notes
}

/** DuckDB's buffer is otherwise sixteen longest lines a thread. */
const READING = `${NO_HIVE_PARTITIONS}, compression = 'none', max_line_size = ${MAX_RECORD_BYTES}, buffer_size = 33554432`

/** The FROM clause: everything is said, nothing is left to DuckDB's guess. */
function readCsv(path: string, layout: TextLayout, skip: number): string {
  const columns = layout.names.map((n) => `${sqlText(n)}: 'VARCHAR'`).join(', ')
  const dialect = `delim = ${sqlText(layout.delimiter)}, quote = ${sqlText(layout.quote)}, escape = ${sqlText(layout.escape ?? layout.quote)}`
  return `read_csv(${sqlFile(path)}, auto_detect = false, header = ${layout.header}, skip = ${skip}, ${dialect}, columns = {${columns}}, ${READING})`
}

// ---- `user item item …` a line

async function* openSequence({ source, given, unpacked, file, context }: Opening): Stage<Relation> {
  const prepared = yield* prepareText(unpacked.path, given, source.encoding ?? 'auto', context.scratch)
  const shown = shownOf(source.path)
  const lines = `read_csv(${sqlFile(prepared.path)}, auto_detect = false, header = false, delim = '\x1f', quote = '', escape = '', columns = {line: 'VARCHAR'}, ${READING})`
  const from = `(SELECT words[1] AS "user", unnest(words[2:]) AS item FROM (SELECT string_split_regex(trim(line, ' \t\r'), '[ \t,]+') AS words FROM ${lines} WHERE trim(line, ' \t\r') <> ''))`
  return {
    shown,
    reader: 'sequence',
    ...filesOf(file ?? { path: given, bytes: prepared.bytes, sha256: prepared.sha256 }),
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

// ---- Parquet, JSON Lines, SQLite, Arrow, workbooks

async function* openParquet({ source, given, unpacked, file, context }: Opening): Stage<Relation> {
  yield { stage: `look at ${basename(given)}`, done: 0, total: null, unit: 'bytes' }
  const from = `read_parquet(${sqlFile(unpacked.path)}, ${NO_HIVE_PARTITIONS})`
  const relation = await typed(context.duck, { shown: shownOf(source.path), reader: 'parquet', from, file: file ?? (await hashed(given)) })
  const bytes = relation.columns.filter(({ type }) => type === 'BLOB')
  return {
    ...relation,
    notes: bytes.map(({ name }) => `${relation.shown}: the column "${name}" holds bytes, which are no text: it is not used`),
  }
}

async function* openJson({ source, given, unpacked, file, context }: Opening): Stage<Relation> {
  const prepared = yield* prepareText(unpacked.path, given, source.encoding ?? 'auto', context.scratch)
  const lines = await jsonLines(prepared.path, given, context.scratch)
  const shown = shownOf(source.path)
  const explain = (error: unknown, name: string): unknown => explainJsonError(error, name, lines.path)
  const { from, floating } = await readJson(context.duck, lines.path).catch((error: unknown) => {
    throw explain(error, shown)
  })
  const isPlain = lines.path === prepared.path
  const relation = await typed(context.duck, {
    shown,
    reader: 'json',
    from,
    file: file ?? { path: given, bytes: prepared.bytes, sha256: prepared.sha256 },
    notes: lines.note === null ? [] : [`${shown}: ${lines.note}`],
    ...(isPlain && { at: (row: number) => recordAt(lines.path, WHOLE_LINES, row)?.line.toString() ?? null }),
    explain,
  })
  return withNumbers(relation, floating)
}

/** A relation some of whose columns are numbers that stand as text here. */
const withNumbers = (relation: Relation, numbers: readonly string[]): Relation => ({
  ...relation,
  columns: relation.columns.map((column) => ({ ...column, numbers: numbers.includes(column.name) })),
})

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

let copies = 0

async function* openSqlite({ given, unpacked, file, context }: Opening): Stage<Relation> {
  const { table, from, notes, numbers } = yield* copySqlite(context.duck, unpacked.path, given, unpacked.table, `sqlite_${copies++}`)
  const shown = `${basename(given)}#${table}`
  return withNumbers(await typed(context.duck, { shown, reader: 'sqlite', from, notes, file: file ?? (await hashed(given)) }), numbers)
}

async function* openArrow({ source, given, unpacked, file, context }: Opening): Stage<Relation> {
  const shown = shownOf(source.path)
  const { copyArrow } = await import('./containers/arrow.ts')
  const { from, notes } = yield* copyArrow(context.duck, unpacked.path, shown, `arrow_${copies++}`)
  return typed(context.duck, { shown, reader: 'arrow', from, notes, file: file ?? (await hashed(given)) })
}

async function* openXlsx({ source, given, unpacked, file, context }: Opening): Stage<Relation> {
  yield { stage: `read ${basename(given)}`, done: 0, total: null, unit: 'rows' }
  const { writeSheet } = await import('./containers/xlsx.ts')
  const path = join(context.scratch, `sheet${copies++}.csv`)
  const { rows } = await writeSheet(unpacked.path, unpacked.table, path, given)
  if (rows.length === 0) throw badData('This sheet has no rows.', given)
  const csv: Source = { path: source.path, delimiter: ',', quote: '"', encoding: 'utf-8', ...(source.header && { header: source.header }) }
  const text: Unpacked = { path, name: basename(path), content: 'text', table: undefined, packed: true }
  const relation = yield* openDelimited({ source: csv, given, unpacked: text, file: file ?? (await hashed(given)), context })
  const first = relation.named ? 1 : 0
  const place = (row: number, column?: string): string =>
    `${relation.shown}:row ${rows[row + first] ?? row + 1}${column === undefined ? '' : ` column "${column}"`}`
  return { ...relation, reader: 'xlsx', place }
}

const hashed = async (path: string): Promise<SourceFile> => ({ path, ...(await sha256File(path)) })

const filesOf = (file: SourceFile): Pick<Relation, 'file' | 'files'> => ({ file, files: [file] })

/** A file, with its table or entry, as messages call it. */
function shownOf(path: string): string {
  const [file, member] = splitTable(path)
  return member === undefined ? basename(file) : `${basename(file)}#${member}`
}

interface TypedFile {
  readonly file: SourceFile
  readonly reader: Reader
  readonly from: string
  readonly shown: string
  readonly notes?: readonly string[]
  /** the line of a row; without it, rows are numbered */
  readonly at?: (row: number) => string | null
  readonly explain?: (error: unknown, shown: string) => unknown
}

/** A relation whose columns DuckDB knows. */
async function typed(duck: Duck, { file, shown, reader, from, notes = [], ...said }: TypedFile): Promise<Relation> {
  const explained = (error: unknown): unknown => (said.explain ?? explainReadError)(error, shown)
  const columns = await duck.describe(`SELECT * FROM ${from}`).catch((error: unknown) => {
    throw explained(error)
  })
  const place = (row: number, column?: string): string =>
    `${shown}:${said.at?.(row) ?? `row ${row + 1}`}${column === undefined ? '' : ` column "${column}"`}`
  return { shown, reader, ...filesOf(file), from, columns, named: true, notes, place, cell: () => null, explain: explained }
}
