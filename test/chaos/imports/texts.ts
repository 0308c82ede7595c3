/** A table as text, in one of the ways that programs write it: delimiters, quotes, encodings, marks, line ends, blank lines, comments, headers. */
import type { Chance } from '../part.ts'
import type { Column, Input, Table } from './cases.ts'
import { shuffled, type Row } from './values.ts'

export interface Written {
  readonly bytes: Buffer
  readonly rows: readonly Row[]
  readonly input: Input
  readonly told: readonly string[]
  /** another than the table's, where columns have no names */
  readonly map?: string
  /** why the file must be refused, if it must */
  readonly refused?: string
}

export function writeText(format: 'csv' | 'jsonl', table: Table, rows: readonly Row[], chance: Chance): Written {
  return format === 'csv' ? writeDelimited(table, rows, chance) : writeObjects(table, rows, chance)
}

/** A cell in quotes where it needs them. */
export const quoted = (cell: string, delimiter: string, always: boolean): string =>
  always || cell.includes(delimiter) || /["\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell

const isLatin1 = (text: string): boolean => [...text].every((sign) => sign < '\x80' || (sign >= '\xa0' && sign <= '\xff'))

function writeDelimited({ columns, rows: count }: Table, rows: readonly Row[], chance: Chance): Written {
  const delimiter = chance.pick([',', ',', ';', '\t', '|', '::'])
  const said = chance.below(2) === 0
  const always = chance.below(3) === 0
  // without names only the flag tells what parts cells that hold other signs in every row
  const isOpen = columns.some(({ cells }) => cells.every((cell) => cell !== null && /[,;|\t]/.test(cell)))
  const header = chance.below(5) > 0 || (isOpen && !said)
  // a file of old Macs has no line feed within its cells either
  const hasLineFeeds = columns.some(({ cells }) => cells.some((cell) => cell?.includes('\n')))
  const end = chance.pick(['\n', '\n', '\r\n', '\r\n', hasLineFeeds ? '\n' : '\r', 'mixed'])
  const trailing = chance.below(12) === 0 ? delimiter : ''
  const twin = header && said && chance.below(12) === 0
  const told = [`delimiter ${JSON.stringify(delimiter)}${said ? ' said' : ''}`, always ? 'all quoted' : '', header ? '' : 'no header']
  const cellAt = (column: Column, row: number): string => quoted(column.cells[row] ?? '', delimiter, always)
  const lines = Array.from({ length: count }, (_, k) =>
    [...columns.map((column) => cellAt(column, k)), ...(twin ? ['twin'] : [])].join(delimiter),
  )
  // a second column of a name is another column
  const names = [...columns.map(({ name }) => name), ...(twin ? [columns[0]!.name] : [])]
  if (header) lines.unshift(names.map((name) => quoted(name, delimiter, always)).join(delimiter))
  if (twin) told.push('two columns of a name')
  if (chance.below(4) === 0) {
    // a line of nothing is no record
    lines.splice(1 + chance.below(lines.length), 0, '')
    told.push('a blank line')
  }
  let refused: string | undefined
  if (chance.below(12) === 0 && columns.length > 2) {
    const at = (header ? 1 : 0) + chance.below(count)
    const line = lines[at]!
    if (line !== '' && !line.includes('"')) {
      // beside delimiters at the ends of lines there is room for one more
      lines[at] = chance.below(2) === 0 && trailing === '' ? `${line}${delimiter}more` : line.split(delimiter).slice(0, -1).join(delimiter)
      refused = 'a row of another width'
      told.push(refused)
    }
  }
  // names that begin with the sign would be one
  const comment = said && header && !names[0]!.startsWith('#') && chance.below(6) === 0
  if (comment) lines.unshift('# made by hand', '#')
  const ended = lines.map(
    (line, k) => `${line}${line === '' ? '' : trailing}${k + 1 === lines.length && chance.below(3) === 0 ? '' : endOf(end, chance)}`,
  )
  const text = ended.join('')
  if (trailing !== '') told.push('a delimiter at the ends of lines')
  const encoding = encodingOf(text, chance)
  told.push(encoding.name, end === '\n' ? '' : `ends ${JSON.stringify(end)}`)
  const quotes = lines.some((line) => line.includes('"'))
  return {
    bytes: encoding.bytes,
    rows,
    input: {
      ...(said && { delimiter, quote: quotes || delimiter === ',' ? '"' : 'none', ...(comment ? { comment: '#' } : { comment: 'none' }) }),
      ...((said || !header) && { header: header ? 'yes' : 'no' }),
    },
    told,
    ...(refused !== undefined && { refused }),
    ...(!header && { map: positions(columns) }),
  }
}

const endOf = (end: string, chance: Chance): string => (end === 'mixed' ? chance.pick(['\n', '\r\n']) : end)

const positions = (columns: readonly Column[]): string =>
  (['user', 'item', 'time', 'weight', 'event'] as const)
    .map((role) => `${role}=${columns.findIndex((column) => column.role === role) + 1 || 'none'}`)
    .join(',')

function encodingOf(text: string, chance: Chance): { name: string; bytes: Buffer } {
  switch (chance.below(8)) {
    case 0:
      return { name: 'UTF-8 with a mark', bytes: Buffer.from(`\uFEFF${text}`) }
    case 1:
      return { name: 'UTF-16', bytes: Buffer.from(`\uFEFF${text}`, 'utf16le') }
    case 2:
      return { name: 'UTF-16, big end first', bytes: Buffer.from(`\uFEFF${text}`, 'utf16le').swap16() }
    case 3:
      if (isLatin1(text)) return { name: 'Latin-1', bytes: Buffer.from(text, 'latin1') }
      return { name: '', bytes: Buffer.from(text) }
    default:
      return { name: '', bytes: Buffer.from(text) }
  }
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/

/** Objects: one a line, or a list; numbers as such where the text of a column is one, fields in any order, empty ones left out. */
function writeObjects({ columns, rows: count }: Table, rows: readonly Row[], chance: Chance): Written {
  const numeric = new Set(columns.filter(({ cells }) => chance.below(2) === 0 && cells.every((cell) => cell !== null && NUMBER.test(cell))))
  const mixed = chance.below(6) === 0
  const reordered = chance.below(4) === 0
  const loose = chance.below(6) === 0
  const nested = chance.below(6) === 0 ? 'nested values' : null
  const valueOf = (column: Column, row: number): string => {
    const cell = column.cells[row] ?? null
    if (cell === null) return 'null'
    const asNumber = numeric.has(column) || (mixed && NUMBER.test(cell) && row % 2 === 0 && column.role !== 'time')
    return asNumber ? cell : escaped(cell, chance)
  }
  const objects = Array.from({ length: count }, (_, k) => {
    const fields = columns
      .filter((column) => column.role !== null || column.cells[k] !== '')
      .map((column) => `${JSON.stringify(column.name)}:${valueOf(column, k)}`)
    if (nested !== null) fields.push(`${JSON.stringify(nested)}:${chance.pick(['{"a":1}', '[1,"b"]', '[]', '{}', 'null'])}`)
    return `{${(reordered ? shuffled(fields, chance) : fields).join(loose ? ' , ' : ',')}}`
  })
  const list = chance.below(6) === 0
  const text = list ? `[${objects.join(',\n')}]` : `${objects.join(chance.pick(['\n', '\n', '\r\n', '\n\n']))}\n`
  const told = [
    list ? 'a list' : '',
    nested ?? '',
    mixed ? 'mixed types' : '',
    reordered ? 'fields in any order' : '',
    `${numeric.size} columns of numbers`,
  ]
  return { bytes: Buffer.from(`${chance.below(10) === 0 ? '\uFEFF' : ''}${text}`), rows, input: {}, told }
}

/** A string, some of its signs by their codes. */
function escaped(text: string, chance: Chance): string {
  const plain = JSON.stringify(text)
  return chance.below(5) === 0 ? plain.replace(/[^ -~]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`) : plain
}
