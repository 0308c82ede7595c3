/**
 * The table of items, or users, that a log tells of: a row an id, each column with its newest value that is not missing. By time, and by
 * the order of rows where times are alike or there are none; rows of a test file count for ids that are nowhere else.
 *
 * Two passes over the log: one finds what each id has, in any order; where ids have several values, another finds the newest of theirs.
 */
import { badData } from '../../../contract/errors.ts'
import type { Stage } from '../../../contract/shapes/progress.ts'
import { fixedWidthValues, textSql, sqlName, type Duck } from '../../dataset/duck.ts'
import type { Side } from '../ids.ts'
import type { Reread } from '../load-interactions.ts'
import type { Relation } from '../relation.ts'
import { rowsSql, type LogColumn } from './rows.ts'

/** What a table is made of. */
export interface Log {
  /** the file of interactions, and the test file where there is one */
  readonly files: readonly Reread[]
  readonly isTimed: boolean
  /** SQL of which rows count */
  readonly taken: string
  /** SQL of a table of one column that holds the ids that are there, by side; null: all are */
  readonly ids: Readonly<Record<Side, string>> | null
}

/** Ids with several values in a column, and one of them. */
export interface Differing {
  readonly column: string
  readonly ids: number
  /** ids with several rows that have a value */
  readonly several: number
  readonly example: { readonly id: string; readonly newest: Seen; readonly other: Seen } | null
}

/** A value, and where it stands. */
interface Seen {
  readonly value: string
  readonly place: string
}

export interface DescribedTable {
  /** the ids with some of the columns */
  readonly relationOf: (columns: readonly LogColumn[]) => Relation
  readonly differing: readonly Differing[]
}

/** Rows of a test file have numbers from here on. */
const TEST_ROWS = 2 ** 40
/** To find the line of a row, all lines above are read: an example is not worth more than these. */
const FAR = 500_000
/** A time in microseconds goes before the number of a row. */
const KEY = `CAST(round(coalesce(time, 0) * 1000000) AS HUGEINT) * ${2 ** 44} + r`
/** Up to this many cells have their places in the files kept for messages. */
const MOST_PLACES = 20_000_000

/** Makes the table `described_SIDE`, whose first column is called as the log calls the id. */
export async function* describedTable(
  duck: Duck,
  side: Side,
  { files, isTimed, taken, ids }: Log,
  idColumn: string,
  columns: readonly LogColumn[],
): Stage<DescribedTable> {
  const [train, test] = [files[0]!, files[1]]
  const of = async (log: Reread): Promise<string> =>
    `SELECT ${side === 'user' ? '"user"' : 'item'} AS id, time, r, ${columns.map((_, k) => `v${k}`).join(', ')} FROM (${await rowsSql(duck, log, columns)}) WHERE ${taken}`
  const known = await of(train)
  const alone = async (log: Reread): Promise<string> =>
    `SELECT * REPLACE (r + ${TEST_ROWS} AS r) FROM (${await of(log)}) WHERE id NOT IN (SELECT id FROM (${known}) WHERE id IS NOT NULL)`
  const rows = test === undefined ? known : `${known} UNION ALL ${await alone(test)}`
  const each = (sql: (v: string, k: number) => string): string => columns.map((_, k) => sql(`v${k}`, k)).join(', ')
  const explained = async function* (stage: string, sql: string): Stage {
    try {
      yield* duck.work(stage, sql)
    } catch (error) {
      throw train.relation.explain(error)
    }
  }
  const seen = each(
    (v, k) =>
      `min(${v}) AS one${k}, coalesce(min(${v}) <> max(${v}), false) AS differs${k}, count(${v}) AS n${k}, max(r) FILTER (${v} IS NOT NULL) AS at${k}`,
  )
  yield* explained(
    `read ${train.relation.shown}`,
    `CREATE TABLE log_seen AS SELECT * FROM (SELECT id, min(r) AS first, ${seen} FROM (${rows}) GROUP BY id)${ids === null ? '' : ` WHERE id IN (SELECT * FROM ${ids[side]})`}`,
  )
  const any = columns.map((_, k) => `differs${k}`).join(' OR ')
  const isAny = Number((await duck.one(`SELECT count(*) AS n FROM log_seen WHERE ${any}`))['n']) > 0
  if (isAny) {
    const newest = each(
      (v, k) =>
        `arg_max(${v}, k) FILTER (${v} IS NOT NULL) AS new${k}, arg_max(r, k) FILTER (${v} IS NOT NULL) AS new_at${k}, arg_max(${v}, r) FILTER (${v} <> one${k}) AS other${k}, max(r) FILTER (${v} <> one${k}) AS other_at${k}, max(r) FILTER (${v} = one${k}) AS one_at${k}`,
    )
    yield* explained(
      `read ${train.relation.shown}`,
      `CREATE TABLE log_new AS SELECT id, ${newest} FROM (SELECT *, ${isTimed ? KEY : 'r'} AS k FROM (${rows}) JOIN (SELECT * FROM log_seen WHERE ${any}) USING (id)) GROUP BY id`,
    )
  }
  const value = (k: number): string => (isAny ? `CASE WHEN differs${k} THEN new${k} ELSE one${k} END` : `one${k}`)
  const place = (k: number): string => (isAny ? `CASE WHEN differs${k} THEN new_at${k} ELSE at${k} END` : `at${k}`)
  await duck.run(
    `CREATE TABLE described_${side} AS SELECT id, ${columns.map((_, k) => `${value(k)} AS v${k}, ${place(k)} AS at${k}`).join(', ')} FROM log_seen ${isAny ? 'LEFT JOIN log_new USING (id) ' : ''}ORDER BY first`,
  )
  const placeOf = (row: number, column?: string): string =>
    row < TEST_ROWS ? train.relation.place(row, column) : test!.relation.place(row - TEST_ROWS, column)
  const nearOf = (row: number): string =>
    row % TEST_ROWS < FAR ? placeOf(row) : `${(row < TEST_ROWS ? train : test!).relation.shown}:row ${(row % TEST_ROWS) + 1}`
  const differing = await differingIds(duck, columns, isAny, nearOf)
  await duck.run('DROP TABLE log_seen')
  if (isAny) await duck.run('DROP TABLE log_new')
  if ((await duck.count(`described_${side}`)) === 0) throw badData(`There are no ${side}s in this file.`, train.relation.shown)
  const places = await placesOf(duck, `described_${side}`, columns.length)
  const at = columns.map((column, k) => [column.name, places?.[k]] as const)
  return {
    relationOf: (some) => ({
      ...train.relation,
      from: `(SELECT id AS ${sqlName(idColumn)}, ${some.map((column) => `v${columns.indexOf(column)} AS ${sqlName(column.name)}`).join(', ')} FROM described_${side})`,
      columns: [{ name: idColumn, type: 'VARCHAR' }, ...some],
      notes: [],
      place: (row, column = idColumn) => {
        const known = at.find(([name]) => name === column)?.[1]?.[row]
        return known === undefined || known < 0 ? `${train.relation.shown} column "${column}"` : placeOf(known, column)
      },
      cell: () => null,
    }),
    differing,
  }
}

