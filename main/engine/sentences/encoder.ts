/**
 * A sentence model, opened: a text to one vector, as sentence-transformers makes it (Reimers and Gurevych 2019). Each text is run by
 * itself: models of int8 scale their activations by all that is in a batch, so beside others a text would have another vector, and an
 * item of tomorrow another one than the same item in training.
 */
import { join } from 'node:path'
import { badData } from '../../contract/errors.ts'
import { ModelSession, type Output } from '../compute/model-session.ts'
import type { Pooling, SentenceFolder } from './folder.ts'
import { openTokenizer, type Tokenise } from './tokens.ts'

/** Inputs that are known how to fill. */
const INPUTS = ['input_ids', 'attention_mask', 'token_type_ids', 'position_ids'] as const
/** Outputs with a vector a token, and with one a text. */
const OF_TOKENS = ['last_hidden_state', 'token_embeddings', 'output_0'] as const
const OF_TEXT = ['sentence_embedding'] as const

export class SentenceEncoder {
  readonly folder: SentenceFolder
  readonly #session: ModelSession
  readonly #tokenise: Tokenise
  readonly #output: string

  private constructor(folder: SentenceFolder, session: ModelSession, tokenise: Tokenise) {
    this.folder = folder
    this.#session = session
    this.#tokenise = tokenise
    this.#output = outputOf(folder, session)
  }

  /** @throws PylonError bad-data where tokenizer or graph cannot be read, or the graph is none of a sentence model */
  static async open(folder: SentenceFolder, threads: number): Promise<SentenceEncoder> {
    const tokenise = await openTokenizer(folder.folder, folder.maxTokens)
    const path = join(folder.folder, folder.graph)
    const session = await ModelSession.open(path, threads).catch((cause: unknown) => {
      throw badData(`ONNX Runtime cannot open the model: ${(cause as Error).message}`, path, { cause })
    })
    const unknown = session.inputs.find((name) => !(INPUTS as readonly string[]).includes(name))
    if (unknown === undefined && session.inputs.includes('input_ids')) return new SentenceEncoder(folder, session, tokenise)
    await session.dispose()
    throw badData(
      `The model reads ${session.inputs.join(', ')}, and Pylon gives ${INPUTS.join(', ')}. Export it again for feature extraction.`,
      path,
    )
  }

  /** The vector of a text that is not empty. @throws PylonError bad-data where what comes out is none */
  async encode(text: string): Promise<Float32Array> {
    const ids = this.#tokenise(this.folder.prefix + text)
    const all = {
      input_ids: ids,
      attention_mask: ids.map(() => 1),
      token_type_ids: ids.map(() => 0),
      position_ids: ids.map((_, i) => i),
    }
    const feeds = Object.fromEntries(INPUTS.flatMap((name) => (this.#session.inputs.includes(name) ? [[name, all[name]]] : [])))
    const path = join(this.folder.folder, this.folder.graph)
    const output = await this.#session.run(feeds, this.#output).catch((cause: unknown) => {
      const why = (cause as Error).message.split('\n')[0]!
      throw badData(
        `The model cannot run on "${text.slice(0, 80)}": ${why} Its tokenizer.json may be another model's: copy both from one place.`,
        path,
        { cause },
      )
    })
    const vector = pooled(output, this.folder.pooling)
    if (vector === null || !vector.every(Number.isFinite))
      throw badData(`The model made no vector of "${text.slice(0, 80)}". Choose another model.`, path)
    return this.folder.normalise ? unit(vector) : vector
  }

  dispose(): Promise<void> {
    return this.#session.dispose()
  }
}

function outputOf({ folder, graph, pooling }: SentenceFolder, { outputs }: ModelSession): string {
  const known = pooling === null ? OF_TEXT : OF_TOKENS
  const found = known.find((name) => outputs.includes(name)) ?? (pooling !== null && outputs.length === 1 ? outputs[0] : undefined)
  if (found !== undefined) return found
  const lacking =
    pooling === null ? 'no 1_Pooling/config.json, which says how the vectors of its tokens become one' : 'no vectors of tokens'
  throw badData(
    `The model has ${lacking}; it gives ${outputs.join(', ')}. Copy what is missing from where it came from.`,
    join(folder, graph),
  )
}

/** [1 × width] as it is, [1 × tokens × width] pooled over the tokens; null: neither. */
function pooled({ data, dims }: Output, pooling: Pooling | null): Float32Array | null {
  if (dims.length === 2) return data
  const [, tokens, width] = dims
  if (dims.length !== 3 || tokens === undefined || width === undefined || tokens === 0) return null
  if (pooling === 'cls') return data.slice(0, width)
  const out = new Float32Array(width)
  for (let k = 0; k < width; k++) {
    let [sum, most] = [0, -Infinity]
    for (let t = 0; t < tokens; t++) {
      sum += data[t * width + k]!
      most = Math.max(most, data[t * width + k]!)
    }
    out[k] = pooling === 'max' ? most : sum / tokens
  }
  return out
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector)
  return length > 0 ? vector.map((value) => value / length) : vector
}
