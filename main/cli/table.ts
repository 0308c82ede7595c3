/** Text for people: aligned tables, numbers of a fixed width, sizes and times. Colours only on a terminal, never with NO_COLOR. */
import { stripVTControlCharacters, styleText } from 'node:util'

export { count, counted } from '../contract/counted.ts'

/** Dims or emphasises text where stdout is a terminal that shows it. */
export function style(format: 'bold' | 'dim' | 'red' | 'yellow', text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(format, text, { stream, validateStream: true })
}

/** A column by its title: of text, or with {@link right} of numbers. */
export type TableColumn = string | { readonly numbers: string }
export const right = (title: string): TableColumn => ({ numbers: title })
const titleOf = (column: TableColumn): string => (typeof column === 'string' ? column : column.numbers)

/** Rows under their titles, two spaces between columns; numbers belong in right-aligned columns. */
export function table(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  // no spread: there may be more rows than a call takes arguments
  const widths = columns.map((column, i) => rows.reduce((most, row) => Math.max(most, width(row[i] ?? '')), width(titleOf(column))))
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, i) => {
        const cell = cells[i] ?? ''
        const space = ' '.repeat(widths[i]! - width(cell))
        return typeof column === 'string' ? cell + space : space + cell
      })
      .join('  ')
      .trimEnd()
  return [style('dim', line(columns.map(titleOf))), ...rows.map(line)].join('\n')
}

/** Columns a text takes on a terminal: wide characters take two. */
function width(text: string): number {
  let columns = 0
  for (const character of stripVTControlCharacters(text))
    columns +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u.test(
        character,
      )
        ? 2
        : 1
  return columns
}

/** Name and value lines, the values in one column. */
export function pairs(entries: readonly (readonly [string, string])[]): string {
  const name = Math.max(...entries.map(([key]) => key.length))
  return entries.map(([key, value]) => `${style('dim', key.padEnd(name))}  ${value}`).join('\n')
}

/** A metric: four decimals; a dash where there is none. */
export function metric(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(4)
}

/** With its sign. */
export const signed = (value: number): string => `${value > 0 ? '+' : ''}${metric(value)}`

/** `0.8 s`, `12 s`, `3 min 20 s`, `1 h 05 min` */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`
}

/** `12.3 GB`, in powers of ten. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3))
  return `${(value / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`
}

/** Seconds since 1970 or an ISO time as `2024-05-01 12:30` in UTC. */
export function formatTime(time: number | string): string {
  return new Date(typeof time === 'number' ? time * 1000 : time).toISOString().slice(0, 16).replace('T', ' ')
}

/** On one line, at most so many characters. */
export function shorten(text: string, maxLength: number): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length <= maxLength ? line : `${line.slice(0, maxLength - 1)}…`
}
