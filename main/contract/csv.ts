/** Cells of CSV files (RFC 4180). */

/** A value as a cell: numbers at full precision; null and what is no finite number are empty. */
export function csvCell(value: string | number | null): string {
  if (value === null || (typeof value === 'number' && !Number.isFinite(value))) return ''
  const text = String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** A line for a spreadsheet: a text that it would run as a formula is kept a text. */
export function spreadsheetLine(cells: readonly (string | number | null)[]): string {
  return cells.map((cell) => csvCell(typeof cell === 'string' && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell)).join(',')
}
