/** Vectors of texts, told by hand from the vectors of the words of a small model. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { drain } from '../../../main/engine/files/drain.ts'
import { makeVectors, readVectors, vectorsFile } from '../../../main/engine/sentences/column.ts'
import { SentenceEncoder } from '../../../main/engine/sentences/encoder.ts'
import { findModel, findTrainedModel } from '../../../main/engine/sentences/find.ts'
import { readSentenceFolder } from '../../../main/engine/sentences/folder.ts'
import { type SmallModel, writeSentenceModel } from '../../helpers/sentence-model.ts'

const root = mkdtempSync(join(tmpdir(), 'pylon-sentences-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const folder = (): string => mkdtempSync(join(root, 'model-'))

async function vectorOf(text: string, model: SmallModel): Promise<number[]> {
  const encoder = await SentenceEncoder.open(await readSentenceFolder(writeSentenceModel(folder(), model), 'small'), 1)
  try {
    return [...(await encoder.encode(text))]
  } finally {
    await encoder.dispose()
  }
}

const AS_IT_IS = ['Transformer', 'Pooling']

describe('a text becomes a vector as the folder says', () => {
  test('the mean of its tokens, those that the tokenizer adds included', async () => {
    expect(await vectorOf('Red BLUE', { modules: AS_IT_IS })).toEqual([5 / 4, 5 / 4, 0])
    expect(await vectorOf('nobody', { modules: AS_IT_IS })).toEqual([1, 1, 1].map((value) => Math.fround(value / 3)))
  })

  test('at length 1, where it says so or has no list of modules', async () => {
    const half = Math.fround(Math.SQRT1_2)
    for (const modules of [[...AS_IT_IS, 'Normalize'], undefined]) {
      const vector = await vectorOf('red blue', modules === undefined ? {} : { modules })
      for (const [k, value] of [half, half, 0].entries()) expect(vector[k]).toBeCloseTo(value, 6)
    }
  })

  test('its first token, or the greatest of each number', async () => {
    expect(await vectorOf('red blue', { modules: AS_IT_IS, pooling: { pooling_mode_cls_token: true } })).toEqual([1, 0, 0])
    expect(await vectorOf('red blue', { modules: AS_IT_IS, pooling: { pooling_mode: 'max' } })).toEqual([4, 4, 0])
  })

  test('after the prefix of a text that is to be found', async () => {
    const prompts = { query: 'query: ', passage: 'passage: ' }
    // [CLS] passage : red [SEP]
    expect(await vectorOf('red', { modules: AS_IT_IS, prompts })).toEqual([10, 4, 2].map((sum) => Math.fround(sum / 5)))
  })

  test('of a text that is too long its start, between the tokens that are added', async () => {
    const long = `red ${'blue '.repeat(100)}`
    expect(await vectorOf(long, { modules: AS_IT_IS, maxTokens: 4 })).toEqual(await vectorOf('red blue', { modules: AS_IT_IS }))
  })
})

describe('what is not a sentence model is refused by name', () => {
  const refusal = (model: SmallModel): Promise<string> =>
    vectorOf('red', model).then(
      () => 'accepted',
      (error: unknown) => (error as Error).message.replaceAll(root, ''),
    )

  test('a pooling or a step that Pylon does not have', async () => {
    expect(await refusal({ pooling: { pooling_mode_lasttoken: true } })).toMatch(/pools by mean, cls or max.*pooling_mode_lasttoken/)
    expect(await refusal({ pooling: { pooling_mode_mean_tokens: true, pooling_mode_cls_token: true } })).toMatch(
      /mean_tokens and pooling_mode_cls/,
    )
    expect(await refusal({ modules: [...AS_IT_IS, 'Dense'] })).toMatch(/a step ".*Dense", which Pylon does not run/)
    expect(await refusal({ pooling: null })).toMatch(/no 1_Pooling\/config\.json/)
  })

  test('a folder without model or tokenizer, or with broken ones', async () => {
    const empty = folder()
    await expect(readSentenceFolder(empty, 'x')).rejects.toThrow(/has a model\.onnx here/)
    writeFileSync(join(empty, 'model.onnx'), 'no graph')
    await expect(readSentenceFolder(empty, 'x')).rejects.toThrow(/no tokenizer\.json/)
    writeFileSync(join(empty, 'tokenizer.json'), '{"version":"1.0"')
    await expect(readSentenceFolder(empty, 'x').then((found) => SentenceEncoder.open(found, 1))).rejects.toThrow(/is not JSON/)
    writeFileSync(join(empty, 'tokenizer.json'), '{}')
    await expect(readSentenceFolder(empty, 'x').then((found) => SentenceEncoder.open(found, 1))).rejects.toThrow(/tokenizer cannot be read/)
  })

  test("a tokenizer that is another model's", async () => {
    expect(await refusal({ rows: 4 })).toMatch(/cannot run on "red": .*tokenizer\.json may be another model's/)
  })

  test('a small file that is broken, which says how texts are read', async () => {
    for (const file of ['config_sentence_transformers.json', 'modules.json', 'sentence_bert_config.json', 'tokenizer_config.json']) {
      const broken = writeSentenceModel(folder())
      writeFileSync(join(broken, file), '{"prompts": {"passage": "passage: "')
      await expect(readSentenceFolder(broken, 'x'), file).rejects.toThrow(new RegExp(`${file}: It is no JSON`))
    }
    const odd = writeSentenceModel(folder())
    writeFileSync(join(odd, 'config_sentence_transformers.json'), '{"prompts": ["passage: "]}')
    await expect(readSentenceFolder(odd, 'x')).rejects.toThrow(/config_sentence_transformers\.json: It does not fit its schema\..*prompts/s)
  })

  test('a folder where a file should be', async () => {
    const odd = folder()
    mkdirSync(join(odd, 'model.onnx'))
    await expect(readSentenceFolder(odd, 'x')).rejects.toThrow(/has a model\.onnx here/)
  })

  test('a graph that ONNX Runtime cannot open', async () => {
    const broken = writeSentenceModel(folder())
    writeFileSync(join(broken, 'model.onnx'), 'no graph')
    await expect(readSentenceFolder(broken, 'x').then((found) => SentenceEncoder.open(found, 1))).rejects.toThrow(
      /ONNX Runtime cannot open/,
    )
  })
})

describe('the vectors of a column', () => {
  test('are made once, each text once, and kept under the checksum of model and texts', async () => {
    const home = folder()
    const found = await readSentenceFolder(writeSentenceModel(join(home, 'encoders/small'), { modules: AS_IT_IS }), 'small')
    const texts = ['red', '', 'blue', 'red']
    const path = vectorsFile(home, found.checksum, texts)
    expect(await readVectors(path, 4)).toBeNull()
    const done: number[] = []
    const stage = makeVectors(found, texts, path, 1)
    let next = await stage.next()
    for (; next.done !== true; next = await stage.next()) done.push(next.value.done)
    expect(done).toEqual([0, 1, 2])
    const [red, none, blue] = [
      [5 / 3, 1 / 3, 0],
      [NaN, NaN, NaN],
      [1 / 3, 5 / 3, 0],
    ]
    expect([...next.value.values]).toEqual([red, none, blue, red].flat().map(Math.fround))
    expect(await readVectors(path, 4)).toEqual(next.value)
    await expect(readVectors(path, 5)).rejects.toThrow(/not the vectors that were written/)
    expect(readdirSync(join(home, 'text-vectors'))).toHaveLength(1)
  })

  test('have another place for other texts, and for another model', async () => {
    const [one, two] = [
      await readSentenceFolder(writeSentenceModel(folder()), 'm'),
      await readSentenceFolder(writeSentenceModel(folder(), { scale: 2 }), 'm'),
    ]
    const places = [
      vectorsFile(root, one.checksum, ['a', 'b']),
      vectorsFile(root, one.checksum, ['a\nb']),
      vectorsFile(root, one.checksum, ['a', 'b', '']),
      vectorsFile(root, two.checksum, ['a', 'b']),
    ]
    expect(new Set(places).size).toBe(4)
    expect((await readSentenceFolder(writeSentenceModel(folder()), 'other')).checksum).toBe(one.checksum)
  })

  test('nothing is made of a column without a text', async () => {
    const found = await readSentenceFolder(writeSentenceModel(folder()), 'small')
    expect(await drain(makeVectors(found, ['', ''], join(root, 'none.npy'), 1))).toEqual({ width: 0, values: new Float32Array(0) })
  })
})

describe('a model is found', () => {
  test('in its workspace by name, and a wrong name says which there are', async () => {
    const home = folder()
    await expect(findModel(home, 'small')).rejects.toThrow(/no sentence model "small".*there is none yet/)
    writeSentenceModel(join(home, 'encoders/small'))
    mkdirSync(join(home, 'encoders/.hidden'))
    expect((await findModel(home, 'small')).name).toBe('small')
    await expect(findModel(home, 'smal')).rejects.toThrow(/did you mean "small"/)
  })

  test('by the checksum it was trained with: beside the run first, and never another one', async () => {
    const home = folder()
    const [inBundle, inWorkspace] = [join(home, 'runs/r/encoders/m'), join(home, 'encoders/m')]
    const { checksum } = await readSentenceFolder(writeSentenceModel(inWorkspace), 'm')
    writeSentenceModel(inBundle, { scale: 3 })
    expect((await findTrainedModel(join(home, 'runs/r'), 'm', checksum)).folder).toBe(inWorkspace)
    expect((await findTrainedModel(join(home, 'runs/r/members/0'), 'm', checksum)).folder).toBe(inWorkspace)
    writeSentenceModel(inWorkspace, { scale: 2 })
    await expect(findTrainedModel(join(home, 'runs/r'), 'm', checksum)).rejects.toThrow(/trained with another sentence model/)
    await expect(findTrainedModel(join(home, 'runs/r'), 'n', checksum)).rejects.toThrow(/which is not here/)
  })
})
