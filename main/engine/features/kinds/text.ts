/**
 * The feature kind `text`: hashed word and character n-grams of a text, mean pooled (as fastText: Bojanowski et al.
 * 2017). Missing or wordless: an empty bag.
 */
import type { FeatureOf } from '../../../contract/shapes/features.ts'
import type { ColumnValues } from '../../dataset/dataset.ts'
import { type Kind, listIndices, NO_INPUTS, nothingToFit, type Storage, trainedEntities, columnUse } from '../kind.ts'
import { textRows } from '../tokens.ts'

type TextState = { readonly storage: Storage }

const columns = (feature: FeatureOf<'text'>): [ReturnType<typeof columnUse>] => [columnUse('column', feature.column, ['text', 'list'])]

export const text: Kind<FeatureOf<'text'>, TextState> = {
  columns,

  fit(feature, [column], context) {
    for (const e of trainedEntities(context)) if (textAt(column!, e) !== '') return { storage: column!.storage }
    throw nothingToFit(context, columns(feature)[0])
  },

  shape: (feature) => ({ ...NO_INPUTS, bags: [{ suffix: '', rows: feature.buckets + 1, dim: feature.dim }] }),

  encode: (feature, _state, [column], { count }) => ({
    dense: null,
    bags: [listIndices(count, (e, push) => textRows(textAt(column!, e), feature, push))],
  }),
}

function textAt(column: ColumnValues, e: number): string {
  if (column.storage === 'text') return column.values[e] ?? ''
  return column.storage === 'list' ? (column.values[e] ?? []).join('\n') : ''
}
