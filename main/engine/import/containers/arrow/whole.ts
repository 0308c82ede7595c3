/** Columns as the library made them of a batch, looked at before a cell is read: every buffer holds what the rows say. */
import { isUtf8 } from 'node:buffer'
import type { DataType } from 'apache-arrow'
import { NotWhole, type Libraries } from './messages.ts'

/** What the library has of a column; it leaves the parts of what is nested untyped. */
export interface Column {
  readonly type: DataType
  readonly length: number
  readonly nullCount: number
  /** values of a row in `values` */
  readonly stride: number
  readonly values: ArrayLike<number | bigint>
  readonly nullBitmap: ArrayLike<number>
  readonly valueOffsets: ArrayLike<number | bigint>
  readonly typeIds: ArrayLike<number>
  readonly children: readonly Column[]
  readonly dictionary?: { readonly length: number; readonly data: readonly Column[] }
  getValid(row: number): boolean
}

/** @throws NotWhole where a buffer is shorter than its rows, or an offset or a word of a dictionary leads out of it */
export function checkColumn(arrow: Libraries['arrow'], column: Column, known: WeakSet<object>): void {
  const { DataType: is } = arrow
  const { type, length, children } = column
  // compressed buffers are whole only now
  if (column.nullCount > 0 && !is.isNull(type) && !is.isUnion(type)) atLeast(column.nullBitmap, Math.ceil(length / 8))
  if (is.isStruct(type)) for (const child of children) atLeast(child, length)
  else if (is.isFixedSizeList(type)) atLeast(children[0]!, length * type.listSize)
  else if (is.isList(type) || is.isLargeList(type) || is.isMap(type)) checkOffsets(column.valueOffsets, length, children[0]!.length)
  else if (is.isUtf8(type) || is.isBinary(type) || is.isLargeUtf8(type) || is.isLargeBinary(type)) {
    checkOffsets(column.valueOffsets, length, column.values.length)
    const [from, to] = [column.valueOffsets[0] ?? 0, column.valueOffsets[length] ?? 0]
    // the library would put a sign of its own for what is none
    const isText = (is.isUtf8(type) || is.isLargeUtf8(type)) && column.values instanceof Uint8Array
    if (isText && !isUtf8(column.values.subarray(Number(from), Number(to)))) throw new Error('a text in it is no UTF-8')
  } else if (is.isBool(type)) atLeast(column.values, Math.ceil(length / 8))
  else if (is.isUnion(type)) {
    atLeast(column.typeIds, length)
    if (is.isDenseUnion(type)) atLeast(column.valueOffsets, length)
  } else if (!is.isNull(type)) atLeast(column.values, length * column.stride)
  if (is.isDictionary(type)) {
    const { dictionary } = column
    if (dictionary === undefined) throw new NotWhole()
    for (let at = 0; at < length; at++) {
      const word = Number(column.values[at])
      if ((word < 0 || word >= dictionary.length) && column.getValid(at)) throw new NotWhole()
    }
    if (!known.has(dictionary)) for (const data of dictionary.data) checkColumn(arrow, data, known)
    known.add(dictionary)
  }
  for (const child of children) checkColumn(arrow, child, known)
}

function atLeast(buffer: { readonly length: number }, length: number): void {
  if (buffer.length < length) throw new NotWhole()
}

/** Where each row's part begins, and where the last ends: never back, never past `end`. */
function checkOffsets(offsets: ArrayLike<number | bigint>, rows: number, end: number): void {
  // of no rows there may be no offset either
  if (rows === 0) return
  atLeast(offsets, rows + 1)
  let last = 0
  for (let at = 0; at <= rows; at++) {
    const offset = Number(offsets[at])
    if (offset < last) throw new NotWhole()
    last = offset
  }
  if (last > end) throw new NotWhole()
}
