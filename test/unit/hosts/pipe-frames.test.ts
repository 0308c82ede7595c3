/** The contract's frames over a pipe: whole in whatever pieces they come, and refused where they are none. The other end is Python's. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PipeReader, pipeBytes } from '../../../main/hosts/pipe-frames.ts'

const messages = [
  { kind: 'call', id: 1, input: { text: '长' } },
  { points: Float32Array.of(1, NaN), ids: Int32Array.of(3) },
  null,
  'x'.repeat(70_000),
]

test('in pieces of any size', () => {
  const bytes = Buffer.concat(messages.map(pipeBytes))
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 30_000 }), { maxLength: 30 }), (sizes) => {
      const heard: unknown[] = []
      const reader = new PipeReader(1 << 20, (message) => heard.push(message))
      let at = 0
      for (const size of [...sizes, bytes.length]) {
        reader.feed(bytes.subarray(at, at + size))
        at = Math.min(bytes.length, at + size)
      }
      expect(heard).toEqual(messages)
    }),
    { numRuns: 50 },
  )
})

test('what is no frame is refused before it is waited for', () => {
  const feed =
    (bytes: Buffer): (() => void) =>
    () =>
      new PipeReader(1000, () => undefined).feed(bytes)
  expect(feed(Buffer.from('{"kind":"call"}'))).toThrow(/is no frame: its kind is unknown/)
  expect(feed(Buffer.from([0, 0xff, 0xff, 0, 0]))).toThrow(/it has 65535 bytes, and at most 1000 are taken/)
  expect(feed(Buffer.from([0, 1, 0, 0, 0, 0x7b]))).toThrow(/not of this contract: it is not JSON/)
  expect(feed(Buffer.from([1, 2, 0, 0, 0, 0, 0]))).toThrow(/it is too short/)
})
