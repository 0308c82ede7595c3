/**
 * Rows of interactions that lack what they need: refused with their place in the file, left out, or, where words for a missing id are ids, kept.
 * Works on the rows of one file in the table `raw`, whose numbers are those of the file.
 */
import { badData } from '../../contract/errors.ts'
import { sqlText, textSql, type Duck } from '../dataset/duck.ts'
import { missingIdSql } from '../dataset/cells/cell-form.ts'
import type { NumberForm } from '../dataset/cells/numbers.ts'
import type { TimeForm } from '../dataset/cells/time-form.ts'
import { epochSecond, todayAsEpoch } from '../dataset/cells/times.ts'
import { badFloatSql, listWords, missingId, missingWords, type IdReading, type Side } from './ids.ts'
import type { ImportContext } from './import-context.ts'
import type { InteractionColumns } from './roles.ts'
import { numberedSql, placesOf, type Relation, typeOf } from './relation.ts'

/** How the columns of one file are read. */
export interface Reading {
  readonly relation: Relation
  readonly columns: InteractionColumns
  /** null where there is no time, or the column holds times already */
  readonly form: TimeForm | null
  readonly weight: NumberForm | null
  readonly user: IdReading
  readonly item: IdReading
}

/** @throws PylonError bad-data for a row that lacks what it needs, in terms of the file */
export async function checkRows(job: ImportContext, reading: Reading, before: number): Promise<void> {
  const { duck } = job.source
  const { columns } = reading
  const roles = (['user', 'item', 'time', 'weight', 'event'] as const).filter((role) => columns[role] !== null)
  const wrong = (role: (typeof roles)[number]): string => {
    if (role !== 'user' && role !== 'item') return `${role} IS NULL`
    if (role === 'user' && repeatsNames(reading.relation)) return `(user = ${sqlText(columns.user)} AND item = ${sqlText(columns.item)})`
    return reading[role].floating ? badFloatSql(role, job.options.floatIds === 'whole') : 'false'
  }
  // a row that is left out need not be right; the others are judged before it goes, as rows have the numbers of the file until then
  const dropping = job.options.missingIds === 'drop'
  const judged = dropping ? `NOT (${SIDES.map((side) => missingIdSql(side)).join(' OR ')})` : 'true'
  const firsts = roles.map((role) => `min(rowid) FILTER (${judged} AND ${wrong(role)}) AS ${role}`)
  const missing = SIDES.map((side) => `count(*) FILTER (${missingIdSql(side)}) AS missing_${side}`)
  const found = await duck.one(`SELECT ${[...firsts, ...missing].join(', ')} FROM raw WHERE rowid >= ${before}`)
  const without = SIDES.filter((side) => Number(found[`missing_${side}`]) > 0)
  const bad = roles.filter((role) => found[role] !== null).sort((a, b) => Number(found[a]) - Number(found[b]))[0]
  if (bad !== undefined) {
    const row = Number(found[bad]) - before
    refuseLacking(reading, bad, row)
    if (job.options.badRows !== 'skip') await refuseRow(duck, reading, bad, row)
    await skipRows(
      job,
      reading,
      roles.map((role) => [role, `(${judged} AND ${wrong(role)})`] as const),
      before,
    )
  }
  if (without.length > 0 && dropping) await dropMissing(job, reading, without, before)
  else if (without.length > 0) await judgeMissing(job, reading, without, before)
}

/** A whole part without a column is no bad row. @throws PylonError bad-data naming the part */
function refuseLacking({ relation, columns }: Reading, role: Role, row: number): void {
  const part = relation.lacks?.(row, columns[role]!) ?? null
  if (part === null) return
  const none = role === 'user' || role === 'item' ? '' : `, or say --map ${role}=none`
  throw badData(`This file has no column "${columns[role]!}", which the others have. Give it one${none}.`, part)
}

const SIDES = ['user', 'item'] as const

/** Files put behind each other have the names of their columns among the rows. */
const repeatsNames = ({ reader, named }: Relation): boolean => reader === 'delimited' && named

async function refuseRow(duck: Duck, { relation, columns, form }: Reading, role: keyof typeof WANTED, row: number): Promise<never> {
  const column = columns[role]!
  const cell = await cellAt(duck, relation, row, column)
  const place = relation.place(row, column)
  if (cell === null || cell.trim() === '') throw badData(`This cell is empty; every interaction needs ${ARTICLE[role]}. ${REMEDY}.`, place)
  if (role === 'user' && repeatsNames(relation))
    throw badData(`This row repeats the names of the columns, as files put behind each other do. ${REMEDY}.`, place)
  const other = role === 'time' && form !== null ? otherEpoch(cell, form) : null
  if (other !== null) throw badData(other, place)
  const what = `"${cell.slice(0, 60)}" is no ${WANTED[role]}${role === 'time' && form !== null ? ` (${form.name})` : ''}`
  const asWritten = role === 'user' || role === 'item' ? ' --float-ids keep takes floating ids as they are written.' : ''
  throw badData(`${what}; every interaction needs ${ARTICLE[role]}. ${REMEDY}.${asWritten}`, place)
}

const REMEDY = 'Correct or remove the row, or leave such rows out with --bad-rows skip'

