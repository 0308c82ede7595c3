/**
 * The feature kind `text` with a sentence model: the vector of the whole text, frozen. Its column comes as vectors (sentences.ts makes
 * them), so from here on it is a `vector` that knows by which model it was made. Missing or empty: zeros.
 */
import type { FeatureOf } from '../../../contract/shapes/features.ts'
import type { ColumnValues } from '../../dataset/dataset.ts'
import { columnUse, type Kind, NO_INPUTS, nothingToFit, type SentenceSource, trainedEntities } from '../kind.ts'

/** What a model must find again to encode another text. */
export type SentenceState = SentenceSource & { readonly width: number }

const columns = (feature: FeatureOf<'text'>): [ReturnType<typeof columnUse>] => [columnUse('column', feature.column, ['text', 'list'])]

export const sentence: Kind<FeatureOf<'text'>, SentenceState> = {
  columns,

  fit(feature, [column], context) {
    const { width, values } = vectors(column)
    if (context.sentence === null) throw new Error('Nothing says which sentence model made the vectors.')
    for (const e of trainedEntities(context)) if (width > 0 && !Number.isNaN(values[e * width]!)) return { width, ...context.sentence }
    throw nothingToFit(context, columns(feature)[0])
  },

  shape: (feature, { width }) => ({ ...NO_INPUTS, dense: Array.from({ length: width }, (_, k) => `${feature.name}.${k}`) }),

  encode(_feature, { width }, [column], { count }) {
    const { width: found, values } = vectors(column)
    if (found !== width || values.length !== count * width) throw new Error(`Vectors of ${width} numbers were expected.`)
    return { dense: values.map((value) => (Number.isNaN(value) ? 0 : value)), bags: [] }
  },
}

function vectors(column: ColumnValues | undefined): { width: number; values: Float32Array } {
  if (column?.storage !== 'vector') throw new Error('Vectors of texts were expected.')
  return column
}
