/** A sentence model that people use (MiniLM of sentence-transformers), against Hugging Face's tokenizer and Python's ONNX Runtime. */
import { mkdtempSync } from 'node:fs'
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { findPython } from '../../main/engine/export/python.ts'
import { writeRowEncoder } from '../../main/engine/export/row-encoder.ts'
import { encodeRow } from '../../main/engine/features/encode.ts'
import type { FrozenEncoders } from '../../main/engine/features/encoded.ts'
import { TypedSentences } from '../../main/engine/features/typed-sentences.ts'
import { SentenceEncoder } from '../../main/engine/sentences/encoder.ts'
import { readSentenceFolder } from '../../main/engine/sentences/folder.ts'
import { openTokenizer } from '../../main/engine/sentences/tokens.ts'
import { needing } from '../helpers/needs.ts'
import { runPython } from '../helpers/python.ts'
import { anyTexts } from '../helpers/texts.ts'
import { plain } from '../unit/features/market.ts'

const root = mkdtempSync(join(tmpdir(), 'pylon-minilm-'))
const model = join(root, 'minilm')
const script = join(import.meta.dirname, 'sentences.py')

const TEXTS = [
  'Sunny loft near the station',
  'Entire home · Bright & quiet, 2 rooms (no smoking!)',
  'Toy Story (1995)',
  'Amélie — Le fabuleux destin',
  '千と千尋の神隠し',
  '故宫旁边的安静公寓 wifi',
  'ΟΔΟΣ, İzmir, Straße, naïve, ﬁne x²',
  '👩‍👩‍👧 family 🎬',
  'tab\tline\nnext\u00a0blank\u200bnone',
  "it's $1,150.00 — 95% off; don't wait…",
  'supercalifragilisticexpialidocious'.repeat(4),
  '[CLS] [SEP] [MASK]',
  'word '.repeat(400),
  '12:30, 2024-05-31T23:59:59+02:00',
  'ÀÉÎÕÜ àéîõü Åå Øø',
  'עברית العربية हिन्दी ไทย 한국어',
]

needing('python', 'sentence-model').describe('MiniLM', () => {
  const { test } = needing('python', 'sentence-model')
  beforeAll(() => runPython(findPython()!, root, [script, 'folder', model]))
  afterAll(() => rm(root, { recursive: true, force: true }))

  const byPython = async <T>(what: 'tokens' | 'vectors', texts: readonly string[]): Promise<T> => {
    await writeFile(join(root, 'texts.json'), JSON.stringify(texts))
    return JSON.parse(await runPython(findPython()!, root, [script, what, model, join(root, 'texts.json')])) as T
  }

  test('texts of any script have the tokens that Hugging Face gives them', async () => {
    const texts = anyTexts(5_000)
    const expected = await byPython<number[][]>('tokens', texts)
    const tokenise = await openTokenizer(model, 256)
    const other = texts.flatMap((text, i) => {
      const found = tokenise(text)
      return found.join() === expected[i]!.join() ? [] : [{ text, found, expected: expected[i] }]
    })
    expect(other.slice(0, 3)).toEqual([])
  })

  test('its folder says what its files say, and its vectors are those of Python to 1e-5', async () => {
    const folder = await readSentenceFolder(model, 'minilm')
    expect(folder).toMatchObject({ pooling: 'mean', normalise: true, prefix: '', maxTokens: 256 })
    const expected = await byPython<number[][]>('vectors', TEXTS)
    const encoder = await SentenceEncoder.open(folder, 1)
    try {
      for (const [i, text] of TEXTS.entries()) {
        const vector = await encoder.encode(text)
        expect(vector).toHaveLength(384)
        expect(Math.max(...vector.map((value, k) => Math.abs(value - expected[i]![k]!))), text).toBeLessThan(1e-5)
      }
    } finally {
      await encoder.dispose()
    }
  })

  test('a model without token_type_ids, or with numbers of 16 bits, has the same vectors', async () => {
    const vectorOf = async (folder: string): Promise<Float32Array> => {
      const encoder = await SentenceEncoder.open(await readSentenceFolder(folder, 'm'), 1)
      try {
        return await encoder.encode(TEXTS[0]!)
      } finally {
        await encoder.dispose()
      }
    }
    const whole = await vectorOf(model)
    // a half has 11 bits
    for (const [change, most] of [
      ['plain', 1e-6],
      ['half', 2e-4],
    ] as const) {
      await cp(model, join(root, change), { recursive: true })
      await runPython(findPython()!, root, [script, change, join(root, change)])
      const vector = await vectorOf(join(root, change))
      expect(Math.max(...whole.map((value, k) => Math.abs(value - vector[k]!))), change).toBeLessThan(most)
    }
  })

  test('the row encoder of the exports takes the model as a function, and has the vectors of Pylon', async () => {
    const { checksum } = await readSentenceFolder(model, 'minilm')
    const width = 384
    const feature = { kind: 'text', name: 'title', column: 'title', encoder: { kind: 'onnx', model: 'minilm' } }
    const side = { denseNames: Array.from({ length: width }, (_, k) => `title.${k}`), denseWidth: width, bags: [], contextBags: [] }
    const encoders = {
      version: 1,
      user: [],
      item: [{ feature, state: { storage: 'text', model: 'minilm', checksum, width }, forms: { title: 'trimmed text' } }],
      userLayout: { ...side, denseNames: [], denseWidth: 0, contextDenseWidth: 0 },
      itemLayout: { ...side, contextDenseWidth: 0 },
    } as unknown as FrozenEncoders
    const rows = ['Sunny loft', '', '  Sunny loft\u3000', null, 'ΟΔΟΣ'].map((title) => ({ title }))
    await writeRowEncoder(root)
    await mkdir(join(root, 'encoders'))
    await cp(model, join(root, 'encoders/minilm'), { recursive: true })
    await writeFile(join(root, 'case.json'), JSON.stringify({ encoders, rows }))
    const told = JSON.parse(await runPython(findPython()!, root, [join(import.meta.dirname, 'row_encoder_sentences.py'), root, model])) as {
      dense: number[][]
      without: string
    }
    const sentences = new TypedSentences(root, encoders, 1)
    try {
      for (const [i, row] of rows.entries()) {
        const { dense } = plain(encodeRow(encoders, 'item', row, 'typed', await sentences.of('item', row)), 0)
        expect(Math.max(...dense.map((value, k) => Math.abs(value - told.dense[i]![k]!))), JSON.stringify(row)).toBeLessThan(1e-5)
        expect(dense.some((value) => value !== 0)).toBe((row.title ?? '') !== '')
      }
    } finally {
      await sentences.dispose()
    }
    expect(told.without).toMatch(/column "title" are read by sentence model "minilm".*sentences=\{"minilm"/)
  })
})
