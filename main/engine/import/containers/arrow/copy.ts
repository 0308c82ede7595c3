/**
 * An Arrow IPC file or stream (Feather 2), a record batch at a time, copied into DuckDB. Values cross as text and are cast back to the
 * types that the file has, so that integers of 64 bits, decimals and times keep every digit.
 */
import { open } from 'node:fs/promises'
import { zstdDecompressSync } from 'node:zlib'
import type { DataType, Field, RecordBatch, Vector } from 'apache-arrow'
import type { ByteBuffer } from 'flatbuffers'
import { badData } from '../../../../contract/errors.ts'
import type { Stage } from '../../../../contract/shapes/progress.ts'
import { sqlName, type Duck } from '../../../dataset/duck.ts'
import { uniqueNames } from '../../dialect.ts'
import { unpackLz4 } from './lz4.ts'
import { childrenOf, MAX_BUFFER, messagesOf, NotWhole, typeOf, type Libraries } from './messages.ts'
import { checkColumn } from './whole.ts'

type Arrow = Libraries['arrow']
const elementOf = (type: DataType): DataType => typeOf(childrenOf(type)[0]!)
const mapValueOf = (type: DataType): DataType => typeOf(childrenOf(elementOf(type))[1]!)
const wordOf = (type: { readonly dictionary: unknown }): DataType => type.dictionary as DataType

/** A value as JSON has it, but for integers, which keep their digits. */
type Plain = string | number | bigint | boolean | null | Plain[] | { readonly [key: string]: Plain }

const PAGE = 2048

let loaded: Promise<Libraries> | null = null

/** The library, with the codecs that Arrow files are packed with. */
function loadLibraries(): Promise<Libraries> {
  loaded ??= Promise.all([import('apache-arrow'), import('flatbuffers')]).then(([arrow, flatbuffers]) => {
    checkLengths(flatbuffers.ByteBuffer.prototype)
    const { compressionRegistry, CompressionType } = arrow
    compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: unpackLz4 })
    compressionRegistry.set(CompressionType.ZSTD, { decode: (bytes) => zstdDecompressSync(bytes, { maxOutputLength: MAX_BUFFER }) })
    return { arrow, flatbuffers }
  })
  return loaded
}

/**
 * The library believes every length that a file's metadata has: a damaged one of billions of columns would fill all memory. An element takes a
 * byte at least, so no list is longer than what holds it.
 */
function checkLengths(prototype: Pick<ByteBuffer, '__vector_len' | 'capacity'>): void {
  const { __vector_len: lengthAt } = prototype
  prototype.__vector_len = function (offset) {
    const length = lengthAt.call(this, offset)
    if (length < 0 || length > this.capacity()) throw new RangeError(`a list of ${length} elements`)
    return length
  }
}

export interface CopiedTable {
  /** goes behind FROM */
  readonly from: string
  /** columns that were left out, and why */
  readonly notes: readonly string[]
}

/** Copies a file into DuckDB's table `into`. @throws PylonError bad-data for what is damaged */
export async function* copyArrow(duck: Duck, path: string, shown: string, into: string): Stage<CopiedTable> {
  const libraries = await loadLibraries()
  const { arrow } = libraries
  const file = await open(path, 'r')
  try {
    const reader = await (await arrow.RecordBatchReader.from(messagesOf(libraries, file))).open()
    const { fields: all } = reader.schema
    const names = uniqueNames(all.map((field) => field.name))
    // two columns may have one name: they are told apart by their places
    const columns = all.map((field, at) => ({ field, at, name: names[at]!, unread: unreadOf(arrow, typeOf(field)) }))
    const fields = columns.filter(({ unread }) => unread === null)
    // columns of nothing take no bytes: no number of rows would be too large for the file
    if (fields.every(({ field }) => isEmpty(arrow, typeOf(field)))) throw badData('This file has no column that can be read.', shown)
    await duck.run(`CREATE TABLE ${into} (${fields.map((_, i) => `c${i} VARCHAR`).join(', ')})`)
    const appender = await duck.appender(into, fields.length)
    let done = 0
    const known = new WeakSet()
    try {
      for await (const batch of reader as AsyncIterable<RecordBatch>) {
        // the library's own for a file without batches has no columns
        if (batch.numRows === 0) continue
        for (const column of batch.data.children) checkColumn(arrow, column, known)
        const texts = fields.map(({ field, at }) => textsOf(arrow, field, batch.getChildAt(at)))
        for (let at = 0; at < batch.numRows; at += PAGE) {
          const rows = Math.min(PAGE, batch.numRows - at)
          appender.append(texts.map((text) => Array.from({ length: rows }, (_, k) => text(at + k))))
        }
        yield { stage: `read ${shown}`, done: (done += batch.numRows), total: null, unit: 'rows' }
      }
    } finally {
      appender.close()
    }
    const casts = fields.map(({ field, name }, i) => `${castSql(arrow, typeOf(field), `c${i}`)} AS ${sqlName(name)}`)
    return {
      from: `(SELECT ${casts.join(', ')} FROM ${into})`,
      notes: columns.flatMap(({ name, unread }) =>
        unread === null ? [] : [`${shown}: the column "${name}" holds ${unread}: it is left out`],
      ),
    }
  } catch (error) {
    if (error instanceof Error && error.name !== 'PylonError')
      throw badData(`This Arrow file cannot be read: ${reasonOf(error)}. Write it again, or as Parquet.`, shown, { cause: error })
    throw error
  } finally {
    await file.close()
  }
}

/** The library stumbles over what a damaged file lacks: it looks for it in vain, or asks for more than there is. */
const reasonOf = (error: Error): string =>
  error instanceof RangeError || error instanceof TypeError ? new NotWhole().message : error.message

