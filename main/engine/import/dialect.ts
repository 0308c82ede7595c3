/**
 * Delimiter, quote, escape, comments and header of a text file, judged on its first 256 KiB with the record rules of `delimited-records.ts`.
 * The commonest number of fields decides the delimiter; a header is a first line that differs in nature from the lines below it.
 */
import { open } from 'node:fs/promises'
import { scanRecords, type Dialect, type RecordAt } from './delimited-records.ts'
import { isRoleName } from './roles.ts'

export interface TextLayout extends Dialect {
  readonly header: boolean
  /** true where no sign spoke for or against a header */
  readonly headerDoubtful: boolean
  /** unique without case; `column1`… where there is no header */
  readonly names: readonly string[]
  readonly empty: boolean
}

export interface LayoutHints {
  readonly delimiter?: string | undefined
  readonly quote?: string | undefined
  readonly escape?: string | undefined
  readonly comment?: string | undefined
  readonly header: 'auto' | 'yes' | 'no'
  /** names of the columns of a known format, whatever a header calls them */
  readonly names?: readonly string[]
}

const HEAD = 256 * 1024
const RECORDS = 200
const DELIMITERS = [',', '\t', ';', '|', '::', '\x01', '^', '~', '¦', ' '] as const
/** Delimiters with blanks beside them, where every one of a file has them. */
const SPACED = [' , ', ' ; ', ' | ', ', ', '; '] as const

export async function layoutOf(path: string, hints: LayoutHints): Promise<TextLayout> {
  const { head, whole } = await readHead(path)
  const comment = hints.comment ?? guessComment(head)
  const named = delimiterLine(head)
  const base = {
    ...(comment !== '' && { comment }),
    ...(hints.escape !== undefined && { escape: hints.escape }),
    ...(named !== null && { preamble: 1 }),
  }
  const delimiter = hints.delimiter ?? named
  const guessed =
    delimiter === null
      ? guessDialect(head, whole, path, hints.quote, base)
      : quotedDialect(head, whole, { ...base, delimiter }, hints.quote)
  const sampled = sample(head, whole, guessed)
  const above = hints.names === undefined && hints.header !== 'no' ? titleRecords(sampled) : 0
  const records = sampled.slice(above)
  const dialect = above === 0 ? guessed : { ...guessed, preamble: records[0]!.line - 1 }
  const cells = records.map((r) => r.cells)
  const first = cells[0] ?? []
  const verdict = hints.names !== undefined && hints.header === 'auto' ? 'no' : hints.header === 'auto' ? judgeHeader(cells) : hints.header
  const header = verdict !== 'no'
  const names = uniqueNames(first.map((cell, i) => hints.names?.[i] ?? (header ? cell : `column${i + 1}`)))
  return { ...dialect, header, headerDoubtful: verdict === 'doubtful', names, empty: first.length === 0 }
}

/** Whether lines are `user item item …`: words that look like ids, which have a digit, as many a line as there happen to be. */
export async function looksLikeSequence(path: string): Promise<boolean> {
  const { head, whole } = await readHead(path)
  const lines = sample(head, whole, { delimiter: ' ', quote: '' })
  const words = lines.flatMap(({ cells }) => cells).filter((cell) => cell !== '')
  return (
    mode(lines.map(({ fields }) => fields)).share < 0.8 &&
    words.filter((word) => /^\w*\d\w*$/.test(word.trim())).length > words.length * 0.9
  )
}

async function readHead(path: string): Promise<{ head: Buffer; whole: boolean }> {
  const file = await open(path, 'r')
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0)
    return { head: buffer.subarray(0, bytesRead), whole: bytesRead < HEAD }
  } finally {
    await file.close()
  }
}

/** Without the byte-order mark, which is no part of the first cell. */
const textOf = (head: Buffer): string => head.toString('utf8').replace(/^\uFEFF/, '')

/** The first line that spreadsheets are told the delimiter by, `sep=;`; null where there is none. */
function delimiterLine(head: Buffer): string | null {
  const [, sign] = /^sep=(\t|[^\r\n])[\r\n]/i.exec(textOf(head.subarray(0, 64))) ?? []
  return sign ?? null
}

/** How many records at the top are titles: one cell each, above a table of three columns or more that goes on to the end. */
function titleRecords(records: readonly Sampled[]): number {
  const { value: width } = mode(records.map(({ fields }) => fields))
  const first = records.findIndex(({ cells }) => cells.filter((cell) => cell.trim() !== '').length > 1)
  const table = records.slice(first)
  if (first < 1 || width < 3 || table.length < 3 || table[0]!.fields !== width) return 0
  return table.filter(({ fields, faulty }) => fields === width && !faulty).length >= 0.9 * table.length ? first : 0
}

interface Sampled {
  readonly line: number
  readonly fields: number
  readonly cells: string[]
  readonly faulty: boolean
}

