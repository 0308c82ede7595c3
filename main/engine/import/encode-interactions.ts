/**
 * The table of interactions to typed arrays: dictionaries in id order, dense indices by a hash join (each row carries its number, as a join does
 * not keep order), then a stable sort by user and, within a user, by time. Ten million rows: 40 bytes a row here; the sort is linear but for
 * users out of order.
 */
import { badData } from '../../contract/errors.ts'
import type { Progress, Stage } from '../../contract/shapes/progress.ts'
import type { Interactions } from '../dataset/dataset.ts'
import { fixedWidthValues, sqlText, type Duck, type DuckRow } from '../dataset/duck.ts'
import { sayNearDuplicates, type Side } from './ids.ts'
import type { ImportContext } from './import-context.ts'
import type { LoadedTable } from './load-interactions.ts'

/** The columns of interactions, an entry a row. */
type Arrays = Pick<Interactions, 'user' | 'item' | 'time' | 'weight' | 'event'>

/** Rows in source order; the rows of the test file, where there is one, come last. */
export interface RawInteractions extends Arrays {
  readonly length: number
  /** rows before the test file's */
  readonly given: number
  readonly events: readonly string[]
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