async function differingIds(
  duck: Duck,
  columns: readonly LogColumn[],
  isAny: boolean,
  placeOf: (row: number) => string,
): Promise<Differing[]> {
  const found: Differing[] = []
  for (const [k, { name, type }] of columns.entries()) {
    const counts = await duck.one(`SELECT count(*) FILTER (n${k} > 1) AS several, count(*) FILTER (differs${k}) AS differing FROM log_seen`)
    const [several, ids] = [Number(counts['several']), Number(counts['differing'])]
    if (ids === 0 || !isAny) {
      found.push({ column: name, ids, several, example: null })
      continue
    }
    const text = (field: string): string => `(${textSql(field, type)})[:60] AS ${field}`
    const row = await duck.one(
      `SELECT id, ${text(`new${k}`)}, ${text(`other${k}`)}, ${text(`one${k}`)}, new_at${k} AS new_at, other_at${k} AS other_at, one_at${k} AS one_at, new${k} = one${k} AS is_one FROM log_seen JOIN log_new USING (id) WHERE differs${k} ORDER BY greatest(new_at${k}, coalesce(other_at${k}, 0), coalesce(one_at${k}, 0)), first LIMIT 1`,
    )
    const seen = (field: string, at: string): Seen => ({ value: String(row[`${field}${k}`]), place: placeOf(Number(row[at])) })
    const other = row['is_one'] === true ? seen('other', 'other_at') : seen('one', 'one_at')
    found.push({ column: name, ids, several, example: { id: String(row['id']), newest: seen('new', 'new_at'), other } })
  }
  return found
}

/** The rows of the files where the values of a table stand, a list a column; -1 where there is none. Null of a table too large for that. */
async function placesOf(duck: Duck, table: string, columns: number): Promise<Float64Array[] | null> {
  const rows = await duck.count(table)
  if (rows * columns > MOST_PLACES) return null
  const places = Array.from({ length: columns }, () => new Float64Array(rows))
  const cells = places.map((_, k) => `CAST(coalesce(at${k}, -1) AS DOUBLE)`)
  for await (const chunk of duck.chunks(`SELECT CAST(rowid AS INTEGER), ${cells.join(', ')} FROM ${table}`)) {
    const at = fixedWidthValues(chunk, 0)
    for (const [k, list] of places.entries()) {
      const values = fixedWidthValues(chunk, k + 1)
      for (let row = 0; row < at.length; row++) list[at[row]!] = values[row]!
    }
  }
  return places
}