function sample(head: Buffer, whole: boolean, dialect: Dialect): Sampled[] {
  const records: Sampled[] = []
  const visit = (record: RecordAt): boolean => {
    records.push({ line: record.line, fields: record.fields, cells: record.cells(), faulty: record.fault !== null })
    return records.length < RECORDS
  }
  scanRecords(head, dialect, visit, !whole)
  return records
}

/** Of scripts and SNAP; of MatrixMarket and ARFF. */
const COMMENT_SIGNS = ['#', '%'] as const

/** Signs that lines above the first record begin with, of which no record does. */
function guessComment(head: Buffer): string {
  const lines = textOf(head)
    .split(/\r\n|[\r\n]/)
    .filter((line) => line.trim() !== '')
  const sign = COMMENT_SIGNS.find((each) => lines[0]?.startsWith(each) === true) ?? ''
  const first = sign === '' ? 0 : lines.findIndex((line) => !line.startsWith(sign))
  // a single line of that kind may be names: #user,item
  return first > 0 && !isHeaderBehindSign(lines.slice(0, first), lines.slice(first).join('\n')) ? sign : ''
}

/** Whether the only line with a sign has as many cells as the record below it, which may be of several lines: its names. */
const isHeaderBehindSign = (above: readonly string[], below: string): boolean =>
  above.length === 1 &&
  DELIMITERS.some((delimiter) => {
    const [names, cells] = [above[0]!, below].map((text) => sample(Buffer.from(text), true, { delimiter, quote: '"' })[0]?.fields)
    return names === cells && cells !== 1
  })

/**
 * The delimiter that makes most records of one width, without quotes that break, and cells that are of one kind: a comma that parts words
 * leaves blanks at the beginnings of cells, one that is a decimal mark leaves columns of digits beside whole ones.
 */
function guessDialect(head: Buffer, whole: boolean, path: string, quote: string | undefined, base: Partial<Dialect>): Dialect {
  const byExtension = /\.(tsv|tab)(\.\w+)?$/i.test(path) ? '\t' : /\.csv(\.\w+)?$/i.test(path) ? ',' : null
  const candidates = [...DELIMITERS, ...SPACED]
    .map((delimiter) => {
      const dialect = quotedDialect(head, whole, { ...base, delimiter }, quote)
      const records = sample(head, whole, dialect)
      const { value, share } = mode(records.map((r) => r.fields))
      const faulty = records.filter((r) => r.faulty).length / Math.max(1, records.length)
      // the first record is the header: one of another width is none of this delimiter
      const first = records[0] === undefined || records[0].fields === value || records.length < 3 ? 0 : 0.5
      return {
        dialect,
        fields: value,
        share: share - faulty - first,
        loose: looseness(records, value, delimiter),
        liked: delimiter === byExtension,
      }
    })
    .filter((c) => c.fields > 1 && (c.dialect.delimiter !== ' ' || c.share >= 0.8))
  const plainOf = (c: (typeof candidates)[number]): (typeof candidates)[number] | undefined =>
    candidates.find(({ dialect }) => dialect.delimiter !== ' ' && dialect.delimiter === c.dialect.delimiter.trim())
  const parted = candidates.filter((c) => c.share >= 0.8 && (plainOf(c) ?? c).fields === c.fields && (plainOf(c) ?? c).share <= c.share)
  // words are parted by blanks whatever parts the cells
  const steady = parted.length > 1 ? parted.filter((c) => c.dialect.delimiter !== ' ') : parted
  const pool = steady.length > 0 ? steady : candidates
  const best = pool.toSorted(
    (a, b) =>
      Number(a.loose > 0.5) - Number(b.loose > 0.5) ||
      Number(b.liked) - Number(a.liked) ||
      (steady.length > 0 ? b.fields - a.fields : b.share - a.share),
  )[0]
  return best?.dialect ?? { ...base, delimiter: byExtension ?? ',', quote: quote ?? '"' }
}

/** The share of records with a cell that begins with a blank behind this delimiter, or holds another one that parts all records alike. */
function looseness(records: readonly Sampled[], width: number, delimiter: string): number {
  const fitting = records.filter((r) => r.fields === width)
  if (fitting.length === 0 || delimiter === ' ') return 0
  const blank = (r: Sampled): boolean => r.cells.slice(1).some((cell) => /^ \S/.test(cell))
  const others = [';', '\t', '|', '::'].filter((other) => other !== delimiter)
  const parted = others.some((other) => {
    const counts = records.map((r) => r.cells.join(delimiter).split(other).length)
    return counts[0]! > 1 && counts.every((count) => count === counts[0]) && counts[0]! >= width
  })
  return Math.max(fitting.filter(blank).length / fitting.length, parted && delimiter === ',' ? 1 : 0)
}

/** Comma and semicolon files quote; in others a quote is a plain character unless some field is cleanly enclosed in them. */
function quotedDialect(head: Buffer, whole: boolean, base: Partial<Dialect> & { delimiter: string }, said: string | undefined): Dialect {
  const quote = said ?? guessQuote(head, whole, base)
  if (quote === '' || base.escape !== undefined || !head.includes(`\\${quote}`)) return { ...base, quote }
  // a backslash before a quote escapes it where records break otherwise
  const broken = (dialect: Dialect): number => sample(head, whole, dialect).filter((r) => r.faulty).length
  const [doubled, escaped] = [
    { ...base, quote },
    { ...base, quote, escape: '\\' },
  ]
  return broken(escaped) < broken(doubled) ? escaped : doubled
}

