/** Reads the metadata columns of a feature, checked against what its kind needs. */
import { badInput } from '../../contract/errors.ts'
import type { Feature } from '../../contract/shapes/features.ts'
import type { ColumnValues, Dataset } from '../dataset/dataset.ts'
import { Random } from '../sample/random.ts'
import type { Entities } from './kind.ts'
import type { SentenceState } from './kinds/sentence.ts'
import { isSentence, kindOf } from './kinds.ts'
import { sentenceVectors } from './sentences.ts'

/**
 * In the order the kind names them.
 * @param state of the fitted feature, or what is known of it before; a text with a sentence model comes as vectors of that
 * @throws PylonError bad-input where one is missing or stored otherwise
 */
export async function readColumns(
  feature: Feature,
  { side, place }: Pick<Entities, 'side' | 'place'>,
  dataset: Dataset,
  state: Readonly<Record<string, unknown>> | null,
): Promise<ColumnValues[]> {
  const described = side === 'user' ? dataset.manifest.userColumns : dataset.manifest.itemColumns
  const columns: ColumnValues[] = []
  for (const { name, key, storages } of kindOf(feature).columns(feature)) {
    const column = described.find((candidate) => candidate.name === name)
    if (column === undefined || !storages.includes(column.storage)) {
      const problem = column === undefined ? 'is not in this dataset' : `is stored as ${column.storage}`
      throw badInput(`Column "${name}" ${problem}; ${feature.kind} "${feature.name}" needs ${storages.join(' or ')}.`, `${place}.${key}`)
    }
    const values = isSentence(feature)
      ? await sentenceVectors(feature, side, dataset, state as SentenceState)
      : await dataset.column(side, name)
    const seed = 'shuffled' in feature ? feature.shuffled : undefined
    columns.push(seed === undefined ? values : shuffledValues(values, seed))
  }
  return columns
}

/** The values of a column at other entities; of one seed and as many entities always the same ones. */
function shuffledValues(column: ColumnValues, seed: number): ColumnValues {
  const width = column.storage === 'vector' ? column.width : 1
  const order = new Random(seed, 'shuffled').permutation(column.values.length / width)
  if (column.storage === 'number') return { ...column, values: Float64Array.from(order, (e) => column.values[e]!) }
  if (column.storage === 'text') return { ...column, values: Array.from(order, (e) => column.values[e]!) }
  if (column.storage === 'list') return { ...column, values: Array.from(order, (e) => column.values[e]!) }
  const values = new Float32Array(column.values.length)
  for (const [e, from] of order.entries()) values.set(column.values.subarray(from * width, (from + 1) * width), e * width)
  return { ...column, values }
}
