/**
 * Metadata of one side: loaded with its ids checked, each column read by its kind, joined to the dictionary so that row k is entity
 * k, described, hashed and written as Parquet. The tables in DuckDB are `meta_SIDE` (source order, `id` first) and `SIDE_rows` (__k, id,
 * converted columns). Costs a few passes over the metadata, none over the interactions.
 */
import type { Hash } from 'node:crypto'
import { badData, badInput } from '../../contract/errors.ts'
import { pairOption } from '../../contract/import-options.ts'
import type { Column, ColumnKind } from '../../contract/shapes/dataset.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import { uniqueNames } from './dialect.ts'
import { sqlName, sqlText, type DuckCell, type Duck, textSql } from '../dataset/duck.ts'
import { A_SIDE, idReading, badFloatSql, listWords, missingId, missingWords, type IdReading } from './ids.ts'
import type { ImportContext } from './import-context.ts'
import { readingOf, type ColumnReading, type SourceColumn, almostNumbers, kindOffered } from './column-kinds.ts'
import { dateFormatOf, decimalSaid, doubtfulNumber, undecidedTimes } from './forms-said.ts'
import { numberForm } from '../dataset/cells/numbers.ts'
import { TIME_FORMS } from '../dataset/cells/times.ts'
import type { Relation } from './relation.ts'
import { missingIdSql, presentSql } from '../dataset/cells/cell-form.ts'

export interface Metadata {
  readonly side: 'user' | 'item'
  readonly relation: Relation
  /** name of its table in DuckDB */
  readonly table: string
  readonly rows: number
  readonly columns: readonly MetadataColumn[]
}

interface MetadataColumn {
  /** as it is stored, and as the source calls it */
  readonly name: string
  readonly source: string
  /** in the tables of the import, `c0` …: whatever a file calls its columns, those are ours */
  readonly field: string
  readonly said: boolean
  readonly reading: ColumnReading
}

/** The field of the column at a place. */
export const fieldOf = (column: number): string => `c${column}`

/** Cells of a column that a kind is guessed from. */
const SAMPLE = 5000
const EXACT_DISTINCT = 100_000

/**
 * Loads a file of metadata; rows without an id are left out where `--missing-ids drop` says so. @param idColumn which column is the id
 * @throws PylonError bad-data for a missing id and for two rows with one id, with both places
 */
export async function* loadMetadata(
  job: ImportContext,
  side: 'user' | 'item',
  relation: Relation,
  idColumn: string,
  kindOf: (column: string) => ColumnKind | null,
  title: string | null,
): Stage<Metadata> {
  const { duck } = job.source
  const table = `meta_${side}`
  const others = relation.columns.filter((c) => c.name !== idColumn)
  // the second is the number of a row to who reads the stored file
  const stored = uniqueNames(['id', 'file_row_number', ...others.map((c) => c.name)]).slice(2)
  const id = await idReading(job, side, relation, idColumn)
  const select = [`${id.sql} AS id`, ...others.map((c, k) => `${sqlName(c.name)} AS ${fieldOf(k)}`)]
  try {
    yield* duck.work(`read ${relation.shown}`, `CREATE TABLE ${table} AS SELECT ${select.join(', ')} FROM ${relation.from}`)
  } catch (error) {
    throw relation.explain(error)
  }
  if ((await duck.count(table)) === 0) throw badData(`There are no ${side}s in this file.`, relation.shown)
  await refuseBadIds(job, side, relation, table, id)
  const rows = await duck.count(table)
  const columns = []
  for (const [k, source] of others.entries()) {
    const field = fieldOf(k)
    const samples = await sampleTable(duck, table, field, source.type, rows)
    const said = kindOf(source.name)
    const column = { name: source.name, field, type: source.type, samples }
    const reading = await settledReading(job, side, relation, table, column, said, source.name === title)
    columns.push({ name: stored[k]!, source: source.name, field, said: said !== null, reading })
  }
  const before = job.options.kindsBefore?.[side] ?? {}
  for (const { name, source, reading } of columns) {
    const kind = before[name]
    if (kind !== undefined && kind !== reading.kind && kindOf(source) === null)
      throw badInput(
        `This column was of kind ${kind} and is now ${reading.kind}. Correct the cells, or say which it is with ${pairOption('kinds', `${side}s.${source}`, kind)} (or ${reading.kind}).`,
        `${relation.shown} column "${source}"`,
      )
  }
  return { side, relation, table, rows, columns }
}

/**
 * How a column is read; all of its cells decide what the sample leaves open: the order of day and month. Where nothing does, a guessed
 * time is left out, which is said, and one that a person said is refused.
 */
