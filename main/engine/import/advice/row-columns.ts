/**
 * Columns of the interactions beside those with a role: a history that names what comes later, a session that the split cuts through. The
 * rows of a sample of users are read again from the files; of files above {@link MOST_BYTES} they are not, which is said.
 */
import { PART_CODE } from '../../../contract/shapes/dataset.ts'
import type { Finding } from '../../../contract/shapes/finding.ts'
import { textSql } from '../../dataset/duck.ts'
import { guessTime } from '../../dataset/cells/times.ts'
import type { Reread } from '../load-interactions.ts'
import { explainedBy } from '../relation.ts'
import { chanceOf, isBeyondChance, mentions, normalText, shareOf } from './chance.ts'
import { namesOf, sampleOf, type SplitData } from './leaks.ts'

const MOST_BYTES = 512 * 1024 * 1024
const USERS = 2000
const ROWS = 40_000
/** Items of a user that are looked for in a row. */
const NAMES = 12

/** Rows of a user in their order, each with its place among the interactions and its cells. */
interface UserRow {
  readonly k: number
  readonly cells: readonly (string | null)[]
}

export async function rowColumns(data: SplitData, rereads: readonly Reread[], ordered: boolean): Promise<Finding[]> {
  const [first] = rereads
  if (first === undefined) return []
  const names = first.relation.columns
    .map(({ name }) => name)
    .filter(
      (name) => !first.roles.includes(name) && rereads.every(({ relation }) => relation.columns.some((column) => column.name === name)),
    )
  if (names.length === 0) return []
  const large = rereads.find(({ relation }) => relation.file.bytes > MOST_BYTES)
  if (large !== undefined) return [{ code: 'not-checked', values: { what: `${large.relation.shown} (${names.join(', ')})` } }]
  const users = await userRows(data, rereads, names)
  const findings: Finding[] = []
  const called = await namesOf(
    data,
    'item',
    [...users.values()].flat().map(({ k }) => data.interactions.item[k]!),
  )
  for (const [c, name] of names.entries()) {
    const found = historyLeak(data, users, c, called, ordered) ?? sessionLeak(data, users, c)
    if (found !== null) findings.push({ ...found, values: { column: name, ...found.values } })
  }
  return findings
}

/** The rows of a sample of users with test interactions. */
async function userRows(data: SplitData, rereads: readonly Reread[], names: readonly string[]): Promise<Map<number, UserRow[]>> {
  const { duck, interactions, part, users } = data
  const { offsets, item, time } = interactions
  const tested = Array.from({ length: users }, (_, u) => u).filter((u) =>
    part.subarray(offsets[u], offsets[u + 1]).includes(PART_CODE.test),
  )
  const sample: number[] = []
  let size = 0
  for (const u of sampleOf(tested, USERS)) {
    if (size > 0 && size + offsets[u + 1]! - offsets[u]! > ROWS) continue
    size += offsets[u + 1]! - offsets[u]!
    sample.push(u)
  }
  if (sample.length === 0) return new Map()
  await duck.run(`CREATE TABLE advice_users AS SELECT id, __k AS u FROM user_rows WHERE __k IN (${sample.join(',')})`)
  const places = new Map<string, number[]>()
  for (const u of sample)
    for (let k = offsets[u]!; k < offsets[u + 1]!; k++) {
      const key = `${u} ${item[k]} ${time === null ? '' : time[k]}`
      places.set(key, [...(places.get(key) ?? []), k])
    }
  const found = new Map<number, UserRow[]>(sample.map((u) => [u, []]))
  for (const { relation, columns } of rereads) {
    const cells = names.map((name, c) => `${textSql(name, relation.columns.find((column) => column.name === name)!.type)} AS x${c}`)
    const read = `SELECT ${columns}, ${cells.join(', ')} FROM ${relation.from}`
    const rows = await duck
      .rows(
        `SELECT a.u, i.__k AS i, r.time, ${names.map((_, c) => `r.x${c}`).join(', ')} FROM (${read}) r JOIN advice_users a ON a.id = r."user" JOIN item_rows i ON i.id = r.item`,
      )
      .catch(explainedBy(relation))
    for (const row of rows) {
      const k = places.get(`${Number(row['u'])} ${Number(row['i'])} ${time === null ? '' : Number(row['time'])}`)?.shift()
      if (k === undefined) continue
      const cells = names.map((_, c) => (typeof row[`x${c}`] === 'string' ? String(row[`x${c}`]).trim() : null))
      found.get(Number(row['u']))!.push({ k, cells })
    }
  }
  await duck.run('DROP TABLE advice_users')
  for (const rows of found.values()) rows.sort((a, b) => a.k - b.k)
  return found
}

/**
 * A column that names what its user meets later, or, where it names what the user met before, the interaction's own item as well: a title
 * or address of the item alone is no history.
 */
