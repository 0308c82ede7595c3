/**
 * A folder with an exported sentence model, as sentence-transformers, Optimum and Transformers.js lay it out: `model.onnx` (or
 * `onnx/model.onnx`) and `tokenizer.json`, and in smaller files how its tokens become one vector, what precedes a text and how much of
 * it is read. Nothing in it is run but the graph of the model, and nothing is ever downloaded.
 */
import { createHash } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { badData, notFound } from '../../contract/errors.ts'
import { readCheckedJson, tryParseJson } from '../files/json-file.ts'
import { checksumOf } from '../files/verified.ts'

/** How the vectors of a text's tokens become one. */
const POOLINGS = ['mean', 'cls', 'max'] as const
export type Pooling = (typeof POOLINGS)[number]

/** What a folder says of its model. */
export interface SentenceFolder {
  readonly name: string
  readonly folder: string
  /** path of the graph below the folder, with forward slashes */
  readonly graph: string
  /** sha256 over all that its vectors depend on: the graph, its weights, the tokenizer, pooling, prefix and length */
  readonly checksum: string
  /** bytes of those files */
  readonly bytes: number
  /** those files, below the folder, with forward slashes */
  readonly files: readonly string[]
  /** null: the folder does not say, so the graph must give one vector a text */
  readonly pooling: Pooling | null
  /** whether vectors are brought to length 1 */
  readonly normalise: boolean
  /** what precedes each text; most models have none */
  readonly prefix: string
  /** tokens that are read of a text, those the tokenizer adds included */
  readonly maxTokens: number
}

const GRAPHS = ['model.onnx', 'onnx/model.onnx'] as const
const POOLING_FILE = '1_Pooling/config.json'
const SMALL_FILES = [
  'tokenizer.json',
  'tokenizer_config.json',
  'config.json',
  'config_sentence_transformers.json',
  'modules.json',
  'sentence_bert_config.json',
  POOLING_FILE,
] as const
/** Where no file says how much the model reads. */
const USUAL_MAX_TOKENS = 512

/** @throws PylonError not-found naming the file that is missing, bad-data where one says what Pylon cannot do */
export async function readSentenceFolder(folder: string, name: string): Promise<SentenceFolder> {
  const isFile = (path: string): boolean => statSync(join(folder, path), { throwIfNoEntry: false })?.isFile() === true
  const graph = GRAPHS.find(isFile)
  if (graph === undefined)
    throw notFound('A sentence model has a model.onnx here, or in a folder "onnx". Export it to ONNX, or name another folder.', folder)
  if (!isFile('tokenizer.json'))
    throw notFound('The model has no tokenizer.json, by which texts become tokens. Copy it from where the model came from.', folder)
  const files = [...(await graphFiles(folder, graph)), ...SMALL_FILES.filter((path) => existsSync(join(folder, path)))]
  const sums = await Promise.all(files.map((path) => checksumOf(join(folder, path))))
  const hash = createHash('sha256')
  for (const [i, { sha256 }] of sums.entries()) hash.update(`${files[i]} ${sha256}\n`)
  return {
    name,
    folder,
    graph,
    files,
    checksum: hash.digest('hex'),
    bytes: sums.reduce((sum, { bytes }) => sum + bytes, 0),
    pooling: await poolingOf(folder),
    normalise: await normalises(folder),
    prefix: await prefixOf(folder),
    maxTokens: await maxTokensOf(folder),
  }
}

/** What a small file says; null where there is none. @throws PylonError bad-data where it is broken: its model would be read otherwise */
async function saidBy<S extends z.ZodType>(folder: string, file: string, schema: S): Promise<z.output<S> | null> {
  const path = join(folder, file)
  return existsSync(path) ? readCheckedJson(path, schema) : null
}

