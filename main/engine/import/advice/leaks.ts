/**
 * Leaks: what of a dataset says what is held out. Each is looked for by what it would do, whatever a column is called: a text that names the
 * held-out item more often than chance, a number ordered as test interactions are counted, rows and items that are on both sides of the
 * split. Columns are judged on a sample of users, which is drawn the same each time; a column that no model reads is not judged.
 */
import { PART_CODE, type Column } from '../../../contract/shapes/dataset.ts'
import type { Finding } from '../../../contract/shapes/finding.ts'
import type { Duck } from '../../dataset/duck.ts'
import type { SortedInteractions } from '../encode-interactions.ts'
import { fieldOf } from '../metadata.ts'
import { stream } from '../split.ts'
import { chanceOf, isBeyondChance, mentions, normalText, shareOf, type Seen } from './chance.ts'
import { countAgreement, LEAST_AGREEMENT } from './counts.ts'
import { twinsOf, type ItemText } from './twins.ts'

export type Side = 'user' | 'item'

/** A dataset as it is when it is split, its metadata still in the tables `user_rows` and `item_rows`. */
export interface SplitData {
  readonly duck: Duck
  readonly users: number
  readonly items: number
  readonly interactions: SortedInteractions
  readonly part: Uint8Array
  readonly columns: Readonly<Record<Side, readonly Column[]>>
  /** name of the column that names an item */
  readonly title: string | null
}

/** Entities whose columns are looked through. */
const SAMPLE = 3000
/** Times that what belongs to another is drawn. */
const DRAWS = 3
/** Entities of a side up to which all are compared. */
export const MOST_COMPARED = 300_000
/** Held-out items of one user that are looked for. */
const MOST_NAMES = 20

/** Entities of a side with test partners that they do not have in training; of each at most {@link MOST_NAMES}. */
function heldOutOf({ users, interactions, part }: SplitData, side: Side): Map<number, number[]> {
  const { item, offsets } = interactions
  const held = new Map<number, number[]>()
  const add = (own: number, other: number): void => {
    const list = held.get(own)
    if (list === undefined) held.set(own, [other])
    else if (list.length < MOST_NAMES && !list.includes(other)) list.push(other)
  }
  // user by user: a set of all pairs would be as large as the data
  for (let u = 0; u < users; u++) {
    const [from, to] = [offsets[u]!, offsets[u + 1]!]
    if (!part.subarray(from, to).includes(PART_CODE.test)) continue
    const known = new Set<number>()
    for (let k = from; k < to; k++) if (part[k] !== PART_CODE.test) known.add(item[k]!)
    for (let k = from; k < to; k++) {
      if (part[k] !== PART_CODE.test || known.has(item[k]!)) continue
      if (side === 'user') add(u, item[k]!)
      else add(item[k]!, u)
    }
  }
  return held
}

/** A seeded sample, in the order of its draw. */
export function sampleOf<T>(all: Iterable<T>, size: number): T[] {
  const list = [...all]
  const chance = stream(1, 1)
  for (let k = 0; k < Math.min(size, list.length); k++) {
    const at = k + Math.floor(chance() * (list.length - k))
    ;[list[k], list[at]] = [list[at]!, list[k]!]
  }
  return list.slice(0, size)
}

/** What entities are called, normal: by id and, of items, by title. */
export async function namesOf({ duck, columns, title }: SplitData, side: Side, wanted: Iterable<number>): Promise<Map<number, string[]>> {
  const at = side === 'item' ? columns.item.findIndex(({ name }) => name === title) : -1
  const cell = at < 0 ? 'NULL' : `CAST(${fieldOf(at)} AS VARCHAR)`
  const keys = [...new Set(wanted)]
  const names = new Map<number, string[]>()
  if (keys.length === 0) return names
  for (const row of await duck.rows(`SELECT __k, id, ${cell} AS title FROM ${side}_rows WHERE __k IN (${keys.join(',')})`)) {
    const called = typeof row['title'] === 'string' ? normalText(row['title'].trim()) : ''
    // a title of three letters stands in many a text
    names.set(Number(row['__k']), [normalText(String(row['id'])), ...(called.length > 3 ? [called] : [])])
  }
  return names
}

