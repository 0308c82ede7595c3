/**
 * The messages of an Arrow file or stream, one after the other, each whole within the file: what the library is given to read. By itself it
 * follows lengths and places wherever they lead: a negative one leads it back, and round for ever.
 */
import type { FileHandle } from 'node:fs/promises'
import type { DataType, Field, Message } from 'apache-arrow'
import type { ByteBuffer } from 'flatbuffers'
import { readFully } from '../../../files/bytes.ts'

export interface Libraries {
  readonly arrow: typeof import('apache-arrow')
  readonly flatbuffers: typeof import('flatbuffers')
}

/** What is not as long as it says, or not where it says. */
export class NotWhole extends Error {
  constructor() {
    super('it is not whole')
  }
}

const MAGIC = 'ARROW1'
/** the magic and what fills it to eight bytes */
const HEAD = 8
/** the length of the footer and the magic behind it */
const TAIL = 4 + MAGIC.length
/** before the length of a message, since Arrow 0.15 */
const CONTINUED = -1
/** Decompressed, as an array of bytes holds it at most for a batch that is read whole. */
export const MAX_BUFFER = 2 ** 31

/** What a batch says of itself. */
interface Batch {
  readonly length: number
  readonly nodes: readonly { readonly length: number; readonly nullCount: number }[]
  readonly buffers: readonly { readonly offset: number; readonly length: number }[]
  readonly compression: object | null
}

/**
 * The bytes of a file, form of a file or of a stream, as a stream. @throws NotWhole where a length or a place leads out of the file, or a
 * batch's parts out of the batch
 */
export async function* messagesOf(libraries: Libraries, file: FileHandle): AsyncGenerator<Uint8Array> {
  const { size } = await file.stat()
  const at = async (position: number, length: number): Promise<Uint8Array> => {
    const isWithin = Number.isSafeInteger(position) && Number.isSafeInteger(length) && position >= 0 && length >= 0
    if (!isWithin || position + length > size) throw new NotWhole()
    const bytes = new Uint8Array(length)
    if (!(await readFully(file, bytes, position))) throw new NotWhole()
    return bytes
  }
  const isFile = (await textAt(at, 0)) === MAGIC
  if (isFile && (size < HEAD + TAIL || (await textAt(at, size - MAGIC.length)) !== MAGIC)) throw new NotWhole()
  const end = isFile ? size - TAIL : size
  const fields: Field[] = []

  /** @returns where the next begins; null behind the last */
  async function* message(position: number): AsyncGenerator<Uint8Array, number | null> {
    const first = intOf(await at(position, 4))
    const start = first === CONTINUED ? position + 8 : position + 4
    const length = first === CONTINUED ? intOf(await at(position + 4, 4)) : first
    if (length === 0) return null
    if (length < 0 || start + length > end) throw new NotWhole()
    const metadata = await at(start, length)
    const head = libraries.arrow.Message.decode(metadata)
    const next = start + length + head.bodyLength
    if (next > end) throw new NotWhole()
    const body = await at(start + length, head.bodyLength)
    if (fields.length === 0) fields.push(...fieldsOf(head))
    else checkBatches(libraries, head, fields, body)
    yield framed(length)
    yield metadata
    yield body
    return next
  }

  if (!isFile) {
    let position = 0
    while (position < size) {
      const next = yield* message(position)
      // a mark of its end is no must
      if (next === null && position + 16 <= size && intOf(await at(position + 8, 4)) === CONTINUED)
        throw new Error('another stream begins behind its end')
      position = next ?? size
    }
    return
  }
  const length = intOf(await at(end, 4))
  const footer = footerOf(libraries, await at(end - length, length))
  fields.push(...fieldsOf(libraries.arrow.Message.decode(footer.schema)))
  yield framed(footer.schema.length)
  yield footer.schema
  for (const place of footer.places) yield* message(place)
}

function framed(length: number): Uint8Array {
  const prefix = new DataView(new ArrayBuffer(8))
  prefix.setInt32(0, CONTINUED, true)
  prefix.setInt32(4, length, true)
  return new Uint8Array(prefix.buffer)
}

type ReadAt = (position: number, length: number) => Promise<Uint8Array>

const textAt = async (at: ReadAt, position: number): Promise<string> => Buffer.from(await at(position, MAGIC.length)).toString('latin1')
const intOf = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true)

function fieldsOf(head: Message): Field[] {
  if (!head.isSchema()) throw new NotWhole()
  const { fields } = head.header()
  if (fields.length === 0) throw new NotWhole()
  return fields
}

