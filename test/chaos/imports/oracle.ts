/**
 * Readers that are slow and obviously right, for texts that were bent: a sign at a time, no guess, no regard for speed, nothing shared with the
 * importer. What they cannot read has to be refused.
 */
import type { Row } from './values.ts'

/** How a text is meant to be read. */
export interface Meant {
  readonly delimiter: string
  /** '"', or empty */
  readonly quote: string
  readonly columns: { readonly user: string; readonly item: string; readonly time: string | null; readonly weight: string | null }
  readonly time: (cell: string) => number | null
}

/** Why a text cannot be read. */
export class Unreadable extends Error {}

const refuse = (why: string): never => {
  throw new Unreadable(why)
}

/** Words for no id. */
const NO_IDS = new Set(
  ['', '\\N', 'NULL', 'Null', 'null', 'None', 'none', 'NaN', 'NAN', 'nan', 'NA', 'N/A', 'n/a', '<NA>', 'NaT', 'undefined'].concat([
    '(null)',
    '<null>',
    '#N/A',
    '#NULL!',
    '(blank)',
    '(none)',
    '<na>',
    'nil',
    'NIL',
  ]),
)

const blank = (sign: string): boolean => /^\p{Zs}$/u.test(sign)

/** Without blanks at its ends. */
function trimmed(text: string): string {
  const signs = [...text]
  while (signs.length > 0 && blank(signs[0]!)) signs.shift()
  while (signs.length > 0 && blank(signs.at(-1)!)) signs.pop()
  return signs.join('')
}

function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return refuse('no UTF-8')
  }
}

/** Records of a delimited text: lists of cells. @throws Unreadable */
function recordsOf(text: string, { delimiter, quote }: Meant): string[][] {
  const records: string[][] = []
  let at = 0
  while (at < text.length) {
    const record: string[] = []
    const start = at
    for (;;) {
      let cell = ''
      let opening = at
      while (text[opening] === ' ') opening++
      if (quote !== '' && text[opening] === quote) {
        at = opening + 1
        for (;;) {
          if (at >= text.length) refuse('a quote that is never closed')
          if (text[at] === quote && text[at + 1] === quote) at += 2
          else if (text[at] === quote) break
          else {
            cell += text[at++]!
            continue
          }
          cell += quote
        }
        at++
        while (text[at] === ' ') at++
        if (at < text.length && text[at] !== '\n' && text[at] !== '\r' && !text.startsWith(delimiter, at)) refuse('text behind a quote')
      } else {
        while (at < text.length && text[at] !== '\n' && text[at] !== '\r' && !text.startsWith(delimiter, at)) cell += text[at++]!
      }
      record.push(cell)
      if (!text.startsWith(delimiter, at) || at >= text.length) break
      at += delimiter.length
    }
    const isEmpty = at === start
    if (text[at] === '\r' && text[at + 1] === '\n') at += 2
    else at++
    if (!isEmpty) records.push(record)
  }
  return records
}

/** The number that a cell is, by the plainest form; null for none. */
function numberOf(cell: string): number | null {
  let at = 0
  const digits = (): number => {
    const from = at
    while (cell[at] !== undefined && cell[at]! >= '0' && cell[at]! <= '9') at++
    return at - from
  }
  if (cell[at] === '-' || cell[at] === '+') at++
  const whole = digits()
  const fraction = cell[at] === '.' ? (at++, digits()) : 0
  if (whole + fraction === 0) return null
  if (cell[at] === 'e' || cell[at] === 'E') {
    at++
    if (cell[at] === '-' || cell[at] === '+') at++
    if (digits() === 0) return null
  }
  const value = Number(cell)
  return at === cell.length && Number.isFinite(value) ? value : null
}

/** Seconds since 1970; milliseconds and more are of another unit. */
export function epochSeconds(cell: string): number | null {
  const value = numberOf(trimmed(cell))
  return value === null || Math.abs(value) >= 1e11 ? null : value
}

/** `2024-01-31T05:06:07.089Z`; without its zone it is of UTC, and without its clock the day's beginning. */
export function isoInstant(cell: string): number | null {
  const text = trimmed(cell)
  const [, day, clock = '00:00', second = '00', fraction = '', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.exec(text) ?? []
  if (day === undefined) return null
  const written = `${day}T${clock}:${second}`
  const ms = Date.parse(`${written}Z`)
  // a day that there is not comes back as another
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 19) !== written) return null
  const offset = zone === 'Z' ? 0 : (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4))) * (zone[0] === '-' ? -60 : 60)
  return ms / 1000 - offset + Number(`0${fraction}`)
}

function rowOf(cellOf: (column: string) => string | null, { columns, time }: Meant): Row {
  const id = (column: string): string => {
    const cell = cellOf(column)
    return cell === null || NO_IDS.has(trimmed(cell)) ? refuse('no id') : cell
  }
  const of = (column: string | null, read: (cell: string) => number | null): number | null => {
    if (column === null) return null
    const cell = cellOf(column)
    return (cell === null ? null : read(cell)) ?? refuse(`"${cell}" in ${column}`)
  }
  return {
    user: id(columns.user),
    item: id(columns.item),
    time: of(columns.time, time),
    weight: of(columns.weight, (cell) => numberOf(trimmed(cell))),
    event: null,
  }
}