/** The graph, and what lies beside it of its weights (`model.onnx_data`, `model.onnx.data`). */
async function graphFiles(folder: string, graph: string): Promise<string[]> {
  const at = graph.lastIndexOf('/') + 1
  const [place, file] = [graph.slice(0, at), graph.slice(at)]
  const beside = await readdir(join(folder, place))
  return beside
    .filter((name) => name === file || name.startsWith(`${file}_data`) || name.startsWith(`${file}.data`))
    .sort()
    .map((name) => place + name)
}

/** Of sentence-transformers: `pooling_mode` since version 5, a switch a mode before. */
const poolingSchema = z.looseObject({
  pooling_mode: z.string().optional(),
  pooling_mode_mean_tokens: z.boolean().optional(),
  pooling_mode_cls_token: z.boolean().optional(),
  pooling_mode_max_tokens: z.boolean().optional(),
  include_prompt: z.boolean().optional(),
})

async function poolingOf(folder: string): Promise<Pooling | null> {
  const path = join(folder, POOLING_FILE)
  if (!existsSync(path)) return null
  const said = poolingSchema.safeParse(tryParseJson(await readFile(path, 'utf8'))).data
  if (said === undefined)
    throw badData('It does not say how the vectors of tokens become one. Copy it again from where it came from.', path)
  const switches = Object.entries(said).flatMap(([key, on]) => (key.startsWith('pooling_mode_') && on === true ? [key] : []))
  const asked = said.pooling_mode === undefined ? switches.map((key) => key.split('_')[2]!) : [said.pooling_mode]
  const pooling = POOLINGS.find((each) => asked.length === 1 && asked[0] === each)
  const known = switches.every((key) => /^pooling_mode_(mean_tokens|cls_token|max_tokens)$/.test(key))
  if (pooling === undefined || !known || said.include_prompt === false) {
    const found = said.include_prompt === false ? 'without its prompt' : [said.pooling_mode ?? switches].flat().join(' and ') || 'nothing'
    throw badData(`Pylon pools by mean, cls or max, over all tokens, and the model by ${found}. Choose another model.`, path)
  }
  return pooling
}

const modulesSchema = z.array(z.looseObject({ type: z.string() }))

/** As sentence-transformers' list of modules says; models without such a list are compared by the cosine too. */
async function normalises(folder: string): Promise<boolean> {
  const modules = await saidBy(folder, 'modules.json', modulesSchema)
  const unknown = modules?.find(({ type }) => !/\.(Transformer|Pooling|Normalize)$/.test(type))
  if (unknown !== undefined)
    throw badData(
      `After pooling the model has a step "${unknown.type}", which Pylon does not run. Choose another model.`,
      join(folder, 'modules.json'),
    )
  return modules === null || modules.some(({ type }) => type.endsWith('.Normalize'))
}

const promptsSchema = z.looseObject({
  prompts: z.record(z.string(), z.string()).optional(),
  default_prompt_name: z.string().nullish(),
})

/** What the model was taught to read before a text that is to be found (e5: "passage: "), or before any. */
async function prefixOf(folder: string): Promise<string> {
  const { prompts = {}, default_prompt_name: usual } = (await saidBy(folder, 'config_sentence_transformers.json', promptsSchema)) ?? {}
  return prompts['document'] ?? prompts['passage'] ?? (usual == null ? undefined : prompts[usual]) ?? ''
}

const lengthSchema = z.int().min(3).max(65_536)

/** As sentence-transformers reads it: its own file, then the tokenizer's and the model's. */
async function maxTokensOf(folder: string): Promise<number> {
  const at = async (file: string, key: string): Promise<number | null> => {
    const said = await saidBy(folder, file, z.looseObject({ [key]: z.unknown() }))
    return lengthSchema.safeParse(said?.[key]).data ?? null
  }
  const own = await at('sentence_bert_config.json', 'max_seq_length')
  if (own !== null) return own
  const [tokens, places] = [await at('tokenizer_config.json', 'model_max_length'), await at('config.json', 'max_position_embeddings')]
  return Math.min(tokens ?? USUAL_MAX_TOKENS, places ?? USUAL_MAX_TOKENS, USUAL_MAX_TOKENS)
}
