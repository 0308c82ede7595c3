/** Texts to the tokens of a sentence model, by the tokenizer in its folder; the only importer of the library that reads such files. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Tokenizer } from '@huggingface/tokenizers'
import { badData } from '../../contract/errors.ts'
import { tryParseJson } from '../files/json-file.ts'
import { bertNormaliser } from './bert-normaliser.ts'

/** Token ids of a text, with those that the tokenizer adds before and after. */
export type Tokenise = (text: string) => readonly number[]

/** @throws PylonError bad-data where the tokenizer is none that can be read */
export async function openTokenizer(folder: string, maxTokens: number): Promise<Tokenise> {
  const path = join(folder, 'tokenizer.json')
  const read = async (file: string, otherwise: string): Promise<object> => {
    const parsed = tryParseJson(await readFile(join(folder, file), 'utf8').catch(() => otherwise))
    if (typeof parsed === 'object' && parsed !== null) return parsed
    throw badData('It is not JSON. Copy it again from where it came from.', join(folder, file))
  }
  const described = await read('tokenizer.json', '')
  const tokenizer = make(described, await read('tokenizer_config.json', '{}'), path)
  const normalise = bertNormaliser(described)
  return (text) => shortened(tokenizer, normalise === null ? text : normalise(text), maxTokens)
}

function make(tokenizer: object, config: object, path: string): Tokenizer {
  try {
    return new Tokenizer(tokenizer, config)
  } catch (error) {
    throw badData(`This tokenizer cannot be read (${(error as Error).message}). Choose another model.`, path, { cause: error })
  }
}

/** Of a text that is too long its start, between the tokens that the tokenizer adds. */
function shortened(tokenizer: Tokenizer, text: string, maxTokens: number): readonly number[] {
  const { ids } = tokenizer.encode(text)
  if (ids.length <= maxTokens) return ids
  const plain = tokenizer.encode(text, { add_special_tokens: false }).ids
  const added = ids.length - plain.length
  let before = 0
  while (before < added && !plain.every((id, i) => ids[before + i] === id)) before++
  return [...ids.slice(0, before), ...plain.slice(0, maxTokens - added), ...ids.slice(before + plain.length)]
}
