/**
 * How a message of the contract becomes one WebSocket frame, for hosts that cannot clone: JSON text, or, where a message holds typed
 * arrays, one binary frame of a header and the arrays' own bytes, so that a million points cost no base64. What structured clone keeps
 * and JSON does not (NaN, infinities, undefined, typed arrays) is tagged `{ "$": … }`; an object of the message that has a key `$` is
 * wrapped as `{ "$": { … } }`. Both directions, both ends check: a frame that is not of this form is a bad-input.
 *
 *   binary frame: u32 n (little endian) · n bytes of JSON { message, arrays: [[type, bytes], …] } · zeros up to 8 ·
 *   arrays, each padded to 8
 */
import { badInput, PylonError } from './errors.ts'

/** Largest frames, in bytes: what a page may ask, and what an engine may answer. */
export const FRAME_LIMIT = { down: 16 * 2 ** 20, up: 512 * 2 ** 20 } as const

/** Deepest nesting of a message; what is deeper is not ours. */
const MAX_DEPTH = 100

export type Frame = string | Uint8Array<ArrayBuffer>

const ARRAYS = {
  i8: Int8Array,
  u8: Uint8Array,
  u8c: Uint8ClampedArray,
  i16: Int16Array,
  u16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  f32: Float32Array,
  f64: Float64Array,
  i64: BigInt64Array,
  u64: BigUint64Array,
} as const
type ArrayType = keyof typeof ARRAYS
type TypedArray = InstanceType<(typeof ARRAYS)[ArrayType]>

const SPECIAL: Readonly<Record<string, number | undefined>> = { NaN: NaN, Infinity: Infinity, '-Infinity': -Infinity, undefined: undefined }

const isArrayType = (value: unknown): value is ArrayType => typeof value === 'string' && Object.hasOwn(ARRAYS, value)
const padded = (bytes: number): number => Math.ceil(bytes / 8) * 8

/** @throws PylonError bad-input for what cannot cross (functions, symbols, big integers, class instances, too deep) */
export function encodeFrame(message: unknown): Frame {
  const arrays: TypedArray[] = []
  const packed = pack(message, arrays, 0)
  if (arrays.length === 0) return JSON.stringify(packed)
  const header = new TextEncoder().encode(
    JSON.stringify({ message: packed, arrays: arrays.map((array) => [typeOf(array), array.byteLength]) }),
  )
  const start = padded(4 + header.length)
  const frame = new Uint8Array(arrays.reduce((end, array) => end + padded(array.byteLength), start))
  new DataView(frame.buffer).setUint32(0, header.length, true)
  frame.set(header, 4)
  let at = start
  for (const array of arrays) {
    frame.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at)
    at += padded(array.byteLength)
  }
  return frame
}

/**
 * The message of a frame; its typed arrays are views of one copy of the frame.
 * @throws PylonError bad-input for a frame that is larger than `limit` bytes, or not of the form above
 */
export function decodeFrame(frame: string | ArrayBuffer | Uint8Array, limit: number): unknown {
  const size = typeof frame === 'string' ? frame.length : frame.byteLength
  if (size > limit) throw badInput(`A message of ${size} bytes; at most ${limit} are taken.`)
  if (typeof frame === 'string') return unpack(parse(frame), [], 0)
  // a copy of its own, so that every array starts at a multiple of 8 wherever the frame lay
  const bytes = frame instanceof ArrayBuffer ? new Uint8Array(frame) : Uint8Array.from(frame)
  if (bytes.length < 8) throw foreign('it is too short')
  const length = new DataView(bytes.buffer).getUint32(0, true)
  const start = padded(4 + length)
  if (start > bytes.length) throw foreign('its header is longer than itself')
  const header = parse(utf8(bytes.subarray(4, 4 + length)))
  if (!isPlain(header) || !Array.isArray(header['arrays'])) throw foreign('its header lists no arrays')
  return unpack(header['message'], arraysOf(bytes, start, header['arrays']), 0)
}

