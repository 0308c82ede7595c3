/**
 * What an id is: the text of a cell as it is written. Two things are no texts as written: numbers that a file has as floating ones (`1.0`,
 * which pandas makes of ids with gaps), which are the whole number, so that two files join; and words for a missing id, which are handled
 * as `--missing-ids` says. Lists, structures and bytes are no ids at all.
 */
import { badData, type PylonError } from '../../contract/errors.ts'
import { isMissingId, missingIdSql } from '../dataset/cells/cell-form.ts'
import { digitsSql, isFloating, sqlName, sqlText, textSql, type Duck } from '../dataset/duck.ts'
import type { ImportContext } from './import-context.ts'
import { sampleColumn } from './column-samples.ts'
import { explainedBy, type Relation } from './relation.ts'
import { refuseNested } from './unroll.ts'

export type Side = 'user' | 'item'

/** A column of ids and how to read it. */
export interface IdReading {
  readonly column: string
  /** SQL of the id as text; NULL where there is none */
  readonly sql: string
  /** whether an id may be an infinite number, which is none */
  readonly floating: boolean
}

export const A_SIDE = { user: 'a user', item: 'an item' } as const satisfies Record<Side, string>

const WITHOUT_ZEROS = /^[+-]?\d+\.0+$/

/** How to read a column of ids; says what is not as it is written. @throws PylonError bad-data for a column that holds no ids */
export async function idReading(job: ImportContext, side: Side, relation: Relation, column: string): Promise<IdReading> {
  const { duck } = job.source
  const { type, numbers = false } = relation.columns.find(({ name }) => name === column) ?? { type: 'VARCHAR' }
  const refused = refuseNested(relation, column, side)
  if (refused !== null) throw refused
  if (type === 'BLOB') throw badData('This column holds bytes, which are no ids; write them as text.', placeOf(relation, column))
  const quoted = sqlName(column)
  const text = textSql(column, type)
  if (type === 'JSON') {
    const { nested } = await duck.one(
      `SELECT min(json_type(${quoted})) AS nested FROM ${relation.from} WHERE json_type(${quoted}) IN ('ARRAY', 'OBJECT')`,
    )
    // values of several types come as JSON: a list or an object among them is no id either
    const as = nested === 'ARRAY' ? 'JSON[]' : 'STRUCT()'
    if (nested !== null) throw refuseNested({ ...relation, columns: [{ name: column, type: as }] }, column, side)!
  }
  const isFloat = isFloating(type)
  const asWritten = { column, sql: text, floating: isFloat }
  if (job.options.floatIds === 'keep' || !(isFloat || (type === 'VARCHAR' && (await hasZeros(duck, relation, column, numbers)))))
    return asWritten
  job.warn(
    `${relation.shown}: the ${side} ids of "${column}" are floating numbers, of which 1.0 is the id 1; --float-ids keep leaves them as they are.`,
  )
  return { ...asWritten, sql: isFloat ? digitsSql(column, type) : `regexp_replace(${quoted}, '\\.0+$', '')` }
}

/** Whether every id of a text column is digits and `.0`: told by its first rows, then by all. @param some where the file has numbers, any is enough */
async function hasZeros(duck: Duck, relation: Relation, column: string, some: boolean): Promise<boolean> {
  const samples = (await sampleColumn(duck, relation, column)).filter((cell) => !isMissingId(cell))
  if (some) return samples.some((cell) => WITHOUT_ZEROS.test(cell))
  if (samples.length === 0 || !samples.every((cell) => WITHOUT_ZEROS.test(cell))) return false
  const quoted = sqlName(column)
  const others = `NOT regexp_full_match(${quoted}, ${sqlText(WITHOUT_ZEROS.source.slice(1, -1))}) AND NOT ${missingIdSql(quoted)}`
  const { n } = await duck.one(`SELECT count(*) AS n FROM ${relation.from} WHERE ${others}`).catch(explainedBy(relation))
  return Number(n) === 0
}

const placeOf = (relation: Relation, column: string): string => `${relation.shown} column "${column}"`

/** Whether the text of a floating id is none: infinite, or, where whole ones are ids, a fraction or a number that no file means exactly. */
export function badFloatSql(id: string, whole: boolean): string {
  const infinite = `lower(${id}) IN ('inf', '-inf', 'infinity', '-infinity')`
  return whole ? `(NOT regexp_full_match(${id}, '-?[0-9]+') AND NOT ${missingIdSql(id)})` : infinite
}

/** Words for missing ids, and how often each stands there. */
export async function missingWords(duck: Duck, from: string, id: string): Promise<{ word: string; n: number; first: number }[]> {
  const rows = await duck.rows(
    `SELECT trim(coalesce(${id}, '')) AS word, count(*) AS n, min(rowid) AS first FROM ${from} AND ${missingIdSql(id)} GROUP BY 1 ORDER BY first`,
  )
  return rows.map(({ word, n, first }) => ({ word: String(word), n: Number(n), first: Number(first) }))
}

export const listWords = (words: readonly { word: string; n: number }[]): string =>
  words.map(({ word, n }) => `${word === '' ? 'empty' : `"${word}"`} ${n.toLocaleString('en-US')}`).join(', ')

/** What is wrong with a row without an id. @param needs why it is needed */
export function missingId(
  side: Side,
  word: string,
  words: readonly { word: string; n: number }[],
  place: string,
  needs: string,
): PylonError {
  const what = word === '' ? `This cell is empty; ${needs}` : `"${word}" is no ${side} id but a word for a missing one`
  const n = words.reduce((sum, found) => sum + found.n, 0)
  const remedy =
    n === 1
      ? 'Correct the row, or leave it out'
      : `Correct such rows (${n.toLocaleString('en-US')} here: ${listWords(words)}), or leave them out`
  const keep = word === '' ? '' : ', or pass --missing-ids keep where it is an id'
  return badData(`${what}. ${remedy} with --missing-ids drop${keep}.`, place)
}

/** Says that every id of a table (`id`) begins or ends with a blank, which those of another table may not do. */
async function sayBlanks(job: ImportContext, side: Side, table: string): Promise<void> {
  const { blank, ids, one } = await job.source.duck.one(
    `SELECT count(*) FILTER (id <> trim(id)) AS blank, count(*) AS ids, min(id) AS one FROM ${table}`,
  )
  if (Number(ids) > 1 && blank === ids)
    job.warn(`Every ${side} id begins or ends with a blank, such as ${JSON.stringify(one)}, and is another one without it.`)
}

/** Says how many ids of a table (`id`) are another but for blanks or case, with a pair of them, and whether blanks are around them all. */
export async function sayNearDuplicates(job: ImportContext, side: Side, table: string): Promise<void> {
  const groups = `SELECT count(*) AS n, min(id) AS one, max(id) AS other FROM ${table} GROUP BY lower(nfc_normalize(trim(id))) HAVING count(*) > 1`
  const { ids, one, other } = await job.source.duck.one(
    `SELECT sum(n)::BIGINT AS ids, arg_min(one, one) AS one, arg_min(other, one) AS other FROM (${groups})`,
  )
  await sayBlanks(job, side, table)
  if (ids === null) return
  job.warn(
    `${Number(ids).toLocaleString('en-US')} ${side} ids differ from another one in blanks, case or accents' spelling only, such as ${JSON.stringify(one)} and ${JSON.stringify(other)}; they are different ${side}s here.`,
  )
}
