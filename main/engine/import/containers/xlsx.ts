/**
 * A sheet of an Excel workbook as CSV in the scratch folder, so that headers, kinds and messages are those of text. Numbers come with the
 * digits that the file holds, dates as ISO 8601, codes with the zeros their format shows (`00000`), errors as empty cells. Of a workbook
 * with several filled sheets one must be named, as FILE.xlsx#SHEET. Read with yauzl and sax, a row at a time.
 */
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { badData, badInput, PylonError } from '../../../contract/errors.ts'
import { didYouMean, listNames } from '../../../contract/did-you-mean.ts'
import { limitBytes } from '../../files/disk-space.ts'
import { withZip, type OpenZip } from './zip.ts'

const MAX_XML = 2 ** 30
const MAX_COLUMNS = 16_384

export interface WrittenSheet {
  readonly sheet: string
  /** the row of the sheet, from 1, of each line of the CSV */
  readonly rows: readonly number[]
  /** cells with a formula and no value: whoever wrote the file did not reckon them */
  readonly unreckoned: number
}

/** The sheets that hold cells. */
export const sheetsOf = (path: string, shown: string): Promise<string[]> =>
  withZip(path, shown, async (zip) => (await filledSheets(zip, shown)).map(({ name }) => name))

/** Writes a sheet, the only filled one where none is named. @throws PylonError bad-input naming the sheets, bad-data */
export function writeSheet(path: string, wanted: string | undefined, to: string, shown: string): Promise<WrittenSheet> {
  return withZip(path, shown, async (zip) => {
    const sheets = await filledSheets(zip, shown)
    const found =
      wanted === undefined
        ? sheets.length === 1
          ? sheets[0]
          : undefined
        : sheets.find(({ name }) => name.toLowerCase() === wanted.toLowerCase())
    const names = sheets.map(({ name }) => name)
    if (found === undefined) {
      if (names.length === 0) throw badData('There is no filled sheet in this workbook.', shown)
      const what = wanted === undefined ? 'This workbook has several sheets' : `There is no sheet "${wanted}"; ${didYouMean(wanted, names)}`
      throw badInput(`${what.replace(/; $/, '')}. Say which, as FILE.xlsx#SHEET; there are ${listNames(names)}.`, shown)
    }
    const formats = await readFormats(zip, shown)
    const strings = await readStrings(zip, shown)
    const rows: number[] = []
    let unreckoned = 0
    const lines = async function* (): AsyncGenerator<Buffer> {
      for await (const { row, cells, formulas } of rowsOf(zip, found, { formats, strings }, shown)) {
        unreckoned += formulas
        if (cells.every((cell) => cell === '')) continue
        rows.push(row)
        yield Buffer.from(`${cells.map(quoted).join(',')}\n`)
      }
    }
    await pipeline(Readable.from(padded(lines)), createWriteStream(to))
    return { sheet: found.name, rows, unreckoned }
  })
}

/** Rows as wide as the first, or wider ones as they are: a trailing empty cell is not written in a sheet. */
async function* padded(lines: () => AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  let width: number | null = null
  for await (const line of lines()) {
    const commas = countCommas(line)
    width ??= commas
    yield commas < width ? Buffer.concat([line.subarray(0, -1), Buffer.from(`${','.repeat(width - commas)}\n`)]) : line
  }
}

/** Commas outside of quotes. */
function countCommas(line: Buffer): number {
  let [count, inside] = [0, false]
  for (const byte of line) {
    if (byte === 0x22) inside = !inside
    else if (byte === 0x2c && !inside) count++
  }
  return count
}