function historyLeak(
  { interactions: { item, time }, part }: SplitData,
  users: ReadonlyMap<number, readonly UserRow[]>,
  c: number,
  called: ReadonlyMap<number, readonly string[]>,
  ordered: boolean,
): Finding | null {
  const named = (text: string, items: readonly number[]): boolean =>
    items.some((i) => (called.get(i) ?? []).some((name) => mentions(text, name)))
  const counter = (): { hits: number; of: number; drawnHits: number; drawn: number } => ({ hits: 0, of: 0, drawnHits: 0, drawn: 0 })
  const [before, own, later] = [counter(), counter(), counter()]
  const all = [...users.values()].filter((rows) => rows.length > 0)
  for (const [place, rows] of all.entries()) {
    const strangers = all[(place + 1) % all.length]!.map(({ k }) => item[k]!)
    const met = new Set(rows.map(({ k }) => item[k]!))
    const foreign = strangers.filter((i) => !met.has(i))
    const firsts = new Map<number, number>()
    for (const { k } of rows) if (!firsts.has(item[k]!)) firsts.set(item[k]!, k)
    for (const { k, cells } of rows) {
      if (cells[c] === null || cells[c] === undefined || cells[c] === '') continue
      const text = normalText(cells[c])
      const isLater = (first: number): boolean =>
        ordered ? (time === null ? first > k : time[first]! > time[k]!) : part[first] === PART_CODE.test && part[k] !== PART_CODE.test
      const entries = [...firsts].filter(([i]) => i !== item[k])
      const [next, past] = [entries.filter(([, first]) => isLater(first)), entries.filter(([, first]) => !isLater(first))]
      count(
        later,
        text,
        next.map(([i]) => i),
      )
      count(
        before,
        text,
        past.map(([i]) => i),
      )
      if (firsts.get(item[k]!) === k) count(own, text, [item[k]!])
    }
    function count(seen: ReturnType<typeof counter>, text: string, items: readonly number[]): void {
      if (items.length === 0 || foreign.length === 0) return
      const some = items.length <= NAMES ? items : sampleOf(items, NAMES)
      seen.of++
      if (named(text, some)) seen.hits++
      seen.drawn++
      if (named(text, foreign.length <= some.length ? foreign : sampleOf(foreign, some.length))) seen.drawnHits++
    }
  }
  const isHistory = isBeyondChance(before) && shareOf(before) >= 0.2
  const seen = isBeyondChance(later) ? later : isHistory && isBeyondChance(own) ? own : null
  return seen === null
    ? null
    : { code: 'leak-history', values: { n: seen.hits, rows: seen.of, share: shareOf(seen), chance: chanceOf(seen) } }
}

/** Share of values that a session must have as its own user's, and in one piece. */
const OWN = 0.95
const ROWS_A_SESSION = 1.3
const SESSIONS_A_USER = 1.3

/**
 * A column of sessions: values that are one user's (or count from one within each user), in one piece, several rows each and several a
 * user; of these the ones with rows on both sides of the split.
 */
function sessionLeak({ part }: SplitData, users: ReadonlyMap<number, readonly UserRow[]>, c: number): Finding | null {
  const owners = new Map<string, Set<number>>()
  const starts = new Map<string, number>()
  let [rows, pieces, groups, test, both, falls, active] = [0, 0, 0, 0, 0, 0, 0]
  const samples: string[] = []
  for (const [u, list] of users) {
    const parts = new Map<string, { train: number; test: number }>()
    let last: string | null = null
    for (const { k, cells } of list) {
      const value = cells[c]
      if (value === null || value === undefined || value === '') continue
      rows++
      if (samples.length < 500) samples.push(value)
      if (last === null) starts.set(value, (starts.get(value) ?? 0) + 1)
      if (value !== last) pieces++
      if (last !== null && Number(value) !== Number(last) && Number(value) !== Number(last) + 1) falls++
      last = value
      owners.set(value, (owners.get(value) ?? new Set()).add(u))
      const piece = parts.get(value) ?? { train: 0, test: 0 }
      parts.set(value, piece)
      if (part[k] === PART_CODE.test) piece.test++
      else if (part[k] !== PART_CODE.unused) piece.train++
    }
    groups += parts.size
    active += Number(parts.size > 0)
    for (const piece of parts.values()) {
      test += piece.test
      if (piece.train > 0) both += piece.test
    }
  }
  if (groups === 0 || rows < ROWS_A_SESSION * groups || groups < SESSIONS_A_USER * active || pieces * OWN > groups) return null
  const shared = [...owners.values()].filter((of) => of.size > 1).length
  const [mostUsualStart] = [...starts.values()].toSorted((a, b) => b - a)
  // counted within a user: all begin alike and go up by one
  const isCounted = falls === 0 && (mostUsualStart ?? 0) >= OWN * active && samples.every((value) => /^\d+$/.test(value))
  if (active < 2 || (shared > (1 - OWN) * owners.size && !isCounted)) return null
  // a date is no session, whoever has it to himself
  if (!samples.every((value) => /^\d+$/.test(value)) && guessTime(samples) !== null) return null
  if (both < 5 || both < 0.05 * test) return null
  return { code: 'leak-session', values: { n: both, rows: test, share: both / test } }
}