/** Columns that a model reads, with their place among the fields. */
const readColumns = (columns: readonly Column[]): { column: Column; at: number }[] =>
  columns.flatMap((column, at) => (column.kind === 'ignore' ? [] : [{ column, at }]))

/** User columns that name held-out items, and item columns that name users who have them in test. */
export async function namingColumns(data: SplitData, side: Side): Promise<Finding[]> {
  const columns = readColumns(data.columns[side])
  if (columns.length === 0) return []
  const held = heldOutOf(data, side)
  const sample = sampleOf(held.keys(), SAMPLE)
  if (sample.length < 2) return []
  const names = await namesOf(
    data,
    side === 'user' ? 'item' : 'user',
    sample.flatMap((k) => held.get(k)!),
  )
  const cells = columns.map(({ column: { storage }, at }) =>
    storage === 'list' ? `array_to_string(${fieldOf(at)}, ' | ') AS c${at}` : `CAST(${fieldOf(at)} AS VARCHAR) AS c${at}`,
  )
  const rows = await data.duck.rows(`SELECT __k, ${cells.join(', ')} FROM ${side}_rows WHERE __k IN (${sample.join(',')}) ORDER BY __k`)
  const others = sampleOf(rows.keys(), rows.length)
  const findings: Finding[] = []
  for (const { column, at } of columns) {
    const texts = rows.map((row) => (typeof row[`c${at}`] === 'string' ? normalText(String(row[`c${at}`])) : ''))
    const called = (row: number): string[] => held.get(Number(rows[row]!['__k']))!.flatMap((other) => names.get(other) ?? [])
    const seen = { hits: 0, of: 0, drawnHits: 0, drawn: 0 }
    for (const [place, row] of others.entries()) {
      const text = texts[row]!
      if (text === '') continue
      const names = called(row)
      seen.of++
      if (names.some((name) => mentions(text, name))) seen.hits++
      for (let draw = 1; draw <= DRAWS; draw++) {
        // those that are theirs too say nothing of chance
        const drawn = called(others[(place + draw) % others.length]!).filter((name) => !names.includes(name))
        seen.drawn++
        if (drawn.some((name) => mentions(text, name))) seen.drawnHits++
      }
    }
    if (isBeyondChance(seen)) {
      const found = { column: column.name, n: seen.hits, share: shareOf(seen), chance: chanceOf(seen) }
      findings.push(
        side === 'user'
          ? { code: 'leak-user-column', values: { ...found, users: seen.of } }
          : { code: 'leak-item-column', values: { ...found, items: seen.of } },
      )
      continue
    }
    const code = side === 'user' ? codeOf(texts, (row) => held.get(Number(rows[row]!['__k']))![0]!) : null
    if (code !== null && isTelling(code))
      findings.push({ code: 'leak-user-code', values: { column: column.name, share: shareOf(code), chance: chanceOf(code) } })
  }
  return findings
}

/** Pairs of users with one value that hold out the same item, beside pairs of any users. */
function codeOf(texts: readonly string[], itemOf: (row: number) => number): Seen & { readonly items: number } {
  const last = new Map<string, number>()
  const items = new Set<number>()
  const seen = { hits: 0, of: 0, drawnHits: 0, drawn: 0 }
  for (const [row, text] of texts.entries()) {
    if (text === '') continue
    const before = last.get(text)
    last.set(text, row)
    if (before === undefined) continue
    seen.of++
    if (itemOf(before) === itemOf(row)) {
      seen.hits++
      items.add(itemOf(row))
    }
    seen.drawn++
    if (itemOf((row + Math.floor(texts.length / 2)) % texts.length) === itemOf(row)) seen.drawnHits++
  }
  return { ...seen, items: items.size }
}

