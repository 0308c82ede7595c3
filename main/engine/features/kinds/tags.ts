/** Several values a cell, mean pooled; each value unknown to the vocabulary counts as row 0. A cell of text is split as a list is typed. */
import type { FeatureOf } from '../../../contract/shapes/features.ts'
import type { ColumnValues } from '../../dataset/types.ts'
import { parseList } from '../../dataset/cells/typed.ts'
import { type Kind, listIndices, NO_INPUTS, nothingToFit, type Storage, trainedEntities, columnUse } from '../kind.ts'
import { fitVocabulary, rowLookup, type Vocabulary, vocabularyRows } from '../vocabulary.ts'

type TagsState = { readonly vocabulary: Vocabulary; readonly storage: Storage }

const columns = (feature: FeatureOf<'tags'>): [ReturnType<typeof columnUse>] => [columnUse('column', feature.column, ['list', 'text'])]

export const tags: Kind<FeatureOf<'tags'>, TagsState> = {
  columns,

  fit(feature, [column], context) {
    const counts = new Map<string, number>()
    for (const e of trainedEntities(context))
      for (const value of new Set(listAt(column!, e))) counts.set(value, (counts.get(value) ?? 0) + 1)
    const vocabulary = fitVocabulary(counts, feature)
    if (counts.size === 0 || vocabularyRows(vocabulary) === 1) throw nothingToFit(context, columns(feature)[0])
    return { vocabulary, storage: column!.storage }
  },

  shape: (feature, { vocabulary }) => ({ ...NO_INPUTS, bags: [{ suffix: '', rows: vocabularyRows(vocabulary), dim: feature.dim }] }),

  encode(_feature, { vocabulary }, [column], { count }) {
    const row = rowLookup(vocabulary)
    const indices = listIndices(count, (e, push) => {
      for (const value of listAt(column!, e)) push(row(value))
    })
    return { dense: null, bags: [indices] }
  },

  unknown(_feature, { vocabulary }, [column]) {
    const row = rowLookup(vocabulary)
    return listAt(column!, 0).filter((value) => row(value) === 0)
  },
}

function listAt(column: ColumnValues, e: number): readonly string[] {
  if (column.storage === 'list') return column.values[e] ?? []
  const text = column.storage === 'text' ? (column.values[e] ?? null) : null
  return text === null ? [] : parseList(text)
}
