/**
 * Delimiter, quote and header of a text file, judged on its first 256 KiB with the record rules of `delimited-records.ts`.
 * The commonest number of fields decides the delimiter; a header is a first line that differs in nature from the lines below it.
 */
import { open } from 'node:fs/promises'
import { scanRecords, type Dialect } from './delimited-records.ts'
import { isRoleName } from './roles.ts'

export interface TextLayout extends Dialect {
  readonly header: boolean
  /** true where no sign spoke for or against a header */
  readonly headerDoubtful: boolean
  /** unique without case; `column1`… where there is no header */
  readonly names: readonly string[]
  /** every line has one field fewer or more than another: `user item item …` */
  readonly ragged: boolean
  readonly empty: boolean
}

export interface LayoutHints {
  readonly delimiter?: string
  readonly quote?: string
  readonly header: 'auto' | 'yes' | 'no'
  /** names of the columns of a known format without header */
  readonly names?: readonly string[]
}

const HEAD = 256 * 1024
const RECORDS = 200
const DELIMITERS = [',', '\t', ';', '|', '::', ' '] as const

export async function layoutOf(path: string, hints: LayoutHints): Promise<TextLayout> {
  const { head, whole } = await readHead(path)
  const dialect =
    hints.delimiter === undefined
      ? guessDialect(head, whole, path)
      : { delimiter: hints.delimiter, quote: hints.quote ?? guessQuote(head, whole, hints.delimiter) }
  const records = sample(head, whole, dialect)
  const counts = records.map((r) => r.fields)
  const cells = records.map((r) => r.cells)
  const first = cells[0] ?? []
  const verdict = hints.names !== undefined && hints.header === 'auto' ? 'no' : hints.header === 'auto' ? judgeHeader(cells) : hints.header
  const header = verdict !== 'no'
  const names = uniqueNames(header ? first : first.map((_, i) => hints.names?.[i] ?? `column${i + 1}`))
  return { ...dialect, header, headerDoubtful: verdict === 'doubtful', names, ragged: mode(counts).share < 0.8, empty: first.length === 0 }
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

interface Sampled {
  readonly fields: number
  readonly cells: string[]
  readonly faulty: boolean
}

function sample(head: Buffer, whole: boolean, dialect: Dialect): Sampled[] {
  const records: Sampled[] = []
  const visit = (record: { fields: number; fault: string | null; cells(): string[] }): boolean => {
    records.push({ fields: record.fields, cells: record.cells(), faulty: record.fault !== null })
    return records.length < RECORDS
  }
  scanRecords(head, dialect, visit, !whole)
  return records
}

function guessDialect(head: Buffer, whole: boolean, path: string): Dialect {
  const byExtension = /\.(tsv|tab)(\.gz)?$/i.test(path) ? '\t' : /\.csv(\.gz)?$/i.test(path) ? ',' : null
  const candidates = DELIMITERS.map((delimiter) => {
    const dialect = { delimiter, quote: guessQuote(head, whole, delimiter) }
    const { value, share } = mode(sample(head, whole, dialect).map((r) => r.fields))
    return { dialect, fields: value, share, liked: delimiter === byExtension }
  }).filter((c) => c.fields > 1 && (c.dialect.delimiter !== ' ' || c.share >= 0.8))
  const steady = candidates.filter((c) => c.share >= 0.8)
  const pool = steady.length > 0 ? steady : candidates
  const best = pool.toSorted(
    (a, b) => Number(b.liked) - Number(a.liked) || (steady.length > 0 ? b.fields - a.fields : b.share - a.share),
  )[0]
  return best?.dialect ?? { delimiter: byExtension ?? ',', quote: '"' }
}

/** Comma and semicolon files quote; in others a quote is a plain character unless some field is cleanly enclosed in them. */
function guessQuote(head: Buffer, whole: boolean, delimiter: string): string {
  if (delimiter === ',' || delimiter === ';') return '"'
  const escaped = delimiter.replace(/[|]/g, '\\|')
  const enclosed = new RegExp(`(?:^|\\n|${escaped})"[^"]*"(?:${escaped}|\\r?\\n|$)`)
  if (!enclosed.test(head.toString('utf8'))) return ''
  return sample(head, whole, { delimiter, quote: '"' }).some((r) => r.faulty) ? '' : '"'
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
  const [first, ...rest] = cells
  if (first === undefined) return 'yes'
  const below = (column: number): string[] => rest.map((r) => r[column] ?? '').filter((c) => c !== '')
  if (first.some((cell, k) => isRoleName(cell) && !below(k).includes(cell))) return 'yes'
  if (first.some((cell) => cell.trim() === '' && first.length < 3) || new Set(first).size < first.length) return 'no'
  const areValues = first.map((_, k) => below(k).length > 0 && below(k).every((c) => VALUE.test(c)))
  const [names, values] = [true, false].map((isName) => first.filter((cell, k) => areValues[k] && VALUE.test(cell) !== isName).length)
  if (names! > values!) return 'yes'
  if (first.some((cell) => VALUE.test(cell))) return 'no'
  if (rest.length === 0) return 'yes'
  return first.some((cell, k) => below(k).includes(cell)) ? 'no' : 'doubtful'
}

/** Names made unique without regard to case (DuckDB's rule): `a`, `A` → `a`, `A_2`; an empty one is called by its position. */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set<string>()
  return names.map((given, i) => {
    const base = given.trim() === '' ? `column${i + 1}` : given.trim()
    let name = base
    for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${base}_${n}`
    taken.add(name.toLowerCase())
    return name
  })
}
