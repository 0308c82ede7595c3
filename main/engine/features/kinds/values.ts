/**
 * The feature kinds `category` and `tags`: values that are told apart, an embedding each, mean pooled: one a cell
 * (category; a number is the category of its decimal text) or several (tags; a cell of text is split as a list is
 * typed). One unknown to the vocabulary counts as row 0; a missing cell is an empty bag.
 */
import type { FeatureOf } from '../../../contract/shapes/features.ts'
import { parseList } from '../../dataset/cells/typed.ts'
import type { ColumnValues } from '../../dataset/dataset.ts'
import { columnUse, type Kind, listIndices, NO_INPUTS, nothingToFit, type Storage, trainedEntities } from '../kind.ts'
import { fitVocabulary, rowLookup, type Vocabulary, vocabularyRows } from '../vocabulary.ts'

type ValuesState = { readonly vocabulary: Vocabulary; readonly storage: Storage }

function valuesKind<F extends FeatureOf<'category' | 'tags'>>(
  storages: readonly Storage[],
  valuesAt: (column: ColumnValues, entity: number) => readonly string[],
): Kind<F, ValuesState> {
  return {
    columns: ({ column }) => [columnUse('column', column, storages)],

    fit(feature, [column], context) {
      // how many training entities have a value
      const counts = new Map<string, number>()
      for (const e of trainedEntities(context))
        for (const value of new Set(valuesAt(column!, e))) counts.set(value, (counts.get(value) ?? 0) + 1)
      const vocabulary = fitVocabulary(counts, feature)
      if (counts.size === 0 || vocabularyRows(vocabulary) === 1) throw nothingToFit(context, columnUse('column', feature.column, storages))
      return { vocabulary, storage: column!.storage }
    },

    shape: ({ dim }, { vocabulary }) => ({ ...NO_INPUTS, bags: [{ suffix: '', rows: vocabularyRows(vocabulary), dim }] }),

    encode(_feature, { vocabulary }, [column], { count }) {
      const row = rowLookup(vocabulary)
      const bag = listIndices(count, (e, push) => {
        for (const value of valuesAt(column!, e)) push(row(value))
      })
      return { dense: null, bags: [bag] }
    },

    unknown(_feature, { vocabulary }, [column]) {
      const row = rowLookup(vocabulary)
      return valuesAt(column!, 0).filter((value) => row(value) === 0)
    },
  }
}

export const category = valuesKind<FeatureOf<'category'>>(['text', 'number'], (column, e) => {
  if (column.storage === 'text') return column.values[e] ? [column.values[e]] : [] // empty text is missing, as in a typed-in row
  const value = column.storage === 'number' ? column.values[e]! : NaN
  return Number.isNaN(value) ? [] : [String(value)]
})

export const tags = valuesKind<FeatureOf<'tags'>>(['list', 'text'], (column, e) => {
  if (column.storage === 'list') return column.values[e] ?? []
  const text = column.storage === 'text' ? (column.values[e] ?? null) : null
  return text === null ? [] : parseList(text)
})
