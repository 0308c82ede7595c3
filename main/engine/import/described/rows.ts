/**
 * The rows of a log as they are read for what they tell of its users and items: ids and times as the import reads them, beside the columns
 * that may describe somebody, each NULL where its cell holds nothing.
 */
import type { ColumnKind } from '../../../contract/shapes/dataset.ts'
import { missingIdSql, presentSql } from '../../dataset/cells/cell-form.ts'
import { type Duck, digitsSql, isFloating, sqlName, textSql } from '../../dataset/duck.ts'
import { readingOf } from '../column-kinds.ts'
import { sampleColumn } from '../column-samples.ts'
import { dateFormatOf, decimalSaid } from '../forms-said.ts'
import type { ImportContext } from '../import-context.ts'
import type { Reread } from '../load-interactions.ts'
import { windowSql } from '../prepare.ts'
import { numberedSql, type Relation, type RelationColumn } from '../relation.ts'
import type { InteractionColumns } from '../roles.ts'

/** A column that may describe users or items. */
export interface LogColumn extends RelationColumn {
  /** whether words such as `-` and `None` are values of it, as they are in texts */
  readonly words: boolean
}

/** Columns of a log, with what their kinds take for a missing cell. @param kindOf said kinds */
export async function logColumns(
  job: ImportContext,
  relation: Relation,
  names: readonly string[],
  kindOf: (column: string) => ColumnKind | null,
): Promise<LogColumn[]> {
  const columns: LogColumn[] = []
  for (const column of relation.columns.filter(({ name }) => names.includes(name))) {
    const { name, type } = column
    const forms = { decimal: decimalSaid(job.options.decimal), times: dateFormatOf(job.dateFormats, name) }
    const samples = await sampleColumn(job.source.duck, relation, name)
    const { storage } = readingOf({ name, field: name, type, samples }, kindOf(name), false, forms)
    columns.push({ ...column, words: storage === 'text' || storage === 'list' })
  }
  return columns
}

/** Signs that begin no word for nothing, and are no blanks: digits, most letters, Chinese. */
const BEGINNINGS = [
  ['0', ':'],
  ['A', 'N'],
  ['O', '['],
  ['a', 'n'],
  ['o', '{'],
  ['\u3400', '\ua000'],
] as const

/** As `presentSql`, which trims each cell and looks it up: that is most of the time that a large log takes, and most cells need neither. */
function presentText(cell: string, words: boolean): string {
  const sure = BEGINNINGS.map(([from, to]) => `WHEN ${cell} >= '${from}' AND ${cell} < '${to}' THEN ${cell}`)
  return `CASE ${sure.join(' ')} ELSE ${presentSql(cell, words)} END`
}

/** The value of a column's cell in one file of the log; NULL where there is none. */
export function valueSql({ name, type, words }: LogColumn, relation: Relation): string {
  const own = relation.columns.find((column) => column.name === name)
  if (own === undefined) return `CAST(NULL AS ${type})`
  if (own.type !== type) return presentSql(digitsSql(own.name, own.type), words)
  const cell = sqlName(name)
  if (type === 'VARCHAR') return presentText(cell, words)
  if (type === 'JSON') return `CASE WHEN ${textSql(name, type)} IS NOT NULL THEN ${cell} END`
  return isFloating(type) ? `CASE WHEN NOT isnan(CAST(${cell} AS DOUBLE)) THEN ${cell} END` : cell
}

/** Which rows count: those that the import takes, within the window that is asked for. */
export function takenSql(job: ImportContext, columns: InteractionColumns): string {
  const { badRows, missingIds } = job.options
  const window = windowSql(job.options)
  const conditions = [
    ...(missingIds === 'drop' ? [`NOT ${missingIdSql('"user"')}`, `NOT ${missingIdSql('item')}`] : []),
    ...(badRows === 'skip'
      ? (['time', 'weight', 'event'] as const).filter((role) => columns[role] !== null).map((role) => `${role} IS NOT NULL`)
      : []),
    ...(window === null ? [] : [window]),
  ]
  return conditions.length === 0 ? 'true' : conditions.join(' AND ')
}

/** What is selected of a log: `"user"`, item, time, and `v0` … for the columns. */
export const cellsSql = ({ relation, columns: roles }: Reread, columns: readonly LogColumn[]): string =>
  [roles, ...columns.map((column, k) => `${valueSql(column, relation)} AS v${k}`)].join(', ')

/** Rows of a log: its cells, and `r`, their number from 0. */
export const rowsSql = async (duck: Duck, log: Reread, columns: readonly LogColumn[]): Promise<string> =>
  numberedSql(duck, log.relation, { cells: cellsSql(log, columns), number: 'r' })