/** Half of such pairs, of five items and more: groups of users with one taste stay far below. */
const isTelling = (seen: Seen & { readonly items: number }): boolean =>
  seen.items >= 5 && seen.of >= 20 && shareOf(seen) >= 0.5 && isBeyondChance(seen)

/** Numbers, of text too, that are ordered as test interactions are counted. */
export async function countingColumns(data: SplitData, side: Side): Promise<Finding[]> {
  const columns = readColumns(data.columns[side]).filter(
    ({ column: { kind, storage } }) =>
      (storage === 'number' || storage === 'text') && kind !== 'time' && kind !== 'latitude' && kind !== 'longitude',
  )
  const entities = side === 'user' ? data.users : data.items
  if (columns.length === 0 || entities > MOST_COMPARED * 10) return []
  const own = data.interactions[side]
  const [train, test] = [new Int32Array(entities), new Int32Array(entities)]
  for (let k = 0; k < own.length; k++)
    if (data.part[k] === PART_CODE.test) test[own[k]!]!++
    else train[own[k]!]!++
  const findings: Finding[] = []
  for (const { column, at } of columns) {
    const [values, filled] = [new Float64Array(entities).fill(NaN), new Float64Array(entities).fill(-Infinity)]
    // the first number of a text: "12 sales" counts as 12
    const number = column.storage === 'number' ? fieldOf(at) : `TRY_CAST(regexp_extract(${fieldOf(at)}, '-?[0-9]+([.][0-9]+)?') AS DOUBLE)`
    const [shown] = await data.duck.rows(`SELECT count(${number}) AS numbers, count(${fieldOf(at)}) AS n FROM ${side}_rows`)
    if (Number(shown?.['numbers']) < 0.95 * Number(shown?.['n'])) continue
    for await (const chunk of data.duck.chunks(`SELECT __k, CAST(${number} AS DOUBLE) FROM ${side}_rows WHERE ${number} IS NOT NULL`)) {
      const [keys, cells] = [chunk.getColumnValues(0), chunk.getColumnValues(1)]
      for (let r = 0; r < keys.length; r++) values[Number(keys[r])] = filled[Number(keys[r])] = Number(cells[r])
    }
    // a count may be left out where it is none
    const agreement = countAgreement(values, train, test) ?? countAgreement(filled, train, test)
    if (agreement !== null && agreement.share >= LEAST_AGREEMENT)
      findings.push({
        code: side === 'user' ? 'leak-user-count' : 'leak-item-count',
        values: { column: column.name, share: agreement.share },
      })
  }
  return findings
}

/** Test rows that are in training too: of a given test file, as our own splits keep a user's rows of an item and time together. */
export function duplicateRows({ interactions, part, users, items }: SplitData): Finding[] {
  const { item, time, offsets, given } = interactions
  if (given === null) return []
  const repeats = { train: 0, rows: 0, test: 0, both: 0 }
  const seen = new Int32Array(items).fill(-1)
  for (let u = 0; u < users; u++) {
    const inTrain = new Set<string>()
    for (let k = offsets[u]!; k < offsets[u + 1]!; k++) {
      if (part[k] === PART_CODE.test) continue
      repeats.rows++
      if (seen[item[k]!] === u) repeats.train++
      seen[item[k]!] = u
    }
    let isTested = false
    for (let k = offsets[u]!; !isTested && k < offsets[u + 1]!; k++) isTested = part[k] === PART_CODE.test
    if (!isTested) continue
    const key = (k: number): string => (time === null ? String(item[k]) : `${item[k]} ${time[k]}`)
    for (let k = offsets[u]!; k < offsets[u + 1]!; k++) if (part[k] !== PART_CODE.test) inTrain.add(key(k))
    for (let k = offsets[u]!; k < offsets[u + 1]!; k++) {
      if (part[k] !== PART_CODE.test) continue
      repeats.test++
      if (inTrain.has(key(k))) repeats.both++
    }
  }
  const share = repeats.test === 0 ? 0 : repeats.both / repeats.test
  // without times a pair may be met again, which training has as well then
  const usual = time === null ? (3 * repeats.train) / Math.max(1, repeats.rows) : 0
  if (repeats.both < 5 || share < 0.01 || share <= usual) return []
  return [{ code: 'leak-duplicates', values: { n: repeats.both, rows: repeats.test, share } }]
}

