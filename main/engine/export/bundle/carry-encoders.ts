/** The sentence models of a bundle's text features: their folders beside the run, so that new texts are read elsewhere as here. */
import { cp, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { conflict } from '../../../contract/errors.ts'
import type { Stage } from '../../../contract/shapes/progress.ts'
import type { SentenceSource } from '../../features/kind.ts'
import { isSentence } from '../../features/kinds.ts'
import type { SentenceState } from '../../features/kinds/sentence.ts'
import type { Towers } from '../../model/towers.ts'
import { ENCODERS, findTrainedModel } from '../../sentences/find.ts'

/** A model of more bytes goes along only where that is asked for: a bundle is to be sent around. */
const MAX_BYTES = 64 << 20

/**
 * Copies what is read of each model's folder. One that is larger stays behind, and whoever serves the bundle puts it in its place: its
 * name and checksum are in `run/encoders.json`.
 * @throws PylonError not-found or bad-data where a model is not in the workspace, or another one; conflict where two have one name
 */
export async function* carryEncoders(
  towers: Towers,
  { runFolder, datasetFolder, all }: { readonly runFolder: string; readonly datasetFolder: string; readonly all: boolean },
): Stage {
  const carried = new Map<string, string>()
  for (const { model, checksum } of sentenceModels(towers)) {
    const before = carried.get(model)
    if (before === checksum) continue
    if (before !== undefined)
      throw conflict(`The runs of this blend read two sentence models that are called "${model}": export them one by one.`)
    const found = await findTrainedModel(datasetFolder, model, checksum)
    carried.set(model, checksum)
    if (!all && found.bytes > MAX_BYTES) continue
    yield { stage: 'carry sentence models', done: 0, total: found.bytes, unit: 'bytes', note: model }
    for (const file of found.files) {
      const to = join(runFolder, ENCODERS, model, file)
      await mkdir(dirname(to), { recursive: true })
      await cp(join(found.folder, file), to)
    }
  }
}

function sentenceModels({ pairs }: Towers): Pick<SentenceSource, 'model' | 'checksum'>[] {
  return pairs.flatMap(({ encoders }) =>
    [...encoders.user, ...encoders.item].flatMap(({ feature, state }) => (isSentence(feature) ? [state as SentenceState] : [])),
  )
}
