/**
 * Cells a person types, as JSON, to the column of one row they would have been imported as. Text is read by the form of its column; a JSON
 * number, array or boolean means itself. Columns without a form (their files held values, or the dataset is of before 0.3) read text by the
 * general rules below: "$1,150.00" or "95%", "a|b" or '["a","b"]', dates as 2024-05-31.
 */
import { badInput, PylonError } from '../../../contract/errors.ts'
import type { Column } from '../../../contract/shapes/dataset.ts'
import type { ColumnValues } from '../dataset.ts'
import { isPresent } from './cell-form.ts'
import { FORMS } from './forms.ts'
import { parseInstant, parseIsoDate, secondsOf } from './instants.ts'

export interface TypedCell {
  readonly value: unknown
  /** property name, for messages */
  readonly name: string
  readonly isTime: boolean
  /** numbers of a vector */
  readonly width: number
  /** the name of its column's form, see forms.ts */
  readonly form?: string | null | undefined
}

/** One row to a column. null, undefined and what stands for nothing are missing. */
const parsers = {
  text: (cell) => ({ storage: 'text', values: [isMissing(cell, true) ? null : asText(cell)] }),
  number: (cell) => ({ storage: 'number', values: Float64Array.of(isMissing(cell, false) ? NaN : asNumber(cell)) }),
  list: (cell) => ({ storage: 'list', values: [isMissing(cell, true) ? null : asList(cell)] }),
  vector: (cell) => ({
    storage: 'vector',
    width: cell.width,
    values: isMissing(cell, false) ? new Float32Array(cell.width).fill(NaN) : asVector(cell),
  }),
} satisfies Record<Column['storage'], (cell: TypedCell) => ColumnValues>

/** The largest number of a typed-in vector: the squares of a tower's sums have to stay finite in 32 bits. */
export const LARGEST_OF_VECTOR = 1e12

/** @throws PylonError bad-input naming the property and the form that is expected */
export function parseCell(storage: Column['storage'], cell: TypedCell): ColumnValues {
  return parsers[storage](cell)
}

/** "a|b" or '["a","b"]' to its parts, trimmed; empty ones go. */
export function parseList(text: string): string[] {
  const parts = (text.trimStart().startsWith('[') ? FORMS.list.get('JSON list')?.parse(text) : null) ?? text.split('|')
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

/** A number as people write it: "1,150", "$1,150.00", "-€3", "95%" (which is 95); NaN where it is none. */
export function parseNumber(text: string): number {
  const sign = text.trim().replace(/^−/, '-')
  const plain = sign.replace(/^(-?)\p{Sc}\s*|\s*(?:\p{Sc}|%)$/gu, '$1').replace(/(?<=\d),(?=\d{3}(?:\D|$))/g, '')
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(plain) ? Number(plain) : NaN
}

/** What stands for nothing is told by the rules of import where the column has a form. */
function isMissing({ value, form }: TypedCell, asText: boolean): boolean {
  if (typeof value === 'string') return form === null || form === undefined ? value === '' : !isPresent(value, asText)
  return value === null || value === undefined || (typeof value === 'number' && Number.isNaN(value))
}

function asText({ value, name, form }: TypedCell): string {
  if (typeof value === 'string') return FORMS.text.get(form ?? '')?.parse(value) ?? value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw wrong(name, value, 'text')
}

function asNumber({ value, name, isTime, form }: TypedCell): number {
  if (typeof value === 'number') return isTime ? secondsOf(value) : value
  if (typeof value === 'boolean') return Number(value)
  const cellForm = FORMS.number.get(form ?? '')
  const read = typeof value !== 'string' ? null : cellForm === undefined ? generalNumber(value, isTime) : cellForm.parse(value)
  // an ISO date is the same in every form of times; digits alone are not
  const found = read ?? (cellForm !== undefined && isTime && typeof value === 'string' ? parseIsoDate(value) : null)
  if (found === null) throw wrong(name, value, cellForm?.expected ?? (isTime ? GENERAL_TIME : 'a number'))
  return found
}

const GENERAL_TIME = 'a time: seconds since 1970 or a date such as 2024-05-31'

function generalNumber(text: string, isTime: boolean): number | null {
  return (isTime ? parseInstant(text) : null) ?? numberOrNull(text)
}

function numberOrNull(text: string): number | null {
  const number = parseNumber(text)
  return Number.isNaN(number) ? null : number
}

function asList({ value, name, form }: TypedCell): string[] {
  const cellForm = FORMS.list.get(form ?? '')
  const expected = cellForm === undefined ? 'a list of texts, or one text with | between them' : `a list of texts, or ${cellForm.expected}`
  if (typeof value === 'string') {
    // a JSON column has no text without brackets, so that one means nothing else there
    const read = cellForm?.parse(value) ?? (cellForm === undefined || !/^\s*\[/.test(value) ? parseList(value) : null)
    if (read === null) throw wrong(name, value, expected)
    return [...read]
  }
  if (Array.isArray(value)) {
    const present = value.filter((part) => part !== null && part !== undefined)
    return present.map((part) => asText({ value: part, name, isTime: false, width: 0 }))
  }
  throw wrong(name, value, expected)
}

function asVector({ value, name, width, form }: TypedCell): Float32Array {
  const cellForm = FORMS.vector.get(form ?? '')
  const parts: unknown = typeof value === 'string' ? (cellForm?.parse(value) ?? parseList(value).map(Number)) : value
  if (!Array.isArray(parts) || parts.length !== width || !parts.every((part) => typeof part === 'number' && !Number.isNaN(part)))
    throw wrong(
      name,
      value,
      cellForm === undefined ? `${width} numbers in an array` : `${width} numbers in an array, or ${cellForm.expected}`,
    )
  if (parts.some((part: number) => Math.abs(part) > LARGEST_OF_VECTOR))
    throw wrong(name, value, `numbers between -${LARGEST_OF_VECTOR} and ${LARGEST_OF_VECTOR}`)
  return Float32Array.from(parts)
}

function wrong(name: string, value: unknown, expected: string): PylonError {
  return badInput(`"${name}" must be ${expected}, not ${JSON.stringify(value).slice(0, 80)}.`, `property "${name}"`)
}
