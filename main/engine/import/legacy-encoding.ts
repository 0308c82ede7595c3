/**
 * Which encoding of before Unicode a text has, by its bytes above 127. In Latin letters such bytes stand alone; in other scripts they stand
 * in runs: pairs where a character has two bytes, runs of any length where it has one.
 */

import { latinOrCentral, likeliestScript, type Script } from './single-byte.ts'

export type Legacy = ReturnType<typeof latinOrCentral> | 'gb18030' | 'euc-kr' | 'euc-jp' | 'shift-jis' | 'big5' | Script

const within = (byte: number, low: number, high: number): boolean => byte >= low && byte <= high
const share = (bytes: readonly number[], fits: (byte: number) => boolean): number => bytes.filter(fits).length / Math.max(1, bytes.length)

/** @param bytes the beginning of a text that is no UTF-8 */
export function guessLegacy(bytes: Uint8Array): Legacy {
  const runs: Uint8Array[] = []
  for (let at = 0; at < bytes.length;) {
    let end = at
    while (end < bytes.length && bytes[end]! > 127) end++
    if (end > at) runs.push(bytes.subarray(at, end))
    at = end + 1
  }
  const high = runs.reduce((n, run) => n + run.length, 0)
  const together = runs.reduce((n, run) => n + (run.length > 1 ? run.length : 0), 0)
  const kana = isShiftJis(bytes)
  if (kana !== null && kana > 0.2) return 'shift-jis'
  if (high < 4 || together < 0.6 * high) return latinOrCentral(bytes)
  const whole = runs.slice(0, -1)
  if (
    share(
      whole.map(({ length }) => length % 2),
      (odd) => odd === 0,
    ) >= 0.98
  ) {
    const leads = whole.flatMap((run) => [...run].filter((_, k) => k % 2 === 0))
    const trails = whole.flatMap((run) => [...run].filter((_, k) => k % 2 === 1))
    const isPaired = share(leads, (byte) => within(byte, 0xa1, 0xfe)) >= 0.95 && share(trails, (byte) => within(byte, 0xa1, 0xfe)) >= 0.95
    if (isPaired && share(leads, (byte) => byte === 0xa4 || byte === 0xa5) > 0.2) return 'euc-jp'
    if (isPaired && share(leads, (byte) => within(byte, 0xb0, 0xc8)) > 0.95) return 'euc-kr'
    // letters of Cyrillic fill the rows of signs that Chinese seldom has, and leave those of its commonest ones
    const isSeldom = share([...leads, ...trails], (byte) => byte >= 0xe0) > 0.6 && share(leads, (byte) => within(byte, 0xb0, 0xd7)) < 0.5
    if (isSeldom) return likeliestScript(bytes)
    if (isPaired || share(leads, (byte) => within(byte, 0x81, 0xfe)) === 1) return 'gb18030'
  }
  if (
    share(
      whole.flatMap((run) => [...run]),
      (byte) => byte >= 0xc0 || byte === 0xa8 || byte === 0xb8,
    ) >= 0.9
  )
    return likeliestScript(bytes)
  if (kana !== null) return 'shift-jis'
  return isBig5(bytes) ? 'big5' : latinOrCentral(bytes)
}

/** The share of kana among the characters of two bytes; null where bytes do not pair as they must. */
function isShiftJis(bytes: Uint8Array): number | null {
  let [pairs, kana] = [0, 0]
  for (let at = 0; at + 1 < bytes.length; at++) {
    const byte = bytes[at]!
    if (byte < 0x80 || within(byte, 0xa1, 0xdf)) continue
    // rows behind these are of signs that a program makes for itself
    if (!within(byte, 0x81, 0x9f) && !within(byte, 0xe0, 0xef)) return null
    const trail = bytes[++at]!
    if (trail < 0x40 || trail === 0x7f || trail > 0xfc) return null
    pairs++
    if (byte === 0x82 || byte === 0x83) kana++
  }
  return pairs === 0 ? null : kana / pairs
}

/** Pairs as it has them, nearly all of them of the rows of common characters: letters of European words pair by chance, and in all rows. */
function isBig5(bytes: Uint8Array): boolean {
  let [pairs, common] = [0, 0]
  for (let at = 0; at + 1 < bytes.length; at++) {
    if (bytes[at]! < 0x80) continue
    pairs++
    common += Number(within(bytes[at]!, 0xa1, 0xc6))
    const trail = bytes[at + 1]!
    if (!within(bytes[at]!, 0xa1, 0xf9) || !(within(trail, 0x40, 0x7e) || within(trail, 0xa1, 0xfe))) return false
    at++
  }
  return common >= 0.9 * pairs
}
