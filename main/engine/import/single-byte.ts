/**
 * Which encoding of one byte a letter a text has, where bytes alone do not tell: each candidate's reading is judged by the letters that
 * its languages use most, or by signs that it puts into the middle of words.
 */

/** Encodings whose text is mostly bytes above 127, with the letters that make up more than half of a text of theirs. */
const SCRIPTS = {
  'windows-1251': 'оеаинтсрвлОЕАИНТСРВЛ',
  'koi8-r': 'оеаинтсрвлОЕАИНТСРВЛ',
  'windows-1253': 'αοιετσςνηυρπάόίέΑΟΙΕΤΣΝ',
  'windows-1255': 'יוהלארתבשמ',
  'windows-1256': 'اليمنورهتبدع',
} as const
export type Script = keyof typeof SCRIPTS

/** The encoding in which the letters of a text are most often the common ones of its script. */
export function likeliestScript(bytes: Uint8Array): Script {
  const high = bytes.filter((byte) => byte > 127)
  const share = (encoding: Script): number => {
    const common = new Set(SCRIPTS[encoding])
    const letters = [...new TextDecoder(encoding).decode(high)]
    return letters.filter((letter) => common.has(letter)).length / letters.length
  }
  const scripts = Object.keys(SCRIPTS) as Script[]
  return scripts.reduce((best, each) => (share(each) > share(best) ? each : best))
}

/** Letters of Polish, Czech, Slovak, Hungarian, Croatian, Slovenian and Romanian that Latin-1 has not. */
const CENTRAL_LETTERS = new Set('ąćęłńśźżčďěňřšťůžľĺőűđăţşŕĄĆĘŁŃŚŹŻČĎĚŇŘŠŤŮŽĽŐŰĐĂŢŞ')

/**
 * Of text in Latin letters with some others: Latin-1 reads letters of central Europe as signs in the middle of words (`³` for `ł`). Where
 * it does so often, the encoding that reads letters of those languages there.
 */
export function latinOrCentral(bytes: Uint8Array): 'latin-1' | 'iso-8859-15' | 'iso-8859-2' | 'windows-1250' {
  const isLetter = (byte: number | undefined): boolean =>
    byte !== undefined && ((byte | 32) >= 97 && (byte | 32) <= 122 ? byte < 128 : byte >= 0xc0)
  const inside: number[] = []
  for (let at = 1; at + 1 < bytes.length; at++)
    if (bytes[at]! > 127 && isLetter(bytes[at - 1]) && isLetter(bytes[at + 1])) inside.push(bytes[at]!)
  const read = (encoding: string): string[] => [...new TextDecoder(encoding).decode(Uint8Array.from(inside))]
  const signs = read('windows-1252').filter((sign) => !/\p{L}/u.test(sign)).length
  if (signs < 2 || signs < 0.15 * inside.length) return hasEuro(bytes) ? 'iso-8859-15' : 'latin-1'
  const fit = (encoding: string): number => read(encoding).filter((letter) => CENTRAL_LETTERS.has(letter)).length
  const best = fit('iso-8859-2') >= fit('windows-1250') ? 'iso-8859-2' : 'windows-1250'
  return fit(best) >= signs ? best : 'latin-1'
}

/** Whether it has the euro or `œu` where Latin-1 has `¤` and `½u`, and none of the bytes that only windows-1252 has signs for. */
function hasEuro(bytes: Uint8Array): boolean {
  let found = false
  for (const [at, byte] of bytes.entries()) {
    if (byte >= 0x80 && byte < 0xa0) return false
    found ||= byte === 0xa4 || ((byte === 0xbc || byte === 0xbd) && bytes[at + 1] === 0x75)
  }
  return found
}
