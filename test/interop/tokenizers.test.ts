/** Tokenizers of other families of sentence models (e5, bge-m3, RoBERTa), learned from texts, against Hugging Face's own library. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { findPython } from '../../main/engine/export/python.ts'
import { openTokenizer } from '../../main/engine/sentences/tokens.ts'
import { needing } from '../helpers/needs.ts'
import { runPython } from '../helpers/python.ts'
import { anyTexts } from '../helpers/texts.ts'

const TEXTS = [
  'Sunny loft near the station',
  'passage: Entire home · Bright & quiet, 2 rooms (no smoking!)',
  'query: Amélie — Le fabuleux destin (2001)',
  '千と千尋の神隠し',
  '故宫旁边的安静公寓 wifi',
  'ΟΔΟΣ, İzmir, Straße, naïve, ﬁne x²',
  '👩‍👩‍👧 family 🎬',
  '  tab\tline\nnext\u00a0blank\u200bnone  ',
  "it's $1,150.00 — 95% off; don't wait…",
  '<s> </s> <mask>',
  'עברית العربية हिन्दी ไทย 한국어',
]
/**
 * What SentencePiece reads otherwise in Hugging Face's library, and no title is written with: a mark after a letter that the table of
 * characters replaces ("³" with an accent), which that library drops; the control U+0085; a joiner that joins nothing.
 */
function isOdd(text: string): boolean {
  const letters = [...text]
  const drops = letters.some((letter, i) => /\p{M}/u.test(letters[i + 1] ?? '') && letter.normalize('NFKC') !== letter)
  return drops || /[\u0085\u200d]/.test(text)
}

needing('python', 'sentence-model').test('SentencePiece and byte pairs give the tokens of Hugging Face, in any script', async () => {
  const root = mkdtempSync(join(tmpdir(), 'pylon-tokenizers-'))
  try {
    const texts = [...TEXTS, ...anyTexts(4000)]
    writeFileSync(join(root, 'texts.json'), JSON.stringify(texts))
    const script = join(import.meta.dirname, 'tokenizers_made.py')
    const expected = JSON.parse(await runPython(findPython()!, root, [script, root, 'texts.json'])) as Record<string, number[][]>
    for (const family of ['unigram', 'bpe']) {
      const tokenise = await openTokenizer(join(root, family), 512)
      const other = texts.flatMap((text, i) => {
        const found = tokenise(text)
        return found.join() === expected[family]![i]!.join() ? [] : [{ text, found, expected: expected[family]![i] }]
      })
      expect(other.filter(({ text }) => family === 'bpe' || !isOdd(text)).slice(0, 3), family).toEqual([])
      expect(other.length, family).toBeLessThan(texts.length / 200)
    }
  } finally {
    await rm(root, { recursive: true, force: true })
  }
})
