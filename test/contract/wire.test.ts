/** Frames: what is sent arrives as it was, and what is no frame is refused with a bad-input, whatever its bytes are. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PylonError } from '../../main/contract/errors.ts'
import { decodeFrame, encodeFrame, FRAME_LIMIT, type Frame } from '../../main/contract/wire.ts'

const LIMIT = FRAME_LIMIT.up
const roundTrip = (message: unknown): unknown => decodeFrame(encodeFrame(message), LIMIT)

const key = fc.oneof(fc.string(), fc.constant('$')).filter((name) => name !== '__proto__')
const message = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.double(),
    fc.integer(),
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.constant(undefined),
    fc.float32Array(),
    fc.float64Array(),
    fc.int8Array(),
    fc.uint8Array(),
    fc.uint16Array(),
    fc.int32Array(),
    fc.bigInt64Array(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value

/** JSON knows no -0. */
const plain = (value: unknown): unknown => (Object.is(value, -0) ? 0 : value)
const withoutMinusZero = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(withoutMinusZero)
    : typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)
      ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutMinusZero(inner)]))
      : plain(value)

test('what is sent arrives as it was', () => {
  fc.assert(
    fc.property(message, (sent) => {
      expect(roundTrip(sent)).toStrictEqual(withoutMinusZero(sent))
    }),
    { numRuns: 500 },
  )
})

test('plain messages are JSON text, and the same text for everybody', () => {
  expect(encodeFrame({ kind: 'call', id: 1, input: { a: [1, 'x', null] } })).toBe('{"kind":"call","id":1,"input":{"a":[1,"x",null]}}')
  expect(encodeFrame({ loss: NaN, $: 1 })).toBe('{"$":{"loss":{"$":"NaN"},"$":1}}')
})

test('a million points cost their bytes and no more', () => {
  const points = Float32Array.from({ length: 1_000_000 }, (_, i) => i / 3)
  const frame = encodeFrame({ kind: 'answer', id: 1, value: { x: points, y: points.subarray(5, 9) } }) as Uint8Array
  expect(frame.byteLength).toBeLessThan(4_000_300)
  expect((decodeFrame(frame, LIMIT) as { value: { y: Float32Array } }).value.y).toEqual(points.subarray(5, 9))
})

test('a frame arrives at any offset of a larger buffer', () => {
  const frame = encodeFrame({ v: new Float64Array([1.5, 2]) }) as Uint8Array
  const larger = new Uint8Array(frame.length + 3)
  larger.set(frame, 3)
  expect(decodeFrame(larger.subarray(3), LIMIT)).toEqual({ v: new Float64Array([1.5, 2]) })
})

describe('what is no frame', () => {
  const refused = (frame: Frame | ArrayBuffer, limit: number = LIMIT): string => {
    try {
      decodeFrame(frame, limit)
    } catch (error) {
      expect(error).toBeInstanceOf(PylonError)
      expect((error as PylonError).code).toBe('bad-input')
      return (error as PylonError).message
    }
    throw new Error('It was taken.')
  }

  test('is refused, and says why', () => {
    const tooDeep = `${'['.repeat(5000)}${']'.repeat(5000)}`
    const binary = (header: unknown, tail = 0): Uint8Array<ArrayBuffer> => {
      const text = Buffer.from(JSON.stringify(header))
      const bytes = new Uint8Array(Math.ceil((4 + text.length) / 8) * 8 + tail)
      new DataView(bytes.buffer).setUint32(0, text.length, true)
      bytes.set(text, 4)
      return bytes
    }
    expect([
      refused('{'),
      refused('x'.repeat(20), 10),
      refused(tooDeep),
      refused('{"$":"Nope"}'),
      refused('{"$":0}'),
      refused('{"$":1,"a":2}'),
      refused('{"__proto__":{"verb":"x"}}'),
      refused(new Uint8Array(3)),
      refused(new Uint8Array([255, 255, 255, 255, 0, 0, 0, 0])),
      refused(binary({ message: 1 })),
      refused(binary({ message: 1, arrays: [['f99', 8]] }, 8)),
      refused(binary({ message: 1, arrays: [['f32', 800]] }, 8)),
      refused(binary({ message: 1, arrays: [['f32', 6]] }, 8)),
      refused(binary({ message: 1, arrays: [['f32', 4]] }, 16)),
    ]).toMatchInlineSnapshot(`
      [
        "A message that is not of this contract: it is not JSON.",
        "A message of 20 bytes; at most 10 are taken.",
        "A message that is not of this contract: it is nested too deeply.",
        "A message that is not of this contract: a tag stands for nothing.",
        "A message that is not of this contract: a tag stands for nothing.",
        "A message that is not of this contract: a tag has company.",
        "A message that is not of this contract: it names a prototype.",
        "A message that is not of this contract: it is too short.",
        "A message that is not of this contract: its header is longer than itself.",
        "A message that is not of this contract: its header lists no arrays.",
        "A message that is not of this contract: an array has no type or length.",
        "A message that is not of this contract: an array does not fit.",
        "A message that is not of this contract: an array does not fit.",
        "A message that is not of this contract: bytes are left over.",
      ]
    `)
  })

  test('never does anything else than being refused', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 64 }), fc.string()), (bytes) => {
        try {
          decodeFrame(bytes, LIMIT)
        } catch (error) {
          expect(error).toBeInstanceOf(PylonError)
        }
      }),
      { numRuns: 1000 },
    )
  })
})

test.each([[() => 1], [Symbol('x')], [10n], [new Map()], [new Date(0)]])('%s cannot be sent', (value) => {
  expect(() => encodeFrame({ value })).toThrow(PylonError)
})
