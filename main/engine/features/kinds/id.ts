/**
 * The feature kind `id`: the entity's own id as an embedding. Entities with fewer than `minCount` training
 * interactions, and all cold ones, have row 0.
 */
import { badInput } from '../../../contract/errors.ts'
import type { FeatureOf } from '../../../contract/shapes/features.ts'
import { type Kind, NO_INPUTS, singleIndices, trainedEntities } from '../kind.ts'
import { fitVocabulary, rowLookup, type Vocabulary, vocabularyRows } from '../vocabulary.ts'

type IdState = { readonly vocabulary: Vocabulary }

export const id: Kind<FeatureOf<'id'>, IdState> = {
  columns: () => [],

  fit(feature, _columns, context) {
    const counts = new Map<string, number>()
    for (const e of trainedEntities(context)) counts.set(context.ids[e]!, context.counts[e]!)
    const vocabulary = fitVocabulary(counts, feature)
    if (vocabularyRows(vocabulary) > 1) return { vocabulary }
    throw badInput(`No ${context.side} has ${feature.minCount} training interactions. Lower minCount.`, `${context.place}.minCount`)
  },

  shape: (feature, { vocabulary }) => ({ ...NO_INPUTS, bags: [{ suffix: '', rows: vocabularyRows(vocabulary), dim: feature.dim }] }),

  encode(_feature, { vocabulary }, _columns, { count, ids }) {
    const row = rowLookup(vocabulary)
    return { dense: null, bags: [singleIndices(count, (e) => (ids[e] == null ? 0 : row(ids[e])))] }
  },
}