const quoted = (cell: string): string => (/[",\n\r]/.test(cell) || cell !== cell.trim() ? `"${cell.replaceAll('"', '""')}"` : cell)

interface Sheet {
  readonly name: string
  readonly entry: string
  readonly epoch1904: boolean
}

async function filledSheets(zip: OpenZip, shown: string): Promise<Sheet[]> {
  const targets = new Map<string, string>()
  await parse(zip, 'xl/_rels/workbook.xml.rels', shown, {
    open: (name, attributes) => {
      if (name === 'Relationship') targets.set(attributes['Id'] ?? '', attributes['Target'] ?? '')
    },
  })
  const sheets: { name: string; id: string }[] = []
  let epoch1904 = false
  await parse(zip, 'xl/workbook.xml', shown, {
    open: (name, attributes) => {
      if (name === 'sheet') sheets.push({ name: attributes['name'] ?? '', id: attributes['r:id'] ?? attributes['id'] ?? '' })
      if (name === 'workbookPr') epoch1904 = ['1', 'true'].includes(attributes['date1904'] ?? '')
    },
  })
  const filled: Sheet[] = []
  for (const { name, id } of sheets) {
    const target = targets.get(id)
    if (target === undefined) continue
    const entry = target.startsWith('/') ? target.slice(1) : `xl/${target}`
    if (!zip.entries.has(entry)) continue
    const found: string[] = []
    await parse(zip, entry, shown, {
      open: (tag) => {
        if (tag === 'v' || tag === 't') found.push(tag)
        return found.length === 0
      },
    })
    if (found.length > 0) filled.push({ name, entry, epoch1904 })
  }
  return filled
}

/** How numbers of a style are shown: as dates, with zeros before them, or plainly. */
type NumberFormat = 'plain' | 'date' | 'time' | { readonly zeros: number }

async function readFormats(zip: OpenZip, shown: string): Promise<NumberFormat[]> {
  const custom = new Map<number, string>()
  const formats: NumberFormat[] = []
  let inCells = false
  if (!zip.entries.has('xl/styles.xml')) return formats
  await parse(zip, 'xl/styles.xml', shown, {
    open: (name, attributes) => {
      if (name === 'numFmt') custom.set(Number(attributes['numFmtId']), attributes['formatCode'] ?? '')
      if (name === 'cellXfs') inCells = true
      if (name === 'xf' && inCells) formats.push(formatOf(Number(attributes['numFmtId'] ?? 0), custom))
    },
    close: (name) => {
      if (name === 'cellXfs') inCells = false
    },
  })
  return formats
}

function formatOf(id: number, custom: ReadonlyMap<number, string>): NumberFormat {
  if (id >= 14 && id <= 22) return id >= 18 && id <= 21 ? 'time' : 'date'
  if (id >= 45 && id <= 47) return 'time'
  if ((id >= 27 && id <= 36) || (id >= 50 && id <= 58)) return 'date'
  const code = (custom.get(id) ?? '').replace(/"[^"]*"|\\.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|_.|\*./gi, '').split(';')[0]!
  if (/^0{2,}$/.test(code)) return { zeros: code.length }
  if (/[yd]/i.test(code) || /mmm/i.test(code)) return 'date'
  return /[hs]/i.test(code) ? 'time' : 'plain'
}

async function readStrings(zip: OpenZip, shown: string): Promise<string[]> {
  const strings: string[] = []
  if (!zip.entries.has('xl/sharedStrings.xml')) return strings
  let [text, inText, phonetic] = ['', false, false]
  await parse(zip, 'xl/sharedStrings.xml', shown, {
    open: (name) => {
      if (name === 'si') text = ''
      if (name === 'rPh') phonetic = true
      if (name === 't') inText = !phonetic
    },
    text: (piece) => {
      if (inText) text += piece
    },
    close: (name) => {
      if (name === 't') inText = false
      if (name === 'rPh') phonetic = false
      if (name === 'si') strings.push(unescaped(text))
    },
  })
  return strings
}

/** `_x000D_` is how a workbook writes what XML may not hold. */
const unescaped = (text: string): string =>
  text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)))

interface SheetRow {
  readonly row: number
  readonly cells: string[]
  /** formulas without a value */
  readonly formulas: number
}

async function* rowsOf(
  zip: OpenZip,
  { entry, epoch1904 }: Sheet,
  { formats, strings }: { readonly formats: readonly NumberFormat[]; readonly strings: readonly string[] },
  shown: string,
): AsyncGenerator<SheetRow> {
  const ready: SheetRow[] = []
  let [row, cells, column, type, style, value, reading] = [0, [] as string[], 0, 'n', 0, '', false]
  let [formula, formulas] = [false, 0]
  const stream = parseStream(zip, entry, shown, {
    open: (name, attributes) => {
      if (name === 'row') [row, cells, column, formulas] = [Number(attributes['r'] ?? row + 1), [], -1, 0]
      if (name === 'c') {
        column = attributes['r'] === undefined ? column + 1 : columnOf(attributes['r'])
        ;[type, style, value, formula] = [attributes['t'] ?? 'n', Number(attributes['s'] ?? 0), '', false]
        if (column >= MAX_COLUMNS) throw badData(`This sheet has more than ${MAX_COLUMNS} columns.`, shown)
      }
      if (name === 'f') formula = true
      if (name === 'v' || (name === 't' && type === 'inlineStr')) reading = true
    },
    text: (piece) => {
      if (reading) value += piece
    },
    close: (name) => {
      if (name === 'v' || name === 't') reading = false
      if (name === 'c' && value !== '') {
        while (cells.length < column) cells.push('')
        cells[column] = cellText(value, type, formats[style] ?? 'plain', strings, epoch1904)
      }
      if (name === 'c' && formula && value === '') formulas++
      if (name === 'row') ready.push({ row, cells, formulas })
    },
  })
  for await (const _ of stream) {
    yield* ready
    ready.length = 0
  }
}

