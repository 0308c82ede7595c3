/** Rows of a table as CSV (RFC 4180), numbers at full precision. */
import type { DataColumn } from '@/components/table/types.ts'

export function toCsv<T>(rows: readonly T[], columns: readonly DataColumn<T>[]): string {
  const line = (cells: readonly (string | number | null)[]): string => cells.map(cell).join(',')
  return [line(columns.map(({ id }) => id)), ...rows.map((row) => line(columns.map(({ value }) => value(row))))]
    .map((text) => `${text}\r\n`)
    .join('')
}

/** A text that a spreadsheet would run as a formula is kept a text. */
function cell(value: string | number | null): string {
  if (value === null || (typeof value === 'number' && !Number.isFinite(value))) return ''
  if (typeof value === 'number') return String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
