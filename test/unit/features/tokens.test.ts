import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hashRow } from '../../../main/engine/features/murmur.ts'
import { type TextOptions, textRows, wordsOf } from '../../../main/engine/features/tokens.ts'

const options: TextOptions = { buckets: 1000, wordNgrams: 2, charNgrams: [3, 4], maxTokens: 256 }
const rows = (text: string, given: Partial<TextOptions> = {}): number[] => {
  const found: number[] = []
  textRows(text, { ...options, ...given }, (row) => found.push(row))
  return found
}

test.each([
  ['Sunny LOFT, 2 min. from the sea!', ['sunny', 'loft', '2', 'min', 'from', 'the', 'sea']],
  ['Don’t <b class="x">miss</b> it<br/>now &amp; then&nbsp;2 < 3', ["don't", 'miss', 'it', 'now', 'then', '2', '3']],
  ['明亮的公寓，靠近车站', ['明亮', '的', '公寓', '靠近', '车站']],
  ['東京タワーの近く', ['東京タワー', 'の', '近く']],
  ['ห้องใกล้ทะเล', ['ห้อง', 'ใกล้', 'ทะเล']],
  ['ﬁne Ⅳ ＡＢＣ', ['fine', 'iv', 'abc']],
  ['Straße naïve नमस्ते мир שלום', ['straße', 'naïve', 'नमस्ते', 'мир', 'שלום']],
  ['🏖️ !!! …', []],
])('words of %j', (text, words) => {
  expect(wordsOf(text, 100)).toEqual(words)
})

test('words, then pairs of words, then characters within each word', () => {
  const word = (token: string): number => hashRow(token, 1000, 0)
  const gram = (token: string): number => hashRow(token, 1000, 1)
  expect(rows('Big sea')).toEqual([
    ...['big', 'sea', 'big sea'].map(word),
    ...['<bi', 'big', 'ig>', '<big', 'big>', '<se', 'sea', 'ea>', '<sea', 'sea>'].map(gram),
  ])
  expect(rows('sea sea sea', { wordNgrams: 1, charNgrams: null })).toEqual([word('sea'), word('sea'), word('sea')])
  expect(rows('𠮷野家', { wordNgrams: 1, charNgrams: [3, 3] }).length).toBeGreaterThan(0)
})

test('any text gives at most maxTokens rows of the table, a prefix of what a larger cap gives', () => {
  const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), fc.lorem({ maxCount: 30 }))
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 40 }), (text, maxTokens) => {
      const all = rows(text, { maxTokens: 4096, wordNgrams: 1 })
      expect(rows(text, { maxTokens, wordNgrams: 1 })).toEqual(all.slice(0, maxTokens))
      expect(all.every((row) => row >= 1 && row <= 1000)).toBe(true)
    }),
  )
})
