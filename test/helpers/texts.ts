/** Texts of many scripts, of which no language has most. */
import fc from 'fast-check'

/** Letters, signs and what is none; Unicode's newer ones are left out, as other libraries know others of them. */
const SCRIPTS = [
  [0x1, 0x24f],
  [0x370, 0x52f],
  [0x5d0, 0x5ea],
  [0x620, 0x6ff],
  [0x901, 0x97f],
  [0xe01, 0xe5b],
  [0x1e00, 0x206f],
  [0x2100, 0x22ff],
  [0x3041, 0x3134],
  [0x4e00, 0x9fa5],
  [0xac00, 0xd7a3],
  [0xe000, 0xe0ff],
  [0xf900, 0xfad9],
  [0xff01, 0xffee],
  [0x1f300, 0x1f64f],
  [0x20000, 0x2a6d6],
  [0x2f800, 0x2fa1d],
] as const
const letter = fc.oneof(...SCRIPTS.map(([min, max]) => fc.integer({ min, max }))).map((code) => String.fromCodePoint(code))
const anyText = fc
  .array(fc.oneof(letter, fc.constantFrom(' ', 'e', 'Σ', '[MASK]', 'İ', '9', '.')), { minLength: 1, maxLength: 20 })
  .map((all) => all.join(''))

/** The same ones each time. */
export const anyTexts = (count: number): string[] => fc.sample(anyText, { numRuns: count, seed: 7 })
