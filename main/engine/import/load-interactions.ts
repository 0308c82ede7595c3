/** Interactions from relations to a table: which columns are read, in which forms of times and numbers. Ten million rows take about 400 MB of DuckDB. */
import { isStructure } from './unroll.ts'
import { badData } from '../../contract/errors.ts'
import { nameOption, pairOption } from '../../contract/import-options.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import { isFloating, sqlName, sqlText, textSql } from '../dataset/duck.ts'
import { explainedBy, type Relation, typeOf } from './relation.ts'
import { finite, presentSql } from '../dataset/cells/cell-form.ts'
import { numberForm, type NumberForm } from '../dataset/cells/numbers.ts'
import type { TimeForm } from '../dataset/cells/time-form.ts'
import { ISO_FREE, ISO_WITH_OFFSET } from '../dataset/cells/time-patterns.ts'
import { guessTime, TIME_WORDS } from '../dataset/cells/times.ts'
import { checkRows, type Reading } from './check-rows.ts'
import { sampleColumn } from './column-samples.ts'
import { idReading } from './ids.ts'
import type { ImportContext } from './import-context.ts'
import type { InteractionColumns } from './roles.ts'
import { dateFormatOf, decimalSaid, doubtfulNumber, undecidedTimes } from './forms-said.ts'

/** A table `raw` (user, item, time, weight, event) of one or two files, in their order. */
export interface LoadedTable {
  readonly rows: number
  readonly given: number
  readonly columns: InteractionColumns
  /** what the times look like, for people */
  readonly timeLabel: string | null
  /** how the files are read, to read them again */
  readonly rereads: readonly Reread[]
}

/** What reads the rows of one file as those of `raw`, before any preparation. */
export interface Reread {
  readonly relation: Relation
  /** the columns of `raw`, to select from the relation */
  readonly columns: string
  /** columns of the relation that have a role */
  readonly roles: readonly string[]
}

/**
 * Reads the files into the table `raw`; rows without an id are left out where `--missing-ids drop` says so.
 * @throws PylonError bad-data with file, line and column of the first row that is wrong
 */
export async function* loadInteractions(
  job: ImportContext,
  train: Relation,
  test: Relation | null,
  columns: InteractionColumns,
): Stage<LoadedTable> {
  const { duck } = job.source
  const form = columns.time === null ? null : await timeForm(job, train, columns.time)
  const weight = columns.weight === null ? null : await weightForm(job, train, columns.weight)
  await duck.run(`CREATE TABLE raw (user VARCHAR, item VARCHAR, time DOUBLE, weight FLOAT, event VARCHAR)`)
  let given = 0
  const rereads: Reread[] = []
  for (const relation of test === null ? [train] : [train, test]) {
    const reading: Reading = {
      relation,
      columns,
      form,
      weight,
      user: await idReading(job, 'user', relation, columns.user),
      item: await idReading(job, 'item', relation, columns.item),
    }
    const before = given
    try {
      yield* duck.work(`read ${relation.shown}`, `INSERT INTO raw SELECT ${rawColumns(reading)} FROM ${relation.from}`)
    } catch (error) {
      throw relation.explain(error)
    }
    if ((await duck.count('raw')) === before) throw badData('There are no interactions in this file.', relation.shown)
    await checkRows(job, reading, before)
    if (relation === train) given = await duck.count('raw')
    const roles = Object.values(columns).filter((column: string | null) => column !== null)
    rereads.push({ relation, columns: rawColumns(reading), roles })
  }
  const rows = await duck.count('raw')
  return { rows, given: test === null ? rows : given, columns, timeLabel: form?.name ?? null, rereads }
}

const isNumeric = (type: string): boolean => isFloating(type) || /^(U?(BIG|SMALL|TINY|HUGE)?INT|U?INTEGER|DECIMAL.*)$/.test(type)

function rawColumns({ relation, columns, form, weight, user, item }: Reading): string {
  const time = columns.time === null ? 'NULL' : (form?.sql(timeCell(relation, columns.time, form)) ?? `epoch(${sqlName(columns.time)})`)
  const event = columns.event === null ? 'NULL' : textSql(columns.event, typeOf(relation, columns.event))
  return `${user.sql} AS "user", ${item.sql} AS item, ${time} AS time, ${weightSql(relation, columns.weight, weight)} AS weight, ${event} AS event`
}

