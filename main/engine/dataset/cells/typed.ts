/** Cells a person types, as JSON: to the column of one row they would have been imported as. Numbers may be written "$1,150.00" or "95%". */
import { PylonError } from '../../../contract/errors.ts'
import type { ColumnValues } from '../types.ts'
import type { Storage } from '../../features/kind.ts'

interface Cell {
  readonly value: unknown
  /** property name, for messages */
  readonly name: string
  readonly isTime: boolean
  /** numbers of a vector */
  readonly width: number
}

/** One row to a column. null, undefined and blank text are missing. */
const parsers = {
  text: ({ value, name }) => ({ storage: 'text', values: [isMissing(value) ? null : asText(value, name)] }),
  number: ({ value, name, isTime }) => ({
    storage: 'number',
    values: Float64Array.of(isMissing(value) ? NaN : asNumber(value, name, isTime)),
  }),
  list: ({ value, name }) => ({ storage: 'list', values: [isMissing(value) ? null : asList(value, name)] }),
  vector: ({ value, name, width }) => ({
    storage: 'vector',
    width,
    values: isMissing(value) ? new Float32Array(width).fill(NaN) : asVector(value, name, width),
  }),
} satisfies Record<Storage, (cell: Cell) => ColumnValues>

/** @throws PylonError bad-input naming the property */
export function parseCell(storage: Storage, cell: Cell): ColumnValues {
  return parsers[storage](cell)
}

/** "a|b" or '["a","b"]' to its parts, trimmed; empty ones go. */
export function parseList(text: string): string[] {
  return (parseJsonList(text) ?? text.split('|')).map((part) => part.trim()).filter((part) => part !== '')
}

/** A number as people write it: "1,150", "$1,150.00", "-€3", "95%" (which is 95); NaN where it is none. */
export function parseNumber(text: string): number {
  const sign = text.trim().replace(/^−/, '-')
  const plain = sign.replace(/^(-?)\p{Sc}\s*|\s*(?:\p{Sc}|%)$/gu, '$1').replace(/(?<=\d),(?=\d{3}(?:\D|$))/g, '')
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(plain) ? Number(plain) : NaN
}

function parseJsonList(text: string): string[] | null {
  if (!text.trimStart().startsWith('[')) return null
  try {
    const parsed: unknown = JSON.parse(text)
    return Array.isArray(parsed) ? parsed.map(String) : null
  } catch {
    return null // brackets that are no JSON are text
  }
}

const isMissing = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || (typeof value === 'number' && Number.isNaN(value))

function asText(value: unknown, name: string): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw wrong(name, value, 'text')
}

function asNumber(value: unknown, name: string, isTime: boolean): number {
  if (typeof value === 'number') return isTime ? seconds(value) : value
  if (typeof value === 'boolean') return Number(value)
  if (typeof value !== 'string') throw wrong(name, value, isTime ? 'a time' : 'a number')
  const number = parseNumber(value)
  if (!Number.isNaN(number)) return isTime ? seconds(number) : number
  const time = isTime ? dateSeconds(value.trim()) : NaN
  if (Number.isNaN(time)) throw wrong(name, value, isTime ? 'a time: seconds since 1970 or a date such as 2024-05-31' : 'a number')
  return time
}

/** NaN for what is no date, and for 30 February, which Date.parse would move to March. */
function dateSeconds(text: string): number {
  const [, day, clock = '00:00', zone = 'Z'] = DATE.exec(text) ?? []
  const midnight = new Date(`${day}T00:00Z`)
  const exists = !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day!)
  return exists ? Date.parse(`${day}T${clock}${zone}`) / 1000 : NaN
}

/** ISO 8601 with a space for the T at will; without a zone it is UTC, as imported times are. */
const DATE = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?(Z|[+-]\d{2}:\d{2})?$/

/** Seconds or milliseconds since 1970: above 10^11 (the year 5138) it must be milliseconds. */
const seconds = (value: number): number => (Math.abs(value) > 1e11 ? value / 1000 : value)

function asList(value: unknown, name: string): string[] {
  if (typeof value === 'string') return parseList(value)
  if (Array.isArray(value)) return value.filter((part) => part !== null && part !== undefined).map((part) => asText(part, name))
  throw wrong(name, value, 'a list of texts, or one text with | between them')
}

function asVector(value: unknown, name: string, width: number): Float32Array {
  const parts: unknown = typeof value === 'string' ? parseJsonList(value)?.map(Number) : value
  if (!Array.isArray(parts) || parts.length !== width || !parts.every((part) => typeof part === 'number'))
    throw wrong(name, value, `${width} numbers in an array`)
  return Float32Array.from(parts)
}

function wrong(name: string, value: unknown, expected: string): PylonError {
  return new PylonError('bad-input', `"${name}" must be ${expected}, not ${JSON.stringify(value).slice(0, 80)}.`, `property "${name}"`)
}
