import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hashRow, murmur3 } from '../../../main/engine/features/murmur.ts'

/** Test vectors of MurmurHash3_x86_32 as published at https://stackoverflow.com/a/31929528 (Ian Boyd), text as UTF-8. */
test.each([
  ['', 0, 0x00000000],
  ['', 1, 0x514e28b7],
  ['', 0xffffffff, 0x81f16f39],
  ['\0\0\0\0', 0, 0x2362f9de],
  ['\0\0\0', 0, 0x85f0b427],
  ['\0\0', 0, 0x30f4c306],
  ['\0', 0, 0x514e28b7],
  ['aaaa', 0x9747b28c, 0x5a97808a],
  ['aaa', 0x9747b28c, 0x283e0130],
  ['aa', 0x9747b28c, 0x5d211726],
  ['a', 0x9747b28c, 0x7fa09ea6],
  ['abcd', 0x9747b28c, 0xf0478627],
  ['abc', 0x9747b28c, 0xc84a62dd],
  ['ab', 0x9747b28c, 0x74875592],
  ['Hello, world!', 0x9747b28c, 0x24884cba],
  ['ππππππππ', 0x9747b28c, 0xd58063c1],
  ['a'.repeat(256), 0x9747b28c, 0x37405bdc],
  ['abc', 0, 0xb3dd93fa],
  ['abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', 0, 0xee925b90],
  ['The quick brown fox jumps over the lazy dog', 0x9747b28c, 0x2fa826cd],
])('%j with seed %i', (text, seed, hash) => {
  expect(murmur3(text, seed)).toBe(hash)
})

/** MurmurHash3 over the bytes TextEncoder gives, written apart from the one under test: block by DataView, BigInt arithmetic. */
function reference(text: string, seed: number): number {
  const bytes = new TextEncoder().encode(text)
  const view = new DataView(bytes.buffer)
  const mask = 0xffffffffn
  const rotate = (x: bigint, r: bigint): bigint => ((x << r) | (x >> (32n - r))) & mask
  const scramble = (k: bigint): bigint => (rotate((k * 0xcc9e2d51n) & mask, 15n) * 0x1b873593n) & mask
  let h = BigInt(seed)
  const blocks = Math.floor(bytes.length / 4)
  for (let i = 0; i < blocks; i++) h = (rotate(h ^ scramble(BigInt(view.getUint32(4 * i, true))), 13n) * 5n + 0xe6546b64n) & mask
  const tail = [...bytes.subarray(4 * blocks)].reduce((sum, byte, i) => sum + (BigInt(byte) << BigInt(8 * i)), 0n)
  h ^= scramble(tail) ^ BigInt(bytes.length)
  h = ((h ^ (h >> 16n)) * 0x85ebca6bn) & mask
  h = ((h ^ (h >> 13n)) * 0xc2b2ae35n) & mask
  return Number(h ^ (h >> 16n))
}

test('any string hashes as its UTF-8 bytes do', () => {
  const anyString = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.array(fc.nat(0xffff), { maxLength: 12 }).map((units) => String.fromCharCode(...units)),
  )
  fc.assert(fc.property(anyString, fc.nat(0xffffffff), (text, seed) => murmur3(text, seed) === reference(text, seed)))
})

test('a hashed row is never the unknown bucket', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.integer({ min: 2, max: 1000 }),
      (text, buckets) => hashRow(text, buckets) >= 1 && hashRow(text, buckets) <= buckets,
    ),
  )
})
