/**
 * A sentence model small enough to be made by a test, in the layout of sentence-transformers: a table of vectors, one a word, and a
 * tokenizer that knows these words. What it must answer can be told by hand.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onnxBytes } from '../../main/engine/compute/onnx.ts'

/** Words with the vector of each; every other word is [UNK]. */
export const WORDS: Readonly<Record<string, readonly [number, number, number]>> = {
  '[PAD]': [0, 0, 0],
  '[UNK]': [0, 0, 1],
  '[CLS]': [1, 0, 0],
  '[SEP]': [0, 1, 0],
  red: [4, 0, 0],
  blue: [0, 4, 0],
  passage: [2, 2, 2],
  ':': [3, 1, 0],
}
const NAMES = Object.keys(WORDS)

export interface SmallModel {
  readonly pooling?: object | null
  readonly modules?: readonly string[]
  readonly prompts?: Readonly<Record<string, string>>
  readonly maxTokens?: number
  /** how many of the words have a vector; fewer: the tokenizer is another model's */
  readonly rows?: number
  /** what the vectors are multiplied by: another number is another model */
  readonly scale?: number
}

const MEAN = { word_embedding_dimension: 3, pooling_mode_mean_tokens: true, pooling_mode_cls_token: false }

/** Writes the model's folder. @returns its path */
export function writeSentenceModel(
  folder: string,
  { pooling = MEAN, modules, prompts, maxTokens, rows = NAMES.length, scale = 1 }: SmallModel = {},
): string {
  mkdirSync(join(folder, '1_Pooling'), { recursive: true })
  const json = (name: string, value: unknown): void => writeFileSync(join(folder, name), JSON.stringify(value))
  json('tokenizer.json', TOKENIZER)
  json('tokenizer_config.json', { model_max_length: 32 })
  if (pooling !== null) json('1_Pooling/config.json', pooling)
  if (modules !== undefined)
    json(
      'modules.json',
      modules.map((type) => ({ type: `sentence_transformers.models.${type}` })),
    )
  if (prompts !== undefined) json('config_sentence_transformers.json', { prompts })
  if (maxTokens !== undefined) json('sentence_bert_config.json', { max_seq_length: maxTokens })
  const shape = ['batch', 'tokens']
  const graph = {
    inputs: ['input_ids', 'attention_mask'].map((name) => ({ name, type: 'int64' as const, shape })),
    outputs: [{ name: 'last_hidden_state', type: 'float32' as const, shape: [...shape, 3] }],
    constants: [
      {
        name: 'table',
        type: 'float32' as const,
        shape: [rows, 3],
        data: Float32Array.from(NAMES.slice(0, rows).flatMap((name) => WORDS[name]!.map((value) => value * scale))),
      },
    ],
    nodes: [{ op: 'Gather', inputs: ['table', 'input_ids'], outputs: [{ name: 'last_hidden_state' }], attributes: {} }],
  }
  writeFileSync(join(folder, 'model.onnx'), onnxBytes(graph))
  return folder
}

const special = (content: string): object => ({
  id: NAMES.indexOf(content),
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
})

const TOKENIZER = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: ['[PAD]', '[UNK]', '[CLS]', '[SEP]'].map(special),
  normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [
      { SpecialToken: { id: '[CLS]', type_id: 0 } },
      { Sequence: { id: 'A', type_id: 0 } },
      { SpecialToken: { id: '[SEP]', type_id: 0 } },
    ],
    pair: [],
    special_tokens: Object.fromEntries(['[CLS]', '[SEP]'].map((id) => [id, { id, ids: [NAMES.indexOf(id)], tokens: [id] }])),
  },
  decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(NAMES.map((name, id) => [name, id])),
  },
}
