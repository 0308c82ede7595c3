/** Verb handler of sentence models. */
import { join } from 'node:path'
import type { EncoderView } from '../../contract/verbs/encoders.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'
import { encodersFolder, modelNames } from '../sentences/find.ts'
import { readSentenceFolder } from '../sentences/folder.ts'
import { KNOWN_MODELS } from '../sentences/known.ts'

export function encoderVerbs({ store }: EngineContext): Handlers<'encoders.list'> {
  return {
    'encoders.list': async () => {
      const folder = encodersFolder(store.workspace.home)
      const encoders: EncoderView[] = []
      for (const name of await modelNames(folder)) encoders.push(await viewOf(join(folder, name), name))
      return { folder, encoders, known: [...KNOWN_MODELS] }
    },
  }
}

async function viewOf(folder: string, name: string): Promise<EncoderView> {
  try {
    const { bytes, checksum, pooling, prefix, maxTokens } = await readSentenceFolder(folder, name)
    return { name, bytes, checksum, pooling, prefix, maxTokens, problem: null }
  } catch (error) {
    return { name, bytes: null, checksum: null, pooling: null, prefix: null, maxTokens: null, problem: (error as Error).message }
  }
}