async function settledReading(
  job: ImportContext,
  side: 'user' | 'item',
  relation: Relation,
  table: string,
  column: SourceColumn,
  said: ColumnKind | null,
  isTitle: boolean,
): Promise<ColumnReading> {
  const forms = { decimal: decimalSaid(job.options.decimal), times: dateFormatOf(job.dateFormats, column.name) }
  const reading = readingOf(column, said, isTitle, forms)
  const place = `${relation.shown} column "${column.name}"`
  if (reading.doubtful !== undefined) job.warn(doubtfulNumber(place, reading.doubtful, numberForm(column.samples).form))
  const almost =
    said === null && ['category', 'text'].includes(reading.kind) && !isTitle ? almostNumbers(column.samples, forms.decimal) : null
  if (almost !== null)
    job.warn(
      `${place}: ${almost.n} of ${almost.of} cells looked at are numbers and "${almost.cell}" is none, so the column is taken as ${reading.kind}. Correct such cells, or say ${kindOffered(side, column.name, reading.kind)} where that is meant.`,
    )
  if (reading.rivals === undefined || reading.rivals.length === 0) return reading
  const known = [...reading.rivals, ...TIME_FORMS.filter(({ name }) => name === reading.form)]
  const cell = textSql(column.field, column.type)
  const counts = known.map((form, k) => `count(*) FILTER (${form.sql(cell)} IS NULL) AS f${k}`)
  const misfits = await job.source.duck.one(`SELECT ${counts.join(', ')} FROM ${table} WHERE ${presentSql(cell, false)} IS NOT NULL`)
  const fewest = Math.min(...known.map((_, k) => Number(misfits[`f${k}`])))
  const best = known.filter((_, k) => Number(misfits[`f${k}`]) === fewest)
  if (best.length === 1) return readingOf(column, 'time', isTitle, { ...forms, times: best })
  const cells = { relation, column: column.name, cell, row: 'rowid', from: table, samples: column.samples }
  const error = await undecidedTimes(job.source.duck, cells, best)
  if (said === 'time') throw error
  job.warn(`${error.message} Until then the column is left out.`)
  return readingOf(column, 'ignore', isTitle, forms)
}

async function refuseBadIds(job: ImportContext, side: 'user' | 'item', relation: Relation, table: string, id: IdReading): Promise<void> {
  const { duck } = job.source
  const words = await missingWords(duck, `${table} WHERE true`, 'id')
  const empty = words.find(({ word }) => word === '')
  const list = listWords(words)
  if (words.length > 0 && job.options.missingIds === 'drop') {
    const n = words.reduce((sum, word) => sum + word.n, 0)
    job.warn(
      `${relation.shown}: ${n.toLocaleString('en-US')} ${n === 1 ? 'row' : 'rows'} without ${side} id in "${id.column}" ${n === 1 ? 'is' : 'are'} left out (${list}).`,
    )
  } else if (words.length > 0 && (empty !== undefined || job.options.missingIds === 'fail')) {
    const { word, first } = empty ?? words[0]!
    throw missingId(side, word, words, relation.place(first, id.column), `every row of metadata needs ${A_SIDE[side]} id`)
  } else if (words.length > 0)
    job.warn(`${relation.shown}: words that often stand for nothing are taken as ${side} ids in "${id.column}": ${list}.`)
  if (id.floating) await refuseBadFloat(job, side, relation, table, id)
  await refuseTwice(duck, side, relation, table, id.column)
  if (words.length === 0 || job.options.missingIds !== 'drop') return
  // rows keep their numbers, for places in the file
  await duck.run(`DELETE FROM ${table} WHERE ${missingIdSql('id')}`)
  if ((await duck.count(table)) === 0) throw badData(`There are no ${side}s with an id in this file.`, relation.shown)
}

async function refuseBadFloat(job: ImportContext, side: string, relation: Relation, table: string, { column }: IdReading): Promise<void> {
  const { first } = await job.source.duck.one(
    `SELECT min(rowid) AS first FROM ${table} WHERE ${badFloatSql('id', job.options.floatIds === 'whole')}`,
  )
  if (first !== null)
    throw badData(
      `This number is no ${side} id: it is infinite or not whole. Correct or remove the row.`,
      relation.place(Number(first), column),
    )
}

async function refuseTwice(duck: Duck, side: string, relation: Relation, table: string, idColumn: string): Promise<void> {
  const twice = `SELECT id, min(rowid) AS first, min(rowid) FILTER (rowid > least) AS second FROM (SELECT id, rowid, min(rowid) OVER (PARTITION BY id) AS least FROM ${table} WHERE id IN (SELECT id FROM ${table} GROUP BY id HAVING count(*) > 1) AND NOT ${missingIdSql('id')}) GROUP BY id ORDER BY second LIMIT 1`
  const { id, first, second } = await duck.one(twice)
  if (id === undefined) return
  throw badData(
    `Two ${side}s have the id "${String(id)}": the other is at ${relation.place(Number(first))}. Keep one row an id.`,
    relation.place(Number(second), idColumn),
  )
}

