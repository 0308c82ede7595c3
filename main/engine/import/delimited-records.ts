/**
 * Records of a delimited text file, by the rules that DuckDB reads them with: quotes open at the start of a field, a doubled quote
 * is one (or one behind a backslash, where that escapes), quoted fields may hold newlines, blank lines and comments are no records. Used to look at the head of a file, and to say on which
 * line a row is that turned out wrong, so its cost (about 150 MB/s, in one go) is paid on small heads and on errors only.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs'

export interface Dialect {
  readonly delimiter: string
  /** '"', or empty where quotes are plain characters */
  readonly quote: string
  /** what makes a quote within quotes a plain one: a second quote where it is left out, or a backslash */
  readonly escape?: string
  /** lines that begin so are no records */
  readonly comment?: string
  /** so many lines at the top are no records: a title, `sep=;` */
  readonly preamble?: number
}

/** Every line is a record of one field. */
export const WHOLE_LINES: Dialect = { delimiter: '\x1f', quote: '' }

export interface RecordAt {
  /** from 0, the header included */
  readonly index: number
  /** line of its first byte, from 1 */
  readonly line: number
  readonly fields: number
  /** what breaks it by itself, whatever the number of its fields */
  readonly fault: 'unclosed quote' | 'text after a closing quote' | null
  /** its cells, parsed on demand */
  cells(): string[]
  /** as the file has it, without its line end */
  text(): string
}

const LF = 10
const CR = 13
const SPACE = 32

/** Bytes of a record that is still read as one, here and by DuckDB: an unclosed quote does not bring the rest of a file into memory. */
export const MAX_RECORD_BYTES = 8 * 2 ** 20

/** Writes a file again without its comments and without the records that `keep` refuses; every line keeps its number. */
export function copyRecords(from: string, to: string, dialect: Dialect, keep: (record: RecordAt) => boolean): void {
  const [source, target] = [openSync(from, 'r'), openSync(to, 'wx')]
  try {
    const scanner = new Scanner(dialect, () => true, { keep, write: (bytes) => writeWhole(target, bytes) })
    for (;;) {
      const slice = Buffer.allocUnsafe(1 << 20)
      const length = readSync(source, slice)
      if (length === 0) return scanner.end()
      scanner.feed(slice.subarray(0, length))
    }
  } finally {
    closeSync(source)
    closeSync(target)
  }
}

function writeWhole(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
}

/** Calls `visit` for each record until it answers false. A last record without a line end counts unless `partial`. */
export function scanRecords(bytes: Buffer, dialect: Dialect, visit: (record: RecordAt) => boolean, partial = false): void {
  const scanner = new Scanner(dialect, visit)
  if (scanner.feed(bytes) && !partial) scanner.end()
}

/** {@link scanRecords} over a file, in slices. */
export function scanFile(path: string, dialect: Dialect, visit: (record: RecordAt) => boolean): void {
  const file = openSync(path, 'r')
  try {
    const scanner = new Scanner(dialect, visit)
    for (;;) {
      const slice = Buffer.allocUnsafe(1 << 20)
      const length = readSync(file, slice)
      if (length === 0) return scanner.end()
      if (!scanner.feed(slice.subarray(0, length))) return
    }
  } finally {
    closeSync(file)
  }
}

/** The record with this index from 0, header included, or null past the end. */
export function recordAt(path: string, dialect: Dialect, index: number): { line: number; cells: string[] } | null {
  const found: { line: number; cells: string[] }[] = []
  scanFile(path, dialect, (record) => {
    if (record.index === index) found.push({ line: record.line, cells: record.cells() })
    return record.index < index
  })
  return found[0] ?? null
}

/** Lines of records by their indices from 0, header included, in ascending order. */
export function linesOf(path: string, dialect: Dialect, indices: readonly number[]): number[] {
  const lines: number[] = []
  if (indices.length > 0)
    scanFile(path, dialect, (record) => {
      if (record.index === indices[lines.length]) lines.push(record.line)
      return lines.length < indices.length
    })
  return lines
}

/** Records of a file, the header included. */
export function countRecords(path: string, dialect: Dialect): number {
  let count = 0
  scanFile(path, dialect, () => {
    count++
    return true
  })
  return count
}

interface Copy {
  keep(record: RecordAt): boolean
  write(bytes: Buffer): void
}

/** Spaces around a quoted field belong to no state: they are skipped. */
type State = 'field start' | 'plain' | 'quoted' | 'quote seen'

class Scanner {
  private readonly dialect: Dialect
  private readonly visit: (record: RecordAt) => boolean
  private readonly delimiter: Buffer
  private readonly quote: number
  private readonly escape: number
  private readonly comment: number
  private readonly preamble: number
  private readonly copy: Copy | null
  private carry: Buffer = Buffer.alloc(0)
  private started = false
  private index = 0
  private line = 1

  constructor(dialect: Dialect, visit: (record: RecordAt) => boolean, copy: Copy | null = null) {
    this.copy = copy
    this.dialect = dialect
    this.visit = visit
    this.delimiter = Buffer.from(dialect.delimiter)
    const code = (sign: string | undefined): number => (sign === undefined || sign === '' ? -1 : sign.charCodeAt(0))
    this.quote = code(dialect.quote)
    this.escape = dialect.escape === dialect.quote ? -1 : code(dialect.escape)
    this.comment = code(dialect.comment)
    this.preamble = dialect.preamble ?? 0
  }