/** What a column holds that is not read; null where it is read. */
function unreadOf(arrow: Arrow, type: DataType): string | null {
  const { DataType: is } = arrow
  if (is.isBinary(type) || is.isFixedSizeBinary(type) || is.isLargeBinary(type) || is.isBinaryView(type)) return 'bytes, which are no text'
  if (is.isUnion(type)) return 'values of several types'
  if (is.isInterval(type)) return 'intervals'
  const inner = is.isDictionary(type) ? [wordOf(type)] : childrenOf(type).map(typeOf)
  return inner.map((part) => unreadOf(arrow, part)).find((unread) => unread !== null) ?? null
}

/** Whether there is nothing in it, whatever its rows. */
function isEmpty(arrow: Arrow, type: DataType): boolean {
  const { DataType: is } = arrow
  if (is.isStruct(type)) return childrenOf(type).every((child) => isEmpty(arrow, typeOf(child)))
  return is.isNull(type) || (is.isFixedSizeList(type) && (type.listSize < 1 || isEmpty(arrow, elementOf(type))))
}

const isList = (arrow: Arrow, type: DataType): boolean =>
  arrow.DataType.isList(type) || arrow.DataType.isLargeList(type) || arrow.DataType.isFixedSizeList(type)
const isNested = (arrow: Arrow, type: DataType): boolean =>
  isList(arrow, type) || arrow.DataType.isStruct(type) || arrow.DataType.isMap(type)

/** The cells of a column as the text that {@link castSql} reads. */
function textsOf(arrow: Arrow, field: Field, column: Vector | null): (row: number) => string | null {
  if (column === null) return () => null
  const type = typeOf(field)
  const inner = arrow.DataType.isDictionary(type) ? wordOf(type) : type
  return (row) => {
    const value = plainOf(arrow, inner, column.get(row))
    if (value === null) return null
    return typeof value === 'object' ? jsonOf(value) : String(value)
  }
}

function plainOf(arrow: Arrow, type: DataType, value: unknown): Plain {
  const { DataType: is } = arrow
  if (value === null || value === undefined) return null
  if (is.isDictionary(type)) return plainOf(arrow, wordOf(type), value)
  if (is.isFloat(type)) return type.precision === arrow.Precision.SINGLE ? shortest(Number(value)) : Number(value)
  if (is.isDate(type)) return Math.round(Number(value) / 86_400_000)
  if (is.isTimestamp(type)) return Math.round(Number(value) * 1000)
  if (is.isDecimal(type)) return decimalText(value as Uint32Array, type.scale)
  if (isList(arrow, type)) return Array.from(value as Iterable<unknown>, (element) => plainOf(arrow, elementOf(type), element))
  if (is.isStruct(type)) {
    const row = value as Readonly<Record<string, unknown>>
    return Object.fromEntries(childrenOf(type).map((child) => [child.name, plainOf(arrow, typeOf(child), row[child.name])]))
  }
  if (is.isMap(type)) {
    const inner = mapValueOf(type)
    return Object.fromEntries(Array.from(value as Iterable<[unknown, unknown]>, ([key, v]) => [String(key), plainOf(arrow, inner, v)]))
  }
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' ? value : (value as string)
}

/** The shortest number that is the same in 32 bits: 0.1, not 0.10000000149. */
function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return value
}

/** A decimal from its words of 32 bits, the lowest first, in two's complement. */
function decimalText(words: Uint32Array, scale: number): string {
  const unsigned = words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n)
  const value = BigInt.asIntN(words.length * 32, unsigned)
  if (scale < 0) return `${value}${value === 0n ? '' : '0'.repeat(-scale)}`
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  const point = digits.length - scale
  return `${value < 0n ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}`
}

function jsonOf(value: Plain): string {
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}:${jsonOf(inner)}`)
    .join(',')}}`
}

function castSql(arrow: Arrow, given: DataType, column: string): string {
  const type = arrow.DataType.isDictionary(given) ? wordOf(given) : given
  if (isNested(arrow, type)) return `CAST(CAST(${column} AS JSON) AS ${duckType(arrow, type)})`
  if (arrow.DataType.isDate(type)) return `DATE '1970-01-01' + CAST(${column} AS INTEGER)`
  if (arrow.DataType.isTimestamp(type)) return `make_timestamp(CAST(${column} AS BIGINT))`
  const duck = duckType(arrow, type)
  return duck === 'VARCHAR' ? column : `CAST(${column} AS ${duck})`
}

function duckType(arrow: Arrow, type: DataType): string {
  const { DataType: is } = arrow
  if (is.isDictionary(type)) return duckType(arrow, wordOf(type))
  if (is.isInt(type)) return type.isSigned ? 'BIGINT' : 'UBIGINT'
  if (is.isFloat(type)) return type.precision === arrow.Precision.DOUBLE ? 'DOUBLE' : 'FLOAT'
  if (is.isBool(type)) return 'BOOLEAN'
  if (is.isDecimal(type))
    return type.precision <= 38 && type.scale >= 0 && type.scale <= type.precision ? `DECIMAL(${type.precision}, ${type.scale})` : 'VARCHAR'
  if (isList(arrow, type)) return `${duckType(arrow, elementOf(type))}[]`
  if (is.isStruct(type))
    return `STRUCT(${childrenOf(type)
      .map((c) => `${sqlName(c.name)} ${duckType(arrow, typeOf(c))}`)
      .join(', ')})`
  if (is.isMap(type)) return `MAP(VARCHAR, ${duckType(arrow, mapValueOf(type))})`
  return 'VARCHAR'
}