function arraysOf(bytes: Uint8Array<ArrayBuffer>, start: number, listed: readonly unknown[]): TypedArray[] {
  let at = start
  const arrays = listed.map((entry): TypedArray => {
    const [type, length] = (Array.isArray(entry) ? entry : []) as [unknown, unknown]
    if (!isArrayType(type) || !Number.isSafeInteger(length) || (length as number) < 0) throw foreign('an array has no type or length')
    const size = ARRAYS[type].BYTES_PER_ELEMENT
    if ((length as number) % size !== 0 || at + (length as number) > bytes.length) throw foreign('an array does not fit')
    const array = new ARRAYS[type](bytes.buffer, at, (length as number) / size)
    at += padded(length as number)
    return array
  })
  if (at !== bytes.length) throw foreign('bytes are left over')
  return arrays
}

/** The value with tags in place; the very same object where there is nothing to tag. */
function pack(value: unknown, arrays: TypedArray[], depth: number): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : { $: String(value) }
  if (value === undefined) return { $: 'undefined' }
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value !== 'object') throw badInput(`A ${typeof value} cannot be sent.`)
  if (depth > MAX_DEPTH) throw badInput('A message that is nested too deeply.')
  if (ArrayBuffer.isView(value)) return { $: arrays.push(typed(value)) - 1 }
  if (Array.isArray(value)) return packArray(value, arrays, depth)
  if (!isPlain(value)) throw badInput(`An instance of ${value.constructor.name} cannot be sent.`)
  let copy: Record<string, unknown> | null = null
  for (const key of Object.keys(value)) {
    const inner = value[key]
    const packed = pack(inner, arrays, depth + 1)
    if (packed !== inner) (copy ??= { ...value })[key] = packed
  }
  const result = copy ?? value
  return Object.hasOwn(result, '$') ? { $: result } : result
}

function packArray(value: readonly unknown[], arrays: TypedArray[], depth: number): unknown {
  let copy: unknown[] | null = null
  for (let i = 0; i < value.length; i++) {
    const packed = pack(value[i], arrays, depth + 1)
    if (packed !== value[i]) (copy ??= [...value])[i] = packed
  }
  return copy ?? value
}

/** Undoes {@link pack}, in place. */
function unpack(value: unknown, arrays: readonly TypedArray[], depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth > MAX_DEPTH) throw foreign('it is nested too deeply')
  if (Object.hasOwn(value, '$')) {
    const { $: tag, ...rest } = value as { $: unknown }
    if (Object.keys(rest).length > 0) throw foreign('a tag has company')
    if (isPlain(tag)) return unpackMembers(tag, arrays, depth)
    if (typeof tag === 'string' && Object.hasOwn(SPECIAL, tag)) return SPECIAL[tag]
    const array = typeof tag === 'number' ? arrays[tag] : undefined
    if (array === undefined) throw foreign('a tag stands for nothing')
    return array
  }
  return unpackMembers(value as Record<string, unknown>, arrays, depth)
}

function unpackMembers(value: Record<string, unknown>, arrays: readonly TypedArray[], depth: number): unknown {
  for (const key of Object.keys(value)) {
    if (key === '__proto__') throw foreign('it names a prototype')
    const inner = value[key]
    const whole = unpack(inner, arrays, depth + 1)
    if (whole !== inner) value[key] = whole
  }
  return value
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw foreign('it is not JSON')
  }
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw foreign('its header is not UTF-8')
  }
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** A view of a type we carry: Node's Buffer goes as the bytes it is. */
const typed = (view: ArrayBufferView): TypedArray =>
  Object.values(ARRAYS).some((type) => type === view.constructor)
    ? (view as TypedArray)
    : (new Uint8Array(view.buffer, view.byteOffset, view.byteLength) as TypedArray)

const typeOf = (array: TypedArray): ArrayType => (Object.keys(ARRAYS) as ArrayType[]).find((type) => ARRAYS[type] === array.constructor)!

const foreign = (why: string): PylonError => badInput(`A message that is not of this contract: ${why}.`)