function guessQuote(head: Buffer, whole: boolean, base: Partial<Dialect> & { delimiter: string }): string {
  const { delimiter } = base
  if (delimiter === ',' || delimiter === ';') return singleQuoted(head, delimiter) ? "'" : '"'
  const escaped = delimiter.replace(/[|^]/g, '\\$&')
  const enclosed = new RegExp(`(?:^|[\\r\\n]|${escaped})"(?:[^"]|"")*"(?:${escaped}|[\\r\\n]|$)`)
  if (!enclosed.test(textOf(head))) return ''
  const quoted = sample(head, whole, { ...base, quote: '"' })
  if (quoted.some((r) => r.faulty)) return ''
  // a mark that begins one cell and one that ends another, lines apart, enclose nothing where each line is a row by itself
  const spansLines = quoted.some(({ cells }) => cells.some((cell) => /[\r\n]/.test(cell)))
  return spansLines && areOfOneWidth(sample(head, whole, { ...base, quote: '' })) ? '' : '"'
}

const areOfOneWidth = (records: readonly Sampled[]): boolean => records.every(({ fields }) => fields === records[0]!.fields && fields > 1)

/** Whether cells stand in single quotes, and none in double ones. */
function singleQuoted(head: Buffer, delimiter: string): boolean {
  const lines = textOf(head)
    .split(/\r\n|[\r\n]/)
    .slice(0, RECORDS)
  const enclosed = (quote: string): number =>
    lines.filter((line) => new RegExp(`(?:^|${delimiter})${quote}[^${quote}]*${quote}(?:${delimiter}|$)`).test(line)).length
  return enclosed('"') === 0 && enclosed("'") > lines.length / 2
}

function mode(counts: readonly number[]): { value: number; share: number } {
  const seen = new Map<number, number>()
  for (const count of counts) seen.set(count, (seen.get(count) ?? 0) + 1)
  const [value, times] = [...seen].sort((a, b) => b[1] - a[1])[0] ?? [0, 0]
  return { value, share: counts.length === 0 ? 0 : times / counts.length }
}

const VALUE = /^\s*(?:[-+]?[$€£¥]?\s*[\d.,]+(?:[eE][-+]?\d+)?%?|\d{4}-\d\d-\d\d.*|\d{1,2}[/.-]\w{1,3}[/.-]\d{2,4}.*|\[.*\])\s*$/s

/**
 * A name that some role goes by makes a header, unless rows say it too; else a column tells by values under a cell that is none, or by
 * one more value.
 */
function judgeHeader(cells: readonly string[][]): 'yes' | 'no' | 'doubtful' {
  const [first, ...all] = cells
  if (first === undefined) return 'yes'
  // names that come again are of files put behind each other
  const again = all.filter((row) => row.length === first.length && row.every((cell, k) => cell === first[k]))
  const rest = first.filter(isRoleName).length >= 2 ? all.filter((row) => !again.includes(row)) : all
  const below = (column: number): string[] => rest.map((r) => r[column] ?? '').filter((c) => c !== '')
  if (first.some((cell, k) => isRoleName(cell) && !below(k).includes(cell))) return 'yes'
  if (countsColumns(first) && first.some((_, k) => below(k).length > 0 && !below(k).some((cell) => /^\d{1,6}$/.test(cell)))) return 'yes'
  if (first.some((cell) => cell.trim() === '' && first.length < 3) || new Set(first).size < first.length) return 'no'
  const areValues = first.map((_, k) => below(k).length > 0 && below(k).every((c) => VALUE.test(c)))
  const [names, values] = [true, false].map((isName) => first.filter((cell, k) => areValues[k] && VALUE.test(cell) !== isName).length)
  if (names! > values!) return 'yes'
  if (first.some((cell) => VALUE.test(cell))) return 'no'
  if (rest.length === 0) return 'yes'
  return first.some((cell, k) => below(k).includes(cell)) ? 'no' : 'doubtful'
}

/** Whether cells are 0, 1, 2, …: what pandas writes above columns without names. */
const countsColumns = (cells: readonly string[]): boolean => cells.length >= 2 && cells.every((cell, k) => cell.trim() === String(k))

/**
 * Names made unique without regard to case (DuckDB's rule): `a`, `A` → `a`, `A_2`; an empty one is called by its position. Zero bytes, at which
 * SQL ends, are left out.
 */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set<string>()
  return names.map((given, i) => {
    const plain = given.replaceAll('\0', '').trim()
    const base = plain === '' ? `column${i + 1}` : plain
    let name = base
    for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${base}_${n}`
    taken.add(name.toLowerCase())
    return name
  })
}
