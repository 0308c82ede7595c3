/**
 * Interactions from relations to typed arrays: a table of ids as text, dictionaries in id order, dense indices by a hash join (each
 * row carries its number, as a join does not keep order), then a stable sort by user and, within a user, by time.
 * Ten million rows: about 400 MB in DuckDB at the peak, then 40 bytes a row here; the sort is linear but for users out of order.
 */
import { badData } from '../../contract/errors.ts'
import type { Progress, Stage } from '../../contract/shapes/progress.ts'
import { fixedWidthValues, isFloating, sqlName, sqlText, textSql, type Duck, type DuckRow } from '../dataset/duck.ts'
import type { Interactions } from '../dataset/dataset.ts'
import { explainedBy, type Relation, typeOf } from './sources.ts'
import { finite, missingIdSql, presentSql } from '../dataset/cells/cell-form.ts'
import { numberForm, type NumberForm } from '../dataset/cells/numbers.ts'
import { epochSecond, guessTime, TIME_WORDS, todayAsEpoch, type TimeForm } from '../dataset/cells/times.ts'
import { sampleColumn } from './column-samples.ts'
import { idReading, badFloatSql, listWords, missingId, missingWords, sayNearDuplicates, type IdReading, type Side } from './ids.ts'
import type { ImportContext } from './import-context.ts'
import { dateFormatOf, decimalSaid, doubtfulNumber, undecidedDays } from './forms-said.ts'

/** Which columns of a file of interactions play which role. */
export interface InteractionColumns {
  readonly user: string
  readonly item: string
  readonly time: string | null
  readonly weight: string | null
  readonly event: string | null
}

/** The columns of interactions, an entry a row. */
type Arrays = Pick<Interactions, 'user' | 'item' | 'time' | 'weight' | 'event'>

/** Rows in source order; the rows of the test file, where there is one, come last. */
export interface RawInteractions extends Arrays {
  readonly length: number
  /** rows before the test file's */
  readonly given: number
  readonly events: readonly string[]
}

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

/** How the columns of one file are read. */
interface Reading {
  readonly relation: Relation
  readonly columns: InteractionColumns
  /** null where there is no time, or the column holds times already */
  readonly form: TimeForm | null
  readonly weight: NumberForm | null
  readonly user: IdReading
  readonly item: IdReading
}

const isNumeric = (type: string): boolean => isFloating(type) || /^(U?(BIG|SMALL|TINY|HUGE)?INT|U?INTEGER)$/.test(type)

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
  if (guess === null)
    throw badData(
      `This is no time that is known ("${samples[0] ?? ''}"). Say how times are written with --date-format (${TIME_WORDS}), or leave them out with --map time=none: then interactions have no order, and the split is at random.`,
      place,
    )
  const forms = [guess.form, ...guess.rivals]
  if (forms.length === 1) return guess.form
  const cell = timeCell(relation, column, guess.form)
  const counts = forms.map((form, k) => `count(*) FILTER (${form.sql(cell)} IS NULL) AS f${k}`)
  const misfits = await duck
    .one(`SELECT ${counts.join(', ')} FROM ${relation.from} WHERE ${presentSql(cell, false)} IS NOT NULL`)
    .catch(explainedBy(relation))
  const fewest = Math.min(...forms.map((_, k) => Number(misfits[`f${k}`])))
  const best = forms.filter((_, k) => Number(misfits[`f${k}`]) === fewest)
  if (best.length > 1) throw undecidedDays(samples, best, place)
  return best[0]!
}