/** Both readings of a number that is of another unit than its column. */
function otherEpoch(cell: string, form: TimeForm): string | null {
  const [second, value] = [epochSecond(form), Number(cell)]
  const there = second === null || cell.trim() === '' ? null : todayAsEpoch(value)
  if (second === null || there === null || there.unit === form.name.replace('epoch ', '')) return null
  const unit = form.name.replace('epoch ', '')
  return `The other times of this column are ${unit} since 1970, as which ${cell.trim()} is ${dayOf(value / second)}; as ${there.unit} it is ${dayOf(there.seconds)}. Write all times in one unit.`
}

const dayOf = (seconds: number): string => {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9999
    ? `in the year ${Math.round(1970 + seconds / 31_556_952)}`
    : date.toISOString().slice(0, 10)
}

/** The text of a cell: from the file, else from its relation. */
async function cellAt(duck: Duck, relation: Relation, row: number, column: string): Promise<string | null> {
  const known = relation.cell(row, column)
  if (known !== null) return known
  const { v } = await duck.one(`SELECT ${textSql(column, typeOf(relation, column))} AS v FROM ${relation.from} LIMIT 1 OFFSET ${row}`)
  return typeof v === 'string' ? v : null
}

const WANTED = { user: 'user id', item: 'item id', time: 'time', weight: 'finite number', event: 'event type' } as const
const ARTICLE = { user: 'a user id', item: 'an item id', time: 'a time', weight: 'a finite weight', event: 'an event type' } as const

async function dropMissing(job: ImportContext, reading: Reading, sides: readonly Side[], before: number): Promise<void> {
  const { duck } = job.source
  const { relation } = reading
  for (const side of sides) {
    const words = await missingWords(duck, `raw WHERE rowid >= ${before}`, side)
    const n = words.reduce((sum, word) => sum + word.n, 0)
    job.warn(
      `${relation.shown}: ${n.toLocaleString('en-US')} ${n === 1 ? 'row' : 'rows'} without ${ARTICLE[side]} in "${reading[side].column}" ${n === 1 ? 'is' : 'are'} left out (${listWords(words)}).`,
    )
  }
  await keepRows(
    duck,
    relation,
    before,
    sides.map((side) => missingIdSql(side)).join(' OR '),
    'No interaction of this file has both a user and an item.',
  )
}

/** Leaves out the rows of one file that a condition is true of; the others are numbered anew, in their order. */
async function keepRows(duck: Duck, relation: Relation, before: number, without: string, none: string): Promise<void> {
  await duck.run(`CREATE TABLE kept AS SELECT * FROM raw WHERE rowid < ${before} OR NOT (${without})`)
  await duck.run('DROP TABLE raw')
  await duck.run('ALTER TABLE kept RENAME TO raw')
  if ((await duck.count('raw')) === before) throw badData(none, relation.shown)
}

type Role = keyof typeof WANTED

/** Lists the rows that lack what they need, with their cells, and leaves them out. */
async function skipRows(
  job: ImportContext,
  { relation, columns }: Reading,
  wrong: readonly (readonly [Role, string])[],
  before: number,
): Promise<void> {
  const { duck, skipped } = job.source
  const cells = relation.columns.map(({ name, type }, k) => `${textSql(name, type)} AS c${k}`).join(', ')
  const reason = `CASE ${wrong.map(([role, sql]) => `WHEN ${sql} THEN ${sqlText(role)}`).join(' ')} END`
  const bad = `SELECT rowid - ${before} AS n, ${reason} AS role FROM raw WHERE rowid >= ${before} AND ${reason} IS NOT NULL`
  const source = await numberedSql(duck, relation, { cells, number: 'n' })
  for await (const chunk of duck.chunks(`SELECT b.role, s.n, s.* EXCLUDE (n) FROM (${bad}) b JOIN (${source}) s USING (n) ORDER BY s.n`)) {
    const rows = chunk.getRows()
    const places = placesOf(
      relation,
      rows.map(([, n]) => Number(n)),
    )
    for (const [k, [role, , ...row]] of rows.entries()) {
      const column = columns[String(role) as Role]
      const named = Object.fromEntries(relation.columns.map(({ name }, k) => [name, row[k] === null ? null : String(row[k])]))
      const { file, place } = places[k]!
      skipped.add(file, place, `no ${WANTED[String(role) as Role]} in "${column}"`, JSON.stringify(named))
    }
  }
  await keepRows(duck, relation, before, wrong.map(([, sql]) => sql).join(' OR '), 'No interaction of this file can be read.')
}

/** Refuses rows without an id, or takes the words for it as ids, which is said. */
async function judgeMissing(job: ImportContext, reading: Reading, sides: readonly Side[], before: number): Promise<void> {
  for (const side of sides) {
    const { relation } = reading
    const { column } = reading[side]
    const words = await missingWords(job.source.duck, `raw WHERE rowid >= ${before}`, side)
    const empty = words.find(({ word }) => word === '')
    if (job.options.missingIds === 'keep' && empty === undefined) {
      job.warn(`${relation.shown}: words that often stand for nothing are taken as ${side} ids in "${column}": ${listWords(words)}.`)
      continue
    }
    const kept = job.options.missingIds === 'keep'
    const first = kept ? empty! : words[0]!
    const place = relation.place(first.first - before, column)
    if (kept && words.length > 1)
      throw badData(
        `This cell is empty; every interaction needs ${ARTICLE[side]}. Correct such rows (${first.n.toLocaleString('en-US')} here), or leave them out with --missing-ids drop, which leaves out the words that are kept now too.`,
        place,
      )
    throw missingId(side, first.word, words, place, 'every interaction needs ' + ARTICLE[side])
  }
}
