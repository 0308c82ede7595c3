/** Rows of a table as CSV (RFC 4180). */
import { spreadsheetLine } from '@contract/csv.ts'
import type { DataColumn } from '@/components/table/data-column.ts'

export function tableCsv<T>(rows: readonly T[], columns: readonly DataColumn<T>[]): string {
  return [columns.map(({ id }) => id), ...rows.map((row) => columns.map(({ value }) => value(row)))]
    .map((cells) => `${spreadsheetLine(cells)}\r\n`)
    .join('')
}
