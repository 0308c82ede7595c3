/**
 * MurmurHash3 x86_32 (Austin Appleby, public domain) over the UTF-8 bytes of a string. It decides which row of a hashed table a value
 * gets, so it is part of the format of a model and never changes. Lone surrogates count as U+FFFD, as in TextEncoder.
 */

let bytes = new Uint8Array(1024)

/** 32-bit unsigned hash of a string's UTF-8 bytes; no allocation for strings up to the longest seen. */
export function murmur3(text: string, seed = 0): number {
  if (text.length * 3 > bytes.length) bytes = new Uint8Array(text.length * 6)
  return hashBytes(bytes, writeUtf8(text), seed)
}

/** Row 1 .. buckets of a hashed table; row 0 stays the unknown bucket. */
export function hashRow(text: string, buckets: number, seed = 0): number {
  return 1 + (murmur3(text, seed) % buckets)
}

function writeUtf8(text: string): number {
  let at = 0
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i)
    if (code < 0x80) {
      bytes[at++] = code
      continue
    }
    if (code >= 0xd800 && code < 0xe000) {
      const low = i + 1 < text.length ? text.charCodeAt(i + 1) : 0
      const pair = code < 0xdc00 && low >= 0xdc00 && low < 0xe000
      code = pair ? 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00) : 0xfffd
      if (pair) i++
    }
    if (code < 0x800) {
      bytes[at++] = 0xc0 | (code >> 6)
    } else {
      if (code < 0x10000) bytes[at++] = 0xe0 | (code >> 12)
      else {
        bytes[at++] = 0xf0 | (code >> 18)
        bytes[at++] = 0x80 | ((code >> 12) & 63)
      }
      bytes[at++] = 0x80 | ((code >> 6) & 63)
    }
    bytes[at++] = 0x80 | (code & 63)
  }
  return at
}

function hashBytes(data: Uint8Array, length: number, seed: number): number {
  let h = seed | 0
  const body = length & ~3
  for (let i = 0; i < body; i += 4) {
    h ^= scramble(data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24))
    h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0
  }
  let tail = 0
  for (let i = length - 1; i >= body; i--) tail = (tail << 8) | data[i]!
  if (length > body) h ^= scramble(tail)
  h ^= length
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

function scramble(block: number): number {
  const k = Math.imul(block, 0xcc9e2d51)
  return Math.imul((k << 15) | (k >>> 17), 0x1b873593)
}