/** @throws PylonError bad-data for a row that lacks what it needs, in terms of the file */
async function checkRows(job: ImportContext, reading: Reading, before: number): Promise<void> {
  const { duck } = job.source
  const { columns } = reading
  const roles = (['user', 'item', 'time', 'weight', 'event'] as const).filter((role) => columns[role] !== null)
  const wrong = (role: (typeof roles)[number]): string => {
    if (role !== 'user' && role !== 'item') return `${role} IS NULL`
    return reading[role].floating ? badFloatSql(role, job.options.floatIds === 'whole') : 'false'
  }
  const firsts = roles.map((role) => `min(rowid) FILTER (${wrong(role)}) AS ${role}`)
  const missing = SIDES.map((side) => `count(*) FILTER (${missingIdSql(side)}) AS missing_${side}`)
  const found = await duck.one(`SELECT ${[...firsts, ...missing].join(', ')} FROM raw WHERE rowid >= ${before}`)
  const without = SIDES.filter((side) => Number(found[`missing_${side}`]) > 0)
  // a row that is left out need not be right
  if (without.length > 0 && job.options.missingIds === 'drop') {
    await dropMissing(job, reading, without, before)
    return checkRows(job, reading, before)
  }
  const bad = roles.filter((role) => found[role] !== null).sort((a, b) => Number(found[a]) - Number(found[b]))[0]
  if (bad !== undefined && job.options.badRows === 'skip') {
    await skipRows(
      job,
      reading,
      roles.map((role) => [role, wrong(role)] as const),
      before,
    )
    return checkRows(job, reading, before)
  }
  if (bad !== undefined) await refuseRow(duck, reading, bad, Number(found[bad]) - before)
  if (without.length > 0) await judgeMissing(job, reading, without, before)
}

const SIDES = ['user', 'item'] as const

