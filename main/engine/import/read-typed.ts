/** Files that hold typed values: Parquet, JSON Lines, SQLite, Arrow; and workbooks, whose sheets become text. */
import { basename, join } from 'node:path'
import { badData } from '../../contract/errors.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import { NO_HIVE_PARTITIONS, sqlFile, sqlName, sqlText, type Duck } from '../dataset/duck.ts'
import { jsonLines } from './containers/json-document.ts'
import type { Unpacked } from './containers/unpack.ts'
import { recordAt, WHOLE_LINES } from './delimited-records.ts'
import { prepareText } from './encoding.ts'
import { objectLines } from './json-lines.ts'
import { explainJsonError, explainReadError } from './explain.ts'
import { openDelimited } from './read-text.ts'
import {
  explainedBy,
  filesOf,
  hashed,
  shownOf,
  type Opening,
  type Reader,
  type Relation,
  type Source,
  type SourceFile,
} from './relation.ts'
import { copySqlite } from './sqlite.ts'

export async function* openParquet({ source, given, unpacked, file, context }: Opening): Stage<Relation> {
  yield { stage: `look at ${basename(given)}`, done: 0, total: null, unit: 'bytes' }
  const shown = shownOf(source.path)
  const from = `read_parquet(${sqlFile(unpacked.path)}, ${NO_HIVE_PARTITIONS})`
  const about = { shown, reader: 'parquet' as const, file: file ?? (await hashed(given)) }
  const relation = await typed(context.duck, { ...about, from })
  const bytes = relation.columns.filter(({ type }) => type === 'BLOB').map(({ name }) => name)
  const texts = await textsAmong(context.duck, relation, bytes)
  const notes = bytes.map((name) =>
    texts.includes(name)
      ? `${shown}: the column "${name}" holds bytes that are text throughout: it is read as text`
      : `${shown}: the column "${name}" holds bytes, which are no text: it is not used`,
  )
  if (texts.length === 0) return { ...relation, notes }
  const decoded = texts.map((name) => `decode(${sqlName(name)}) AS ${sqlName(name)}`).join(', ')
  return typed(context.duck, { ...about, notes, from: `(SELECT * REPLACE (${decoded}) FROM ${from})` })
}

/** Columns of bytes that are UTF-8 without control signs in every cell: Spark before 2 and Impala wrote their texts so. */
async function textsAmong(duck: Duck, relation: Relation, columns: readonly string[]): Promise<string[]> {
  if (columns.length === 0) return []
  const cells = columns.flatMap((name, k) => {
    const text = `TRY(decode(${sqlName(name)}))`
    const wrong = `${sqlName(name)} IS NOT NULL AND (${text} IS NULL OR regexp_matches(${text}, '[\\x00-\\x08\\x0e-\\x1f]'))`
    return [`count(*) FILTER (${wrong}) AS wrong${k}`, `count(${sqlName(name)}) AS there${k}`]
  })
  const found = await duck.one(`SELECT ${cells.join(', ')} FROM ${relation.from}`).catch(explainedBy(relation))
  return columns.filter((_, k) => Number(found[`wrong${k}`]) === 0 && Number(found[`there${k}`]) > 0)
}

export async function* openJson({ source, given, unpacked, file, context }: Opening): Stage<Relation> {
  const prepared = yield* prepareText(unpacked.path, given, source.encoding ?? 'auto', context.scratch)
  const shown = shownOf(source.path)
  const whole = source.badRows === 'skip' ? objectLines(prepared.path, shown, context) : prepared.path
  const lines = await jsonLines(whole, given, context.scratch)
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
  // a name with a zero byte, at which SQL ends, cannot be asked for
  const columns = (await duck.describe(`SELECT * FROM ${guessed}`)).filter(({ name }) => !name.includes('\0'))
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

export async function* openSqlite({ given, unpacked, file, context }: Opening): Stage<Relation> {
  const { table, from, notes, numbers } = yield* copySqlite(context.duck, unpacked.path, given, unpacked.table, `sqlite_${copies++}`)
  const shown = `${basename(given)}#${table}`
  return withNumbers(await typed(context.duck, { shown, reader: 'sqlite', from, notes, file: file ?? (await hashed(given)) }), numbers)
}

export async function* openArrow({ source, given, unpacked, file, context }: Opening): Stage<Relation> {
  const shown = shownOf(source.path)
  const { copyArrow } = await import('./containers/arrow/copy.ts')
  const { from, notes } = yield* copyArrow(context.duck, unpacked.path, shown, `arrow_${copies++}`)
  return typed(context.duck, { shown, reader: 'arrow', from, notes, file: file ?? (await hashed(given)) })
}

export async function* openXlsx({ source, given, unpacked, file, context }: Opening): Stage<Relation> {
  yield { stage: `read ${basename(given)}`, done: 0, total: null, unit: 'rows' }
  const { writeSheet } = await import('./containers/xlsx.ts')
  const path = join(context.scratch, `sheet${copies++}.csv`)
  const { rows, unreckoned } = await writeSheet(unpacked.path, unpacked.table, path, given)
  if (rows.length === 0) throw badData('This sheet has no rows.', given)
  const csv: Source = { path: source.path, delimiter: ',', quote: '"', encoding: 'utf-8', ...(source.header && { header: source.header }) }
  const text: Unpacked = { path, name: basename(path), content: 'text', table: undefined, packed: true }
  const relation = yield* openDelimited({ source: csv, given, unpacked: text, file: file ?? (await hashed(given)), context })
  const first = relation.named ? 1 : 0
  const place = (row: number, column?: string): string =>
    `${relation.shown}:row ${rows[row + first] ?? row + 1}${column === undefined ? '' : ` column "${column}"`}`
  const formulas = `${relation.shown}: this sheet has formulas without a stored value (cells: ${unreckoned}), which are empty here. Open it and save it, and they have one.`
  return { ...relation, reader: 'xlsx', place, notes: unreckoned === 0 ? relation.notes : [...relation.notes, formulas] }
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