const columnOf = (reference: string): number =>
  [...reference.replace(/\d+$/, '')].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1

function cellText(value: string, type: string, format: NumberFormat, strings: readonly string[], epoch1904: boolean): string {
  switch (type) {
    case 's':
      return strings[Number(value)] ?? ''
    case 'b':
      return value === '1' ? 'true' : 'false'
    case 'e':
      return ''
    case 'd':
      return value
    case 'str':
    case 'inlineStr':
      return unescaped(value)
    default:
      return numberText(value, format, epoch1904)
  }
}

function numberText(value: string, format: NumberFormat, epoch1904: boolean): string {
  const number = Number(value)
  if (!Number.isFinite(number)) return value
  if (format === 'date') return dateText(number, epoch1904)
  if (format === 'time') return timeText(number, epoch1904)
  const plain = Number.isInteger(number) ? BigInt(number).toString() : String(number)
  return typeof format === 'object' ? plain.padStart(format.zeros, '0') : plain
}

/** Days since 1899-12-30 (the year 1900 counts as a leap year in workbooks), or since 1904. */
function dateText(days: number, epoch1904: boolean): string {
  const start = epoch1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, days < 60 ? 31 : 30)
  const date = new Date(start + Math.round(days * 86_400_000))
  if (Number.isNaN(date.getTime())) return String(days)
  const text = date.toISOString()
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text.slice(0, text.endsWith('.000Z') ? 19 : 23).replace('T', ' ')
}

const timeText = (days: number, epoch1904: boolean): string =>
  days >= 1 || days < 0 ? dateText(days, epoch1904) : new Date(Math.round(days * 86_400_000)).toISOString().slice(11, 19)

interface Visitor {
  /** false ends the reading */
  readonly open?: (name: string, attributes: Readonly<Record<string, string>>) => unknown
  readonly text?: (piece: string) => void
  readonly close?: (name: string) => void
}

async function parse(zip: OpenZip, entry: string, shown: string, visitor: Visitor): Promise<void> {
  for await (const more of parseStream(zip, entry, shown, visitor)) if (!more) return
}

/** Parses an entry and yields after each piece of it, false once the visitor has seen enough. */
async function* parseStream(zip: OpenZip, entry: string, shown: string, visitor: Visitor): AsyncGenerator<boolean> {
  if (!zip.entries.has(entry)) throw badData(`This workbook has no ${entry}; save it again.`, shown)
  const { default: sax } = await import('sax')
  const parser = sax.parser(true, { trim: false })
  const seen = { enough: false }
  parser.onopentag = ({ name, attributes }) => {
    if (!seen.enough && visitor.open?.(local(name), attributes as Readonly<Record<string, string>>) === false) seen.enough = true
  }
  parser.ontext = (piece) => visitor.text?.(piece)
  parser.oncdata = (piece) => visitor.text?.(piece)
  parser.onclosetag = (name) => visitor.close?.(local(name))
  parser.onerror = (error) => {
    throw error
  }
  const decoder = new TextDecoder('utf-8')
  const limited = limitBytes(MAX_XML, () => badData('This sheet is larger than 1 GiB; save it as CSV.', shown))
  try {
    for await (const piece of limited(await zip.stream(entry))) {
      parser.write(decoder.decode(piece, { stream: true }))
      yield !seen.enough
      if (seen.enough) return
    }
    parser.close()
    yield !seen.enough
  } catch (error) {
    if (error instanceof PylonError) throw error
    throw badData(`This workbook cannot be read: ${(error as Error).message.split('\n')[0]}. Save it again.`, shown, { cause: error })
  }
}

/** A tag's name without its prefix: some writers give everything one. */
const local = (name: string): string => name.slice(name.indexOf(':') + 1)