/** A namesake or two is in every catalogue. */
const LEAST_TWIN_SHARE = 0.05

/** Test interactions of items whose near-duplicate training knows: for sure ones of anybody, for namesakes of the same user. */
export async function twinItems(data: SplitData): Promise<Finding[]> {
  const columns = readColumns(data.columns.item)
  const isText = ({ kind, storage, name }: Column): boolean => storage === 'text' && (kind === 'text' || name === data.title)
  const texts = columns.filter(({ column }) => isText(column))
  if (texts.length === 0 || data.items > MOST_COMPARED) return []
  const others = columns.filter(({ column }) => !isText(column))
  const asText = (list: typeof columns): string => list.map(({ at }) => `CAST(${fieldOf(at)} AS VARCHAR)`).join(', ')
  const rows: ItemText[] = Array.from({ length: data.items }, () => ({ text: '', others: [] }))
  const select = `SELECT __k, id, concat_ws(' ', ${asText(texts)})${others.length === 0 ? '' : `, ${asText(others)}`} FROM item_rows`
  const ids: string[] = []
  for await (const chunk of data.duck.chunks(select)) {
    const cells = chunk.getColumns()
    for (let r = 0; r < chunk.rowCount; r++) {
      const k = Number(cells[0]![r])
      ids[k] = String(cells[1]![r])
      rows[k] = { text: String(cells[2]![r]), others: cells.slice(3).map((column) => (column[r] === null ? null : String(column[r]))) }
    }
  }
  const { twin, sure } = twinsOf(rows)
  const { item, offsets } = data.interactions
  const trained = new Uint8Array(data.items)
  for (let k = 0; k < item.length; k++) if (data.part[k] === PART_CODE.train) trained[item[k]!] = 1
  const trainOf = (u: number): Set<number> => {
    const of = new Set<number>()
    for (let k = offsets[u]!; k < offsets[u + 1]!; k++) if (data.part[k] === PART_CODE.train) of.add(item[k]!)
    return of
  }
  let [test, known] = [0, 0]
  const own = { hits: 0, of: 0, drawnHits: 0, drawn: 0 }
  let example: number | null = null
  let another = new Set<number>()
  for (let u = 0; u < data.users; u++) {
    let mine: Set<number> | null = null
    for (let k = offsets[u]!; k < offsets[u + 1]!; k++) {
      if (data.part[k] !== PART_CODE.test) continue
      test++
      own.of++
      own.drawn++
      const copy = twin[item[k]!]!
      if (copy < 0) continue
      mine ??= trainOf(u)
      if (mine.has(item[k]!)) continue
      if (sure[item[k]!] === 1 && trained[copy] === 1) {
        known++
        example ??= item[k]!
      }
      if (mine.has(copy)) {
        own.hits++
        example ??= item[k]!
      }
      if (another.has(copy)) own.drawnHits++
    }
    if (mine !== null) another = mine
  }
  const isOwn = isBeyondChance(own) && shareOf(own) >= LEAST_TWIN_SHARE
  if ((known < 5 || known < LEAST_TWIN_SHARE * test) && !isOwn) return []
  const n = Math.max(known, own.hits)
  return [
    {
      code: 'leak-twin-items',
      values: { n, rows: test, share: n / test, first: ids[example!]!, second: ids[twin[example!]!]! },
    },
  ]
}
