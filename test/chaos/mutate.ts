/** Bytes bent by chance: bits flipped, pieces cut, doubled, moved or overwritten, and texts and numbers that parsers stumble over. */
import type { Chance } from './part.ts'

const WORDS = [
  ...['', '\0', '"', "'", ',', '\n', '\r\n', '{', '}', '[', ']', '\\', '\\u0000', '﻿', '\ud800', 'NaN', '-1', '1e999', '9'.repeat(40)],
  ...[
    'null',
    'true',
    '[]',
    '{}',
    '{"__proto__":{"x":1}}',
    '../../..',
    '/dev/zero',
    'a'.repeat(5000),
    '['.repeat(3000),
    '%s%n',
    'é',
    '日本',
  ],
]

/** One to four changes. */
export function mutated(bytes: Buffer, chance: Chance): Buffer {
  let bent: Buffer = Buffer.from(bytes)
  for (let left = 1 + chance.below(4); left > 0; left--) bent = CHANGES[chance.below(CHANGES.length)]!(bent, chance)
  return bent
}

type Change = (bytes: Buffer, chance: Chance) => Buffer

const at = (bytes: Buffer, chance: Chance): number => chance.below(bytes.length + 1)
/** `bytes` with what is between two places replaced. */
const splice = (bytes: Buffer, from: number, to: number, by: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(to)])

const CHANGES: readonly Change[] = [
  (bytes, chance) => {
    if (bytes.length > 0) bytes[chance.below(bytes.length)]! ^= 1 << chance.below(8)
    return bytes
  },
  (bytes, chance) => {
    // the head is where lengths and offsets are
    if (bytes.length > 0) bytes[chance.below(Math.min(bytes.length, 64))] = chance.pick([0, 1, 0x7f, 0x80, 0xff])
    return bytes
  },
  (bytes, chance) => bytes.subarray(0, at(bytes, chance)),
  (bytes, chance) => {
    const from = at(bytes, chance)
    return splice(bytes, from, Math.min(bytes.length, from + 1 + chance.below(64)), Buffer.alloc(0))
  },
  (bytes, chance) => {
    const from = at(bytes, chance)
    return splice(bytes, from, from, bytes.subarray(from, from + 1 + chance.below(256)))
  },
  (bytes, chance) => {
    const from = at(bytes, chance)
    return splice(bytes, from, Math.min(bytes.length, from + chance.below(8)), Buffer.from(chance.pick(WORDS)))
  },
  (bytes, chance) => {
    if (bytes.length >= 8) bytes.writeUInt32LE(chance.pick([0, 1, 0x7fffffff, 0xffffffff, bytes.length]), chance.below(bytes.length - 7))
    return bytes
  },
  (bytes, chance) => {
    const from = at(bytes, chance)
    return bytes.fill(0, from, Math.min(bytes.length, from + chance.below(512)))
  },
]