/** Epochs of a column of numbers are read as they are; a date needs its text. */
function timeCell(relation: Relation, column: string, form: TimeForm): string {
  const type = typeOf(relation, column)
  if (!isNumeric(type)) return textSql(column, type)
  if (form.name.startsWith('epoch')) return sqlName(column)
  return `CAST(TRY_CAST(${sqlName(column)} AS HUGEINT) AS VARCHAR)`
}

function weightSql(relation: Relation, column: string | null, form: NumberForm | null): string {
  if (column === null) return 'NULL'
  const type = typeOf(relation, column)
  if (form === null || isNumeric(type)) return finite(`TRY_CAST(${sqlName(column)} AS FLOAT)`)
  const cell = textSql(column, type)
  return finite(`TRY_CAST(${form.sql(cell)} AS FLOAT)`)
}

/** Null where the column holds numbers. */
async function weightForm(job: ImportContext, relation: Relation, column: string): Promise<NumberForm | null> {
  // how numbers are written is for texts to say
  if (isNumeric(typeOf(relation, column)) || relation.columns.some(({ name, numbers }) => name === column && numbers === true)) return null
  const { form, doubtful } = numberForm(await sampleColumn(job.source.duck, relation, column), decimalSaid(job.options.decimal))
  if (doubtful !== null) job.warn(doubtfulNumber(`${relation.shown} column "${column}"`, doubtful, form))
  return form
}

/**
 * The form of a column of times; null where it holds times already. Where the first rows leave the order of day and month open, all of
 * them decide. @throws PylonError bad-data where no form is known, or nothing tells two apart
 */
async function timeForm(job: ImportContext, relation: Relation, column: string): Promise<TimeForm | null> {
  const { duck } = job.source
  if (/^(DATE|TIMESTAMP)/.test(typeOf(relation, column))) return null
  const place = `${relation.shown} column "${column}"`
  const samples = await sampleColumn(duck, relation, column)
  const guess = guessTime(samples, dateFormatOf(job.dateFormats, column))
  if (guess === null && isStructure(typeOf(relation, column)))
    throw badData(
      `This column holds structures, which are no times. With ${nameOption('unroll', column)} their fields are columns: then name one with ${pairOption('map', 'time', `${column}.FIELD`)}.`,
      place,
    )
  if (guess === null)
    throw badData(
      `This is no time that is known ("${samples[0] ?? ''}"). Say how times are written with --date-format (${TIME_WORDS}), or leave them out with --map time=none: then interactions have no order, and the split is at random.`,
      place,
    )
  const forms = [guess.form, ...guess.rivals]
  if (forms.length === 1) {
    await tellZones(job, relation, column, guess.form)
    return guess.form
  }
  const cell = timeCell(relation, column, guess.form)
  const counts = forms.map((form, k) => `count(*) FILTER (${form.sql(cell)} IS NULL) AS f${k}`)
  const misfits = await duck
    .one(`SELECT ${counts.join(', ')} FROM ${relation.from} WHERE ${presentSql(cell, false)} IS NOT NULL`)
    .catch(explainedBy(relation))
  const fewest = Math.min(...forms.map((_, k) => Number(misfits[`f${k}`])))
  const best = forms.filter((_, k) => Number(misfits[`f${k}`]) === fewest)
  const cells = { relation, column, cell, row: 'row_number() OVER () - 1', from: relation.from, samples }
  if (best.length > 1) throw await undecidedTimes(duck, cells, best)
  return best[0]!
}

/** A date, and perhaps a clock, without a zone behind it. */
const ZONELESS = '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[T ]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?)?'

/** Warns of cells without a zone among others that name one: they are taken as UTC, which may be hours off. */
async function tellZones(job: ImportContext, relation: Relation, column: string, form: TimeForm): Promise<void> {
  if (form !== ISO_WITH_OFFSET && form !== ISO_FREE) return
  const cell = timeCell(relation, column, form)
  const { n, one } = await job.source.duck
    .one(`SELECT count(*) AS n, min(${cell}) AS one FROM ${relation.from} WHERE regexp_full_match(trim(${cell}), ${sqlText(ZONELESS)})`)
    .catch(explainedBy(relation))
  if (Number(n) > 0)
    job.warn(
      `${relation.shown} column "${column}": ${String(n)} ${Number(n) === 1 ? 'time names' : 'times name'} no zone, as "${String(one)}", where others do: taken as UTC.`,
    )
}