async function refuseRow(duck: Duck, { relation, columns, form }: Reading, role: keyof typeof WANTED, row: number): Promise<never> {
  const column = columns[role]!
  const cell = await cellAt(duck, relation, row, column)
  const place = relation.place(row, column)
  if (cell === null || cell.trim() === '')
    throw badData(`This cell is empty; every interaction needs ${ARTICLE[role]}. Correct or remove the row.`, place)
  const other = role === 'time' && form !== null ? otherEpoch(cell, form) : null
  if (other !== null) throw badData(other, place)
  const what = `"${cell.slice(0, 60)}" is no ${WANTED[role]}${role === 'time' && form !== null ? ` (${form.name})` : ''}`
  throw badData(`${what}; every interaction needs ${ARTICLE[role]}. Correct or remove the row.`, place)
}

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
export async function cellAt(duck: Duck, relation: Relation, row: number, column: string): Promise<string | null> {
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
      `${relation.shown}: ${n.toLocaleString('en-US')} rows without ${ARTICLE[side]} in "${reading[side].column}" are left out (${listWords(words)}).`,
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
  const cells = relation.columns.map(({ name, type }, k) => `${textSql(name, type)} AS c${k}`)
  const reason = `CASE ${wrong.map(([role, sql]) => `WHEN ${sql} THEN ${sqlText(role)}`).join(' ')} END`
  const bad = `SELECT rowid - ${before} AS n, ${reason} AS role FROM raw WHERE rowid >= ${before} AND ${reason} IS NOT NULL`
  const source = `SELECT row_number() OVER () - 1 AS n, ${cells.join(', ')} FROM ${relation.from}`
  for await (const chunk of duck.chunks(`SELECT b.role, s.* FROM (${bad}) b JOIN (${source}) s USING (n) ORDER BY s.n`)) {
    for (const [role, n, ...row] of chunk.getRows()) {
      const column = columns[String(role) as Role]
      const named = Object.fromEntries(relation.columns.map(({ name }, k) => [name, row[k] === null ? null : String(row[k])]))
      skipped.add(relation.shown, `row ${Number(n) + 1}`, `no ${WANTED[String(role) as Role]} in "${column}"`, JSON.stringify(named))
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
    const first = job.options.missingIds === 'keep' ? empty! : words[0]!
    const place = relation.place(first.first - before, column)
    throw missingId(side, first.word, words, place, 'every interaction needs ' + ARTICLE[side])
  }
}

/**
 * Makes the table `user_ids` or `item_ids` (id, k): the ids of interactions and of metadata (a table with `id`, or null) in id
 * order, which is numeric where every id is a whole number, else by code point. Answers how many there are.
 */
export async function* makeDictionary(job: ImportContext, side: Side, metadata: string | null): Stage<number> {
  const { duck } = job.source
  const union = metadata === null ? '' : ` UNION SELECT id FROM ${metadata}`
  yield* duck.work(`number the ${side}s`, `CREATE TEMP TABLE distinct_ids AS SELECT DISTINCT ${side} AS id FROM raw${union}`)
  const { whole, n } = await duck.one(`SELECT bool_and(regexp_full_match(id, '-?[0-9]{1,38}')) AS whole, count(*) AS n FROM distinct_ids`)
  if (whole !== true) await sayNearDuplicates(job, side, 'distinct_ids')
  const order = whole === true ? 'CAST(id AS HUGEINT), id' : 'id'
  await duck.run(`CREATE TABLE ${side}_ids AS SELECT id, CAST(row_number() OVER (ORDER BY ${order}) - 1 AS INTEGER) AS k FROM distinct_ids`)
  await duck.run('DROP TABLE distinct_ids')
  return Number(n)
}

/** Reads `raw` out with dense indices and drops it. @throws PylonError bad-data for more than 255 event types */
export async function* encodeInteractions(duck: Duck, table: LoadedTable): Stage<RawInteractions> {
  const { rows, columns } = table
  const events = columns.event === null ? [] : await eventTypes(duck)
  const user = new Int32Array(rows)
  const item = new Int32Array(rows)
  const time = columns.time === null ? null : new Float64Array(rows)
  const weight = columns.weight === null ? null : new Float32Array(rows)
  const event = columns.event === null || events.length < 2 ? null : new Uint8Array(rows)
  const extra = [
    { target: time, sql: 'raw.time' },
    { target: weight, sql: 'raw.weight' },
    { target: event, sql: `CAST(list_position([${events.map(sqlText).join(', ')}], raw.event) - 1 AS UTINYINT)` },
  ].flatMap(({ target, sql }) => (target === null ? [] : [{ target, sql }]))
  const select = ['CAST(raw.rowid AS INTEGER)', 'u.k', 'i.k', ...extra.map((e) => e.sql)].join(', ')
  let done = 0
  let said = performance.now()
  for await (const chunk of duck.chunks(
    `SELECT ${select} FROM raw JOIN user_ids u ON raw.user = u.id JOIN item_ids i ON raw.item = i.id`,
  )) {
    const at = fixedWidthValues(chunk, 0)
    const from = [fixedWidthValues(chunk, 1), fixedWidthValues(chunk, 2), ...extra.map((_, k) => fixedWidthValues(chunk, 3 + k))]
    const to = [user, item, ...extra.map((e) => e.target)]
    for (let c = 0; c < to.length; c++) scatter(from[c]!, at, to[c]!)
    done += at.length
    if (performance.now() - said < 150) continue
    said = performance.now()
    yield { stage: 'encode interactions', done, total: rows, unit: 'rows' }
  }
  await duck.run('DROP TABLE raw')
  return { length: rows, given: table.given, user, item, time, weight, event, events: events.length < 2 ? [] : events }
}

function scatter(from: ArrayLike<number>, at: ArrayLike<number>, to: Int32Array | Float64Array | Float32Array | Uint8Array): void {
  for (let r = 0; r < at.length; r++) to[at[r]!] = from[r]!
}

async function eventTypes(duck: Duck): Promise<string[]> {
  const rows: DuckRow[] = await duck.rows('SELECT DISTINCT event AS e FROM raw ORDER BY e LIMIT 256')
  if (rows.length <= 255) return rows.map((row) => String(row['e']))
  throw badData('There are more than 255 event types in this column; is it one? Leave it out with --map event=none.', '--map event=')
}

/** Interactions ordered by (user, time, source order); `given` marks the test file's rows. */
export interface SortedInteractions extends Arrays {
  readonly offsets: Int32Array
  readonly given: Uint8Array | null
}

/** Counting sort by user, which is stable, then a merge sort within each user whose times are out of order. */
export function* sortInteractions(raw: RawInteractions, users: number): Generator<Progress, SortedInteractions> {
  const offsets = new Int32Array(users + 1)
  for (let r = 0; r < raw.length; r++) offsets[raw.user[r]! + 1]!++
  for (let u = 0; u < users; u++) offsets[u + 1]! += offsets[u]!
  const next = offsets.slice(0, users)
  const order = new Int32Array(raw.length)
  for (let r = 0; r < raw.length; r++) order[next[raw.user[r]!]!++] = r
  yield { stage: 'sort interactions', done: 1, total: 3, unit: 'passes' }
  if (raw.time !== null) sortWithin(order, offsets, raw.time)
  yield { stage: 'sort interactions', done: 2, total: 3, unit: 'passes' }
  const user = new Int32Array(raw.length)
  for (let u = 0; u < users; u++) user.fill(u, offsets[u], offsets[u + 1])
  const given = raw.given === raw.length ? null : Uint8Array.from(order, (r) => (r >= raw.given ? 1 : 0))
  return {
    user,
    item: gather(raw.item, order, new Int32Array(raw.length)),
    time: raw.time === null ? null : gather(raw.time, order, new Float64Array(raw.length)),
    weight: raw.weight === null ? null : gather(raw.weight, order, new Float32Array(raw.length)),
    event: raw.event === null ? null : gather(raw.event, order, new Uint8Array(raw.length)),
    offsets,
    given,
  }
}

function gather<T extends Int32Array | Float64Array | Float32Array | Uint8Array>(from: T, order: Int32Array, to: T): T {
  for (let k = 0; k < order.length; k++) to[k] = from[order[k]!]!
  return to
}

/** Sorts each segment of `order` by `time[order[k]]`, stably. */
function sortWithin(order: Int32Array, offsets: Int32Array, time: Float64Array): void {
  const longest = offsets.reduce((most, at, u) => Math.max(most, u === 0 ? 0 : at - offsets[u - 1]!), 0)
  const keys = new Float64Array(longest)
  const rows = new Int32Array(longest)
  const sorted = new Int32Array(longest)
  const spare = new Int32Array(longest)
  for (let u = 0; u + 1 < offsets.length; u++) {
    const [from, to] = [offsets[u]!, offsets[u + 1]!]
    let inOrder = true
    for (let k = from; k < to; k++) {
      keys[k - from] = time[order[k]!]!
      if (k > from && keys[k - from]! < keys[k - from - 1]!) inOrder = false
    }
    if (inOrder) continue
    const result = mergeSort(keys, to - from, sorted, spare)
    for (let k = from; k < to; k++) rows[k - from] = order[k]!
    for (let k = from; k < to; k++) order[k] = rows[result[k - from]!]!
  }
}

/** The stable order of `keys[0..n)`, in one of the two buffers: runs of eight by insertion, then bottom-up merges. */
function mergeSort(keys: Float64Array, n: number, a: Int32Array, b: Int32Array): Int32Array {
  const RUN = 8
  for (let start = 0; start < n; start += RUN) {
    const end = Math.min(start + RUN, n)
    for (let k = start; k < end; k++) {
      let at = k
      for (; at > start && keys[a[at - 1]!]! > keys[k]!; at--) a[at] = a[at - 1]!
      a[at] = k
    }
  }
  let [from, to] = [a, b]
  for (let width = RUN; width < n; width *= 2) {
    for (let low = 0; low < n; low += 2 * width) {
      const middle = Math.min(low + width, n)
      const high = Math.min(low + 2 * width, n)
      for (let k = low, left = low, right = middle; k < high; k++) {
        to[k] = right >= high || (left < middle && keys[from[left]!]! <= keys[from[right]!]!) ? from[left++]! : from[right++]!
      }
    }
    ;[from, to] = [to, from]
  }
  return from
}