/** A delimited text with a header. @throws Unreadable */
export function readDelimited(bytes: Buffer, meant: Meant): Row[] {
  const [header, ...records] = recordsOf(decoded(bytes), meant)
  const names = (header ?? refuse('empty')).map(trimmed)
  const indexOf = (column: string): number => {
    const found = names.indexOf(column)
    return found < 0 ? refuse(`no column ${column}`) : found
  }
  const rows = records.map((record) => {
    const extra = record.length === names.length + 1 && record.at(-1) === ''
    if (record.length !== names.length && !extra) refuse(`${record.length} cells`)
    return rowOf((column) => record[indexOf(column)]!, meant)
  })
  return rows.length === 0 ? refuse('no rows') : rows
}

// ---- JSON

/** A value of JSON: numbers by their text. */
type Json = { readonly number: string } | string | boolean | null | Json[] | Map<string, Json>

/** Of lists and objects in each other; a row has a few. */
const MAX_DEPTH = 1000

/** A reader of JSON, a sign at a time. */
class JsonReader {
  readonly #text: string
  #at = 0
  #depth = 0
  constructor(text: string) {
    this.#text = text
  }
  get #sign(): string | undefined {
    return this.#text[this.#at]
  }
  skipBlanks(): void {
    while (this.#sign !== undefined && ' \t\r\n'.includes(this.#sign)) this.#at++
  }
  get isAtEnd(): boolean {
    return this.#at >= this.#text.length
  }
  #take(sign: string): void {
    if (!this.#text.startsWith(sign, this.#at)) refuse(`no ${sign}`)
    this.#at += sign.length
  }
  value(): Json {
    this.skipBlanks()
    const sign = this.#sign
    if (sign === '{') return this.#within(() => this.#object())
    if (sign === '[') return this.#within(() => this.#list())
    if (sign === '"') return this.#string()
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const)
      if (sign === word[0]) {
        this.#take(word)
        return value
      }
    // as Python writes them
    for (const word of ['NaN', 'Infinity', '-Infinity'])
      if (this.#text.startsWith(word, this.#at)) {
        this.#take(word)
        return { number: word }
      }
    return { number: this.#number() }
  }
  /** DuckDB's reader ends at a depth too. */
  #within<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) refuse('lists in lists without end')
    const value = read()
    this.#depth--
    return value
  }
  #object(): Map<string, Json> {
    const fields = new Map<string, Json>()
    this.#take('{')
    this.skipBlanks()
    if (this.#sign === '}') {
      this.#at++
      return fields
    }
    for (;;) {
      this.skipBlanks()
      const name = this.#string()
      this.skipBlanks()
      this.#take(':')
      // two of a name are no table
      if (fields.has(name)) refuse(`two of ${name}`)
      fields.set(name, this.value())
      this.skipBlanks()
      if (this.#sign === '}') break
      this.#take(',')
    }
    this.#at++
    return fields
  }
  #list(): Json[] {
    const list: Json[] = []
    this.#take('[')
    this.skipBlanks()
    if (this.#sign === ']') {
      this.#at++
      return list
    }
    for (;;) {
      list.push(this.value())
      this.skipBlanks()
      if (this.#sign === ']') break
      this.#take(',')
    }
    this.#at++
    return list
  }
  #string(): string {
    this.#take('"')
    let text = ''
    for (;;) {
      const sign = this.#sign ?? refuse('a string without an end')
      this.#at++
      if (sign === '"') return text
      if (sign < ' ') refuse('a control sign in a string')
      if (sign !== '\\') {
        text += sign
        continue
      }
      const escaped = this.#sign ?? refuse('nothing behind a backslash')
      this.#at++
      if (escaped === 'u') {
        const code = this.#text.slice(this.#at, this.#at + 4)
        if (!/^[0-9a-fA-F]{4}$/.test(code)) refuse('no code')
        text += String.fromCharCode(parseInt(code, 16))
        this.#at += 4
      } else text += { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', '/': '/' }[escaped] ?? refuse('no escape')
    }
  }
  #number(): string {
    const found = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/.exec(this.#text.slice(this.#at, this.#at + 400))
    if (found === null) refuse('no value')
    this.#at += found![0].length
    return found![0]
  }
}

/** Objects behind each other. @throws Unreadable */
export function readJsonObjects(bytes: Buffer, meant: Meant): Row[] {
  const reader = new JsonReader(decoded(bytes))
  const objects: Map<string, Json>[] = []
  for (;;) {
    reader.skipBlanks()
    if (reader.isAtEnd) break
    const value = reader.value()
    if (!(value instanceof Map)) refuse('no object')
    objects.push(value as Map<string, Json>)
  }
  if (objects.length === 0) refuse('no rows')
  return objects.map((object) =>
    rowOf((column) => {
      const value = object.get(column)
      if (value === undefined || value === null) return null
      if (typeof value === 'string') return value
      if (typeof value === 'boolean') return String(value)
      if (Array.isArray(value) || value instanceof Map) return refuse('nested')
      return value.number
    }, meant),
  )
}
