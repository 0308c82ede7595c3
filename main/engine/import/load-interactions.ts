/**
 * Interactions from relations to typed arrays: a table of ids as text, dictionaries in id order, dense indices by a hash join (each
 * row carries its number, as a join does not keep order), then a stable sort by user and, within a user, by time.
 * Ten million rows: about 400 MB in DuckDB at the peak, then 40 bytes a row here; the sort is linear but for users out of order.
 */
import { badData } from '../../contract/errors.ts'
import type { Progress, Stage } from '../../contract/shapes/progress.ts'
import { fixedWidthValues, sqlName, sqlText, type Duck, type DuckRow } from '../dataset/duck.ts'
import type { Interactions } from '../dataset/dataset.ts'
import { explainedBy, type Relation, typeOf } from './sources.ts'
import { finite } from '../dataset/cells/cell-form.ts'
import { guessTime, type TimeForm } from '../dataset/cells/times.ts'

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
}

/** Reads the files into the table `raw`. @throws PylonError bad-data with file, line and column of the first row that is wrong */
export async function* loadInteractions(
  duck: Duck,
  train: Relation,
  test: Relation | null,
  columns: InteractionColumns,
): Stage<LoadedTable> {
  const form = columns.time === null ? null : await timeForm(duck, train, columns.time)
  await duck.run(`CREATE TABLE raw (user VARCHAR, item VARCHAR, time DOUBLE, weight FLOAT, event VARCHAR)`)
  let given = 0
  for (const relation of test === null ? [train] : [train, test]) {
    const before = given
    try {
      yield* duck.work(`read ${relation.shown}`, `INSERT INTO raw ${selectRaw(relation, columns, form)}`)
    } catch (error) {
      throw relation.explain(error)
    }
    const rows = (await duck.count('raw')) - before
    if (rows === 0) throw badData('There are no interactions in this file.', relation.shown)
    await refuseBadRows(duck, relation, columns, before, form)
    if (relation === train) given = rows
  }
  const rows = await duck.count('raw')
  return { rows, given: test === null ? rows : given, columns, timeLabel: form?.name ?? null }
}

/** A column as text ids: whole numbers of a floating column (what pandas makes of ids with gaps) lose their `.0`. */
export function idSql(column: string, type: string): string {
  const quoted = sqlName(column)
  if (/^(DOUBLE|FLOAT|REAL|DECIMAL)/.test(type))
    return `CASE WHEN ${quoted} = floor(${quoted}) THEN CAST(CAST(${quoted} AS HUGEINT) AS VARCHAR) ELSE CAST(${quoted} AS VARCHAR) END`
  if (type === 'JSON') return `json_extract_string(${quoted}, '$')`
  return type === 'VARCHAR' ? quoted : `CAST(${quoted} AS VARCHAR)`
}

function selectRaw(relation: Relation, columns: InteractionColumns, form: TimeForm | null): string {
  const user = idSql(columns.user, typeOf(relation, columns.user))
  const item = idSql(columns.item, typeOf(relation, columns.item))
  const time = columns.time === null ? 'NULL' : (form?.sql(timeCell(relation, columns.time)) ?? `epoch(${sqlName(columns.time)})`)
  const weight = columns.weight === null ? 'NULL' : finite(`TRY_CAST(${sqlName(columns.weight)} AS FLOAT)`)
  const event = columns.event === null ? 'NULL' : `CAST(${sqlName(columns.event)} AS VARCHAR)`
  return `SELECT nullif(${user}, ''), nullif(${item}, ''), ${time}, ${weight}, ${event} FROM ${relation.from}`
}

function timeCell(relation: Relation, column: string): string {
  return typeOf(relation, column) === 'JSON' ? `json_extract_string(${sqlName(column)}, '$')` : sqlName(column)
}

/** Null where the column is a date or timestamp already. */
async function timeForm(duck: Duck, relation: Relation, column: string): Promise<TimeForm | null> {
  if (/^(DATE|TIMESTAMP)/.test(typeOf(relation, column))) return null
  const samples = await sampleColumn(duck, relation, column)
  const guess = guessTime(samples)
  if (guess !== null) return guess.form
  throw badData(
    `This is no time that is known ("${samples[0] ?? ''}"): use seconds or milliseconds since 1970, or dates such as 2024-01-31, or leave it out with --map time=none.`,
    `${relation.shown} column "${column}"`,
  )
}

/** Up to 2,000 cells that are not empty, from the head of a file. */
export async function sampleColumn(duck: Duck, relation: Relation, column: string): Promise<string[]> {
  const cells = `SELECT CAST(${timeCell(relation, column)} AS VARCHAR) AS v FROM (SELECT * FROM ${relation.from} LIMIT 2000)`
  const rows = await duck.rows(cells).catch(explainedBy(relation))
  return rows.map((row) => row['v']).filter((v): v is string => typeof v === 'string' && v.trim() !== '')
}

async function refuseBadRows(
  duck: Duck,
  relation: Relation,
  columns: InteractionColumns,
  before: number,
  form: TimeForm | null,
): Promise<void> {
  const roles = (['user', 'item', 'time', 'weight', 'event'] as const).filter((role) => columns[role] !== null)
  const firsts = roles.map((role) => `min(rowid) FILTER (${role} IS NULL) AS ${role}`).join(', ')
  const first = await duck.one(`SELECT ${firsts} FROM raw WHERE rowid >= ${before}`)
  const bad = roles.filter((role) => first[role] !== null).sort((a, b) => Number(first[a]) - Number(first[b]))[0]
  if (bad === undefined) return
  const row = Number(first[bad]) - before
  const column = columns[bad]!
  const cell = relation.cell(row, column)
  const found =
    cell === null || cell.trim() === ''
      ? 'This cell is empty'
      : `"${cell.slice(0, 60)}" is no ${WANTED[bad]}${bad === 'time' && form !== null ? ` (${form.name})` : ''}`
  throw badData(`${found}; every interaction needs ${ARTICLE[bad]}. Correct or remove the row.`, relation.place(row, column))
}

const WANTED = { user: 'user id', item: 'item id', time: 'time', weight: 'finite number', event: 'event type' } as const
const ARTICLE = { user: 'a user id', item: 'an item id', time: 'a time', weight: 'a finite weight', event: 'an event type' } as const

/**
 * Makes the table `user_ids` or `item_ids` (id, k): the ids of interactions and of metadata (a table with `id`, or null) in id
 * order, which is numeric where every id is a whole number, else by code point. Answers how many there are.
 */
export async function* makeDictionary(duck: Duck, side: 'user' | 'item', metadata: string | null): Stage<number> {
  const union = metadata === null ? '' : ` UNION SELECT id FROM ${metadata}`
  yield* duck.work(`number the ${side}s`, `CREATE TEMP TABLE distinct_ids AS SELECT DISTINCT ${side} AS id FROM raw${union}`)
  const { whole, n } = await duck.one(`SELECT bool_and(regexp_full_match(id, '-?[0-9]{1,38}')) AS whole, count(*) AS n FROM distinct_ids`)
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