/** Cells from all over the table, so that a sorted file does not mislead. */
async function sampleTable(duck: Duck, table: string, field: string, type: string, rows: number): Promise<string[]> {
  if (/\]$/.test(type)) return []
  const step = Math.max(1, Math.floor(rows / SAMPLE))
  const cells = await duck.rows(
    `SELECT ${textSql(field, type)} AS v FROM ${table} WHERE rowid % ${step} = 0 AND ${field} IS NOT NULL LIMIT ${SAMPLE}`,
  )
  return cells.map((row) => String(row['v']))
}

/**
 * Makes `SIDE_rows`, one row an entity in index order. Answers warnings about cells that a guess could not read.
 * @throws PylonError bad-data for a cell that a said kind cannot read, and for vectors that are ragged or not finite
 */
export async function* convertMetadata(duck: Duck, side: 'user' | 'item', metadata: Metadata | null): Stage<string[]> {
  const select = (metadata?.columns ?? []).map((c) => `, ${c.reading.sql} AS ${c.field}`).join('')
  if (metadata === null) {
    await duck.run(`CREATE TABLE ${side}_rows AS SELECT k AS __k, id FROM ${side}_ids ORDER BY k`)
    return []
  }
  const read = `SELECT rowid AS __source, id AS __id${select} FROM ${metadata.table}`
  const order = `SELECT d.k AS __k, d.id, m.* EXCLUDE (__id) FROM ${side}_ids d LEFT JOIN (${read}) m ON m.__id = d.id ORDER BY d.k`
  yield* duck.work(`read the ${side} columns`, `CREATE TABLE ${side}_rows AS ${order}`)
  const warnings: string[] = []
  for (const column of metadata.columns) {
    const warning = await checkReadable(duck, metadata, column)
    if (warning !== null) warnings.push(warning)
    if (column.reading.storage === 'vector') await checkVectors(duck, metadata, column)
    if (column.reading.kind === 'latitude' || column.reading.kind === 'longitude') await checkPlaces(duck, metadata, column)
  }
  await duck.run(`DROP TABLE ${metadata.table}`)
  return warnings
}

async function checkReadable(duck: Duck, { side, relation, table }: Metadata, column: MetadataColumn): Promise<string | null> {
  const { reading } = column
  if (reading.present === 'false') return null
  const { field } = column
  const failed = `FROM ${table} m JOIN ${side}_rows r ON r.__source = m.rowid WHERE r.${field} IS NULL AND ${inTable(reading.present, field)}`
  const { n, first } = await duck.one(`SELECT count(*) AS n, min(m.rowid) AS first ${failed}`)
  if (Number(n) === 0) return null
  const { cell } = await duck.one(`SELECT CAST(${field} AS VARCHAR)[:60] AS cell FROM ${table} WHERE rowid = ${Number(first)}`)
  const place = relation.place(Number(first), column.source)
  const what = `"${String(cell)}" is no ${WORD[reading.kind] ?? reading.kind}${reading.how === '' ? '' : ` (${reading.how})`}`
  if (column.said)
    throw badData(`${what}. Correct the cell, or choose another kind with ${kindOffered(side, column.source, 'text')}.`, place)
  return `${place}: ${what}; ${Number(n)} such cell${Number(n) === 1 ? '' : 's'} of "${column.source}" count as missing.`
}

const WORD: Partial<Record<ColumnKind, string>> = { tags: 'list', time: 'time', number: 'number', vector: 'list of numbers' }

/** The presence test speaks of the bare column; in a join that is ambiguous. */
function inTable(sql: string, field: string): string {
  return sql.replaceAll(sqlName(field), `m.${field}`)
}

async function checkVectors(duck: Duck, { side, relation }: Metadata, column: MetadataColumn): Promise<void> {
  const v = column.field
  const filled = `FROM ${side}_rows WHERE ${v} IS NOT NULL`
  const { width } = await duck.one(`SELECT mode(len(${v}) ORDER BY __source) AS width ${filled}`)
  const odd = `len(${v}) <> ${Number(width)}`
  const notFinite = `len(list_filter(${v}, lambda e: e IS NULL OR NOT isfinite(e))) > 0`
  const bad = await duck.one(
    `SELECT __source AS source, len(${v}) AS width, ${odd} AS ragged, list_position(list_transform(${v}, lambda e: e IS NULL OR NOT isfinite(e)), true) AS position ${filled} AND (${odd} OR ${notFinite}) ORDER BY __source LIMIT 1`,
  )
  if (bad['source'] === undefined) return
  const what =
    bad['ragged'] === true
      ? `This vector has ${Number(bad['width'])} numbers, the others have ${Number(width)}`
      : `Number ${Number(bad['position'])} of this vector is not finite (NaN, infinite or no number)`
  throw badData(
    `${what}. Correct or empty the cell, or leave the column out with ${kindOffered(side, column.source, 'ignore')}.`,
    relation.place(Number(bad['source']), column.source),
  )
}

