/** One value a cell as an embedding; a number is the category of its decimal text. Missing: an empty bag. Counts are of training entities. */
import type { FeatureOf } from '../../../contract/shapes/features.ts'
import type { ColumnValues } from '../../dataset/types.ts'
import { type Kind, NO_INPUTS, nothingToFit, singleIndices, type Storage, trainedEntities, columnUse } from '../kind.ts'
import { fitVocabulary, rowLookup, type Vocabulary, vocabularyRows } from '../vocabulary.ts'

type CategoryState = { readonly vocabulary: Vocabulary; readonly storage: Storage }

const columns = (feature: FeatureOf<'category'>): [ReturnType<typeof columnUse>] => [
  columnUse('column', feature.column, ['text', 'number']),
]

export const category: Kind<FeatureOf<'category'>, CategoryState> = {
  columns,

  fit(feature, [column], context) {
    const counts = new Map<string, number>()
    for (const e of trainedEntities(context)) {
      const value = textAt(column!, e)
      if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1)
    }
    const vocabulary = fitVocabulary(counts, feature)
    if (counts.size === 0 || vocabularyRows(vocabulary) === 1) throw nothingToFit(context, columns(feature)[0])
    return { vocabulary, storage: column!.storage }
  },

  shape: (feature, { vocabulary }) => ({ ...NO_INPUTS, bags: [{ suffix: '', rows: vocabularyRows(vocabulary), dim: feature.dim }] }),

  encode(_feature, { vocabulary }, [column], { count }) {
    const row = rowLookup(vocabulary)
    const rowOf = (e: number): number => {
      const value = textAt(column!, e)
      return value === null ? -1 : row(value)
    }
    return { dense: null, bags: [singleIndices(count, rowOf)] }
  },

  unknown(_feature, { vocabulary }, [column]) {
    const value = textAt(column!, 0)
    return value === null || rowLookup(vocabulary)(value) > 0 ? [] : [value]
  },
}

function textAt(column: ColumnValues, e: number): string | null {
  if (column.storage === 'text') return column.values[e] || null // empty text is missing, as in a typed-in row
  const value = column.storage === 'number' ? column.values[e]! : NaN
  return Number.isNaN(value) ? null : String(value)
}