  /** False once the visitor has had enough. */
  feed(slice: Buffer): boolean {
    let bytes = this.carry.length === 0 ? slice : Buffer.concat([this.carry, slice])
    if (!this.started) {
      if (bytes.length < 3) {
        this.carry = bytes
        return true
      }
      if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3)
      this.started = true
    }
    const [used, more] = this.walk(bytes, false)
    this.carry = bytes.subarray(used)
    if (!more || this.carry.length <= MAX_RECORD_BYTES) return more
    // its beginning is the last that is visited
    this.walk(this.carry, true)
    this.carry = Buffer.alloc(0)
    return false
  }

  end(): void {
    this.started = true
    if (this.carry.length > 0) this.walk(this.carry, true)
  }

  /** Visits the whole records of `bytes`; answers how many bytes they took and whether to go on. */
  private walk(bytes: Buffer, last: boolean): [number, boolean] {
    const { delimiter, quote } = this
    const [d0, wide] = [delimiter[0], delimiter.length > 1]
    let [start, fields, lines] = [0, 1, 0]
    let state: State = 'field start'
    let junk = false
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!
      if (i === start && (byte === this.comment || this.line <= this.preamble)) {
        const [end, next] = lineEnd(bytes, i)
        if (next >= bytes.length && !last) return [start, true]
        this.line++
        this.copy?.write(bytes.subarray(end, next))
        i = next - 1
        start = next
        continue
      }
      if (state === 'quoted') {
        if (byte === this.escape) i++
        else if (byte === quote) state = 'quote seen'
        else if (byte === LF) lines++
        continue
      }
      if (byte === quote && state === 'field start') state = 'quoted'
      else if (byte === quote && state === 'quote seen') state = 'quoted'
      else if (byte === d0 && (!wide || bytes.subarray(i, i + delimiter.length).equals(delimiter))) {
        fields++
        state = 'field start'
        i += delimiter.length - 1
      } else if (byte === LF || byte === CR) {
        if (byte === CR) {
          if (i + 1 === bytes.length && !last) return [start, true]
          if (bytes[i + 1] === LF) i++
        }
        const from = start
        start = i + 1
        lines++
        if (!this.emit(bytes, from, i + 1, fields, lines, junk ? 'text after a closing quote' : null)) return [start, false]
        ;[fields, lines, state, junk] = [1, 0, 'field start', false]
      } else if (byte === SPACE) continue
      else if (state === 'quote seen') [state, junk] = ['plain', true]
      else if (state === 'field start') state = 'plain'
    }
    if (!last) return [start, true]
    const fault = state === 'quoted' ? 'unclosed quote' : junk ? 'text after a closing quote' : null
    return [bytes.length, start >= bytes.length || this.emit(bytes, start, bytes.length, fields, lines, fault)]
  }

  private emit(bytes: Buffer, from: number, to: number, fields: number, lines: number, fault: RecordAt['fault']): boolean {
    const line = this.line
    this.line += lines
    let end = to
    while (end > from && (bytes[end - 1] === LF || bytes[end - 1] === CR)) end--
    if (end === from) {
      this.copy?.write(bytes.subarray(from, to))
      return true
    }
    const cells = (): string[] => split(bytes.toString('utf8', from, end), this.dialect)
    const record = { index: this.index++, line, fields, fault, cells, text: () => bytes.toString('utf8', from, end) }
    this.copy?.write(this.copy.keep(record) ? bytes.subarray(from, to) : repeated(bytes.subarray(end, to), lines))
    return this.visit(record)
  }
}

/** Where a line ends and where the next one begins: behind LF, CR LF or CR. */
function lineEnd(bytes: Buffer, from: number): [end: number, next: number] {
  for (let i = from; i < bytes.length; i++) {
    if (bytes[i] === LF) return [i, i + 1]
    if (bytes[i] === CR) return [i, bytes[i + 1] === LF ? i + 2 : i + 1]
  }
  return [bytes.length, bytes.length]
}

/** The line end of a record, once for each of its lines: DuckDB wants them to be all alike. */
const repeated = (end: Buffer, lines: number): Buffer => Buffer.concat(Array.from({ length: lines }, () => end))

function split(record: string, { delimiter, quote, escape = quote }: Dialect): string[] {
  const cells: string[] = []
  for (let i = 0; i <= record.length;) {
    let cell = ''
    let opening = i
    while (record[opening] === ' ' && delimiter !== ' ') opening++
    if (quote !== '' && record[opening] === quote) {
      for (i = opening + 1; i < record.length; i++) {
        if (escape !== quote && record[i] === escape) cell += record.charAt(++i)
        else if (record[i] !== quote) cell += record.charAt(i)
        else if (escape === quote && record[i + 1] === quote) cell += record.charAt(i++)
        else break
      }
      i++
    }
    const at = record.indexOf(delimiter, i)
    const end = at < 0 ? record.length : at
    cells.push(cell === '' ? record.slice(i, end) : cell + record.slice(i, end).trimEnd())
    i = end + delimiter.length
    if (at < 0) break
  }
  return cells
}