interface Footer {
  /** the message of a stream that says it: a file may have none but in its footer */
  readonly schema: Uint8Array
  /** where the messages of the file begin, in the order they are to be read: dictionaries, then rows */
  readonly places: readonly number[]
}

/** Fields of a footer's table, by their places in its list of places. */
const [VERSION, SCHEMA, DICTIONARIES, BATCHES] = [4, 6, 8, 10]

function footerOf({ arrow, flatbuffers }: Libraries, footer: Uint8Array): Footer {
  const bytes: ByteBuffer = new flatbuffers.ByteBuffer(footer)
  const table = bytes.readInt32(0)
  const placesOf = (field: number): number[] => {
    const offset = bytes.__offset(table, field)
    if (offset === 0) return []
    const first = bytes.__vector(table + offset)
    // a place of eight bytes, a length of four and four of nothing, a length of eight
    return Array.from({ length: bytes.__vector_len(table + offset) }, (_, k) => Number(bytes.readInt64(first + k * 24)))
  }
  const [version, schema] = [bytes.__offset(table, VERSION), bytes.__offset(table, SCHEMA)]
  if (schema === 0) throw new NotWhole()
  // a table of a message before the footer, with its list of places; all lead forward into the footer as it is
  const [head, list, fields] = [32, 4, 16]
  const message = new Uint8Array(head + footer.length)
  message.set(footer, head)
  const view = new DataView(message.buffer)
  view.setUint32(0, fields, true)
  for (const [k, place] of [10, 12, 4, 6, 8].entries()) view.setUint16(list + 2 * k, place, true)
  view.setInt32(fields, fields - list, true)
  view.setInt16(fields + 4, version === 0 ? 0 : bytes.readInt16(table + version), true)
  view.setUint8(fields + 6, arrow.MessageHeader.Schema)
  view.setUint32(fields + 8, head + bytes.__indirect(table + schema) - (fields + 8), true)
  return { schema: message, places: [...placesOf(DICTIONARIES), ...placesOf(BATCHES)] }
}

function checkBatches({ arrow }: Libraries, head: Message, fields: readonly Field[], body: Uint8Array): void {
  if (head.isRecordBatch()) return checkBatch(arrow, head.header(), fields.map(typeOf), body)
  if (!head.isDictionaryBatch()) throw new NotWhole()
  const { id, data } = head.header()
  const type = dictionaryOf(arrow, fields.map(typeOf), id)
  if (type === null) throw new NotWhole()
  checkBatch(arrow, data, [type], body)
}

/** Columns have the rows of their batch, and buffers lie within it. */
function checkBatch(arrow: Libraries['arrow'], batch: Batch, types: readonly DataType[], body: Uint8Array): void {
  const { length: rows, nodes, buffers, compression } = batch
  const isCount = (count: number): boolean => Number.isSafeInteger(count) && count >= 0
  if (!isCount(rows) || nodes.some(({ length, nullCount }) => !isCount(length) || !isCount(nullCount) || nullCount > length))
    throw new NotWhole()
  for (const { offset, length } of buffers) {
    if (!isCount(offset) || !isCount(length) || offset + length > body.length) throw new NotWhole()
    if (compression === null || length === 0) continue
    const plain = length < 8 ? null : new DataView(body.buffer, body.byteOffset + offset).getBigInt64(0, true)
    // minus one: this one is not compressed
    if (plain === null || plain < -1n || plain > MAX_BUFFER) throw new NotWhole()
  }
  let node = 0
  for (const type of types) {
    if (nodes[node]?.length !== rows) throw new NotWhole()
    node += nodesOf(arrow, type)
  }
  if (node !== nodes.length) throw new NotWhole()
}

/** The types of what is nested: the library leaves them untyped, and those of all else without a list. */
export const typeOf = (field: Field): DataType => field.type as DataType
export const childrenOf = (type: DataType): readonly Field[] => (type.children as readonly Field[] | null) ?? []

const nodesOf = (arrow: Libraries['arrow'], type: DataType): number =>
  arrow.DataType.isDictionary(type) ? 1 : childrenOf(type).reduce((sum, child) => sum + nodesOf(arrow, typeOf(child)), 1)

/** The type of a dictionary's words. */
function dictionaryOf(arrow: Libraries['arrow'], types: readonly DataType[], id: number): DataType | null {
  for (const type of types) {
    const word = arrow.DataType.isDictionary(type) ? (type.dictionary as DataType) : null
    if (word !== null && arrow.DataType.isDictionary(type) && type.id === id) return word
    const inner = dictionaryOf(arrow, word === null ? childrenOf(type).map(typeOf) : [word], id)
    if (inner !== null) return inner
  }
  return null
}
