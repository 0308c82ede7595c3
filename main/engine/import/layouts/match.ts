/** Whether a table's first lines are those of a layout's: by the names in its header, or by the forms of its values. */
import { scanRecords } from '../delimited-records.ts'
import type { LayoutTable, Reading, TableLook } from './layout.ts'

const DELIMITERS = [',', '\t', ';', '|', '::'] as const

/** Whether its lines are `user item item …`, of whole numbers. */
export function isRagged({ lines }: TableLook): boolean {
  const counts = lines.map((line) => line.trim().split(' ').length)
  return lines.every((line) => /^\d+( \d+)*\s*$/.test(line)) && new Set(counts).size > 1
}

/** Whether every line begins with cells of these forms. */
export function hasCells({ cells = [], delimiter = ',' }: Pick<LayoutTable, 'cells' | 'delimiter'>, { lines }: TableLook): boolean {
  if (lines.length === 0) return false
  return lines.every((line) => {
    const found = cellsOf(line, delimiter)
    return found.length >= cells.length && cells.every((form, k) => form.test(found[k]!))
  })
}

/** The cells of a line; only commas and semicolons are quoted. */
export function cellsOf(line: string, delimiter: string): string[] {
  if (delimiter !== ',' && delimiter !== ';') return line.split(delimiter)
  let cells: string[] = []
  scanRecords(Buffer.from(line), { delimiter, quote: '"' }, (record) => {
    cells = record.cells()
    return false
  })
  return cells
}

/** How a table with these columns is read; null where they are not its. */
export function headerOf({ columns = [], without = [] }: Pick<LayoutTable, 'columns' | 'without'>, look: TableLook): Reading | null {
  const fits = (names: readonly string[]): boolean => {
    const have = new Set(names.map((name) => name.trim().replace(/^"|"$/g, '').toLowerCase()))
    return columns.every((name) => have.has(name.toLowerCase())) && !without.some((name) => have.has(name.toLowerCase()))
  }
  if (look.lines.length === 0) return fits(look.columns) ? {} : null
  const delimiter = DELIMITERS.find((candidate) => fits(cellsOf(look.lines[0]!, candidate)))
  return delimiter === undefined ? null : { delimiter, header: 'yes' }
}