async function checkPlaces(duck: Duck, { side, relation }: Metadata, column: MetadataColumn): Promise<void> {
  const limit = column.reading.kind === 'latitude' ? 90 : 180
  const { source, value } = await duck.one(
    `SELECT __source AS source, ${column.field} AS value FROM ${side}_rows WHERE abs(${column.field}) > ${limit} ORDER BY __source LIMIT 1`,
  )
  if (source === undefined) return
  throw badData(
    `${Number(value)} is no ${column.reading.kind}: it must lie within ±${limit} degrees.`,
    relation.place(Number(source), column.source),
  )
}

/** What the manifest says of each column. */
export async function describeColumns(duck: Duck, side: 'user' | 'item', metadata: Metadata | null, entities: number): Promise<Column[]> {
  const columns: Column[] = []
  for (const { name: column, field: c, reading } of metadata?.columns ?? []) {
    const numeric = reading.storage === 'number'
    const value = reading.storage === 'list' ? `unnest(${c})` : c
    const distinct = reading.storage === 'vector' ? '0' : entities > EXACT_DISTINCT ? 'approx_count_distinct(v)' : 'count(DISTINCT v)'
    const counts = await duck.one(`SELECT ${distinct} AS n FROM (SELECT ${value} AS v FROM ${side}_rows)`)
    const bounds = numeric
      ? `, min(${c}) AS minimum, max(${c}) AS maximum`
      : reading.storage === 'vector'
        ? `, max(len(${c})) AS width`
        : ''
    const facts = await duck.one(`SELECT count(*) - count(${c}) AS missing${bounds} FROM ${side}_rows`)
    const samples = await duck.rows(
      `SELECT (${shownSql(c, reading)})[:80] AS v, min(__k) AS first FROM ${side}_rows WHERE ${c} IS NOT NULL GROUP BY 1 ORDER BY first LIMIT 5`,
    )
    columns.push({
      name: column,
      kind: reading.kind,
      storage: reading.storage,
      distinct: Number(counts['n']),
      missing: Number(facts['missing']),
      samples: samples.map((row) => String(row['v'])),
      minimum: numberOrNull(facts['minimum']),
      maximum: numberOrNull(facts['maximum']),
      width: numberOrNull(facts['width']),
      ...(reading.form === null ? {} : { form: reading.form }),
    })
  }
  return columns
}

/** A value as a person reads it: whole numbers without a point, times as dates, lists without brackets. */
function shownSql(c: string, { kind, storage }: ColumnReading): string {
  if (kind === 'time') return `strftime(make_timestamp(CAST(${c} * 1000000 AS BIGINT)), '%Y-%m-%d %H:%M:%S')`
  if (storage === 'list') return `array_to_string(${c}, ', ')`
  if (storage !== 'number') return `CAST(${c} AS VARCHAR)`
  return `CASE WHEN ${c} = floor(${c}) AND abs(${c}) < 1e15 THEN CAST(CAST(${c} AS BIGINT) AS VARCHAR) ELSE CAST(${c} AS VARCHAR) END`
}

function numberOrNull(value: DuckCell | undefined): number | null {
  return typeof value === 'number' ? value : null
}

/** Adds a side's ids and values to a checksum: by value, not by Parquet bytes, which depend on the writer's version. */
export async function hashMetadata(duck: Duck, side: 'user' | 'item', columns: readonly Column[], hash: Hash): Promise<void> {
  hash.update(JSON.stringify([side, columns.map((c) => [c.name, c.storage])]))
  const fields = ['id: id', ...columns.map((c, k) => `${sqlText(c.name)}: ${fieldOf(k)}`)].join(', ')
  const row = `sha256(CAST(to_json({${fields}}) AS VARCHAR))`
  for await (const chunk of duck.chunks(
    `SELECT sha256(string_agg(${row}, '' ORDER BY __k)) AS h FROM ${side}_rows GROUP BY __k // 4096 ORDER BY min(__k)`,
  )) {
    for (const value of chunk.getColumnValues(0)) hash.update(String(value))
  }
}

/** Writes row k = entity k: `id` and the columns. */
export async function* writeMetadata(duck: Duck, side: 'user' | 'item', columns: readonly Column[], path: string): Stage {
  const select = ['id', ...columns.map((c, k) => `${fieldOf(k)} AS ${sqlName(c.name)}`)].join(', ')
  yield* duck.work(
    `write the ${side}s`,
    `COPY (SELECT ${select} FROM ${side}_rows ORDER BY __k) TO ${sqlText(path)} (FORMAT parquet, COMPRESSION zstd)`,
  )
}
