/** Text features with a sentence model: their vectors for all entities of a dataset, kept in its workspace. */
import { dirname } from 'node:path'
import { PylonError } from '../../contract/errors.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import type { ColumnValues, Dataset, Side } from '../dataset/dataset.ts'
import { drain } from '../files/drain.ts'
import { makeVectors, readVectors, type TextVectors, vectorsFile } from '../sentences/column.ts'
import { findModel, findTrainedModel } from '../sentences/find.ts'
import type { SentenceSource } from './kind.ts'
import type { SentenceFeature } from './kinds.ts'

/** The texts of a column that a sentence model reads: '' where there is none, the values of a list one after the other. */
export function sentencesOf(column: ColumnValues): string[] {
  if (column.storage === 'text') return column.values.map((text) => (text ?? '').trim())
  if (column.storage === 'list') return column.values.map((list) => (list ?? []).join(', ').trim())
  throw new Error('A column of texts was expected.')
}

/** A dataset lies in `datasets/NAME` of its workspace. */
const homeOf = ({ folder }: Dataset): string => dirname(dirname(folder))

/**
 * Makes the vectors of a feature where the workspace has none of this model and these texts yet.
 * @param place config path of the feature
 * @throws PylonError at the config path of the model where it is not there, or none that can be run
 */
export async function* prepareSentences(
  feature: SentenceFeature,
  { side, place }: { readonly side: Side; readonly place: string },
  dataset: Dataset,
  threads: number,
): Stage<SentenceSource> {
  const home = homeOf(dataset)
  const { model } = feature.encoder
  const column = await dataset.column(side, feature.column)
  const texts = sentencesOf(column)
  try {
    const found = await findModel(home, model)
    const path = vectorsFile(home, found.checksum, texts)
    if ((await readVectors(path, texts.length)) === null) yield* makeVectors(found, texts, path, threads)
    return { storage: column.storage, model, checksum: found.checksum }
  } catch (error) {
    if (!(error instanceof PylonError) || error.code === 'cancelled') throw error
    throw new PylonError(error.code, error.message, `${place}.encoder.model`, { cause: error })
  }
}

/** The vectors of a feature, as they were made for its model; where somebody removed them they are made again. */
export async function sentenceVectors(
  feature: SentenceFeature,
  side: Side,
  dataset: Dataset,
  { model, checksum }: Pick<SentenceSource, 'model' | 'checksum'>,
): Promise<ColumnValues> {
  const texts = sentencesOf(await dataset.column(side, feature.column))
  const path = vectorsFile(homeOf(dataset), checksum, texts)
  const vectors: TextVectors =
    (await readVectors(path, texts.length)) ??
    (await drain(makeVectors(await findTrainedModel(dataset.folder, model, checksum), texts, path, 1)))
  return { storage: 'vector', ...vectors }
}
