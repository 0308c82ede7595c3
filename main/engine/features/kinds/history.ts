/**
 * The feature kind `history`: the user's earlier items. Its rows are those of the item tower's id table where `share`
 * is set, else of a table of its own over the items that occur in the training part often enough (the id feature's
 * minCount, or 1); or fixed rows of all items' contents (content-rows.ts). What a history holds at an event is the batcher's business: see batches.ts.
 */
import { badInput } from '../../../contract/errors.ts'
import type { FeatureOf } from '../../../contract/shapes/features.ts'
import { InteractionSelection } from '../../dataset/interactions.ts'
import { type Kind, NO_INPUTS, NO_VALUES, type TrainingView } from '../kind.ts'
import type { Sequence } from '../encoded.ts'
import { fitVocabulary, type Vocabulary, vocabularyRows } from '../vocabulary.ts'

/** `shared`: name of the item tower's id feature; then `vocabulary` is null */
export type HistoryState = {
  readonly eventCodes: readonly number[] | null
  readonly vocabulary: Vocabulary | null
  readonly shared: string | null
  /** absent: mean pooled */
  readonly sequence?: Sequence
}

export const history: Kind<FeatureOf<'history'>, HistoryState> = {
  columns: () => [],

  fit(feature, _columns, context) {
    const { training, place } = context
    const eventCodes = codesOf(feature.events, training.events, `${place}.events`)
    const sequence = sequenceOf(feature, training)
    if (feature.content) {
      const vocabulary = fitVocabulary(new Map(training.itemIds.map((id) => [id, 1])), { minCount: 1, hashBuckets: null })
      return { eventCodes, vocabulary, shared: null, ...sequence }
    }
    if (feature.share) {
      if (training.itemId !== null) return { eventCodes, vocabulary: null, shared: training.itemId.name, ...sequence }
      throw badInput('The item tower has no id feature whose table could be shared. Add one, or set share to false.', `${place}.share`)
    }
    const { minCount, hashBuckets } = training.itemId ?? { minCount: 1, hashBuckets: null }
    const vocabulary = fitVocabulary(itemCounts(training, eventCodes), { minCount, hashBuckets })
    if (vocabularyRows(vocabulary) > 1) return { eventCodes, vocabulary, shared: null, ...sequence }
    throw badInput('No interaction of the training part counts for this history. Change its events.', `${place}.events`)
  },

  shape(feature, { eventCodes, vocabulary, shared, sequence }) {
    const rows = vocabulary === null ? 0 : vocabularyRows(vocabulary)
    const { dim, maxLength, days, content } = feature
    const bag = {
      suffix: '',
      rows,
      dim,
      kind: 'history' as const,
      eventCodes,
      maxLength,
      shared,
      ...(sequence && { sequence }),
      ...(days != null && { days }),
      ...(content && { fixed: true as const }),
    }
    return { ...NO_INPUTS, contextBags: [bag] }
  },

  encode: () => NO_VALUES,
}

/** What is more than a plain mean is encoded in the tower, from as many rows as the longest history needs. */
function sequenceOf(
  { encoder, inputs, maxLength }: FeatureOf<'history'>,
  { interactions, events }: TrainingView,
): Pick<HistoryState, 'sequence'> {
  if (encoder.kind === 'mean' && inputs.length === 0) return {}
  const { offsets } = interactions
  let longest = 1
  for (let user = 0; user + 1 < offsets.length; user++) longest = Math.max(longest, offsets[user + 1]! - offsets[user]!)
  return { sequence: { encoder, inputs, length: Math.min(maxLength, longest), events: Math.max(1, events.length) } }
}

/** Codes of named events, null for all. @throws PylonError bad-input naming the events there are */
export function codesOf(names: readonly string[], events: readonly string[], place: string): readonly number[] | null {
  if (names.length === 0) return null
  return names.map((name) => {
    const code = events.indexOf(name)
    if (code >= 0) return code
    const there = events.length === 0 ? 'this dataset names no events; leave the list empty' : `there are ${events.join(', ')}`
    throw badInput(`No event "${name}": ${there}.`, place)
  })
}

function itemCounts({ interactions, parts, itemIds }: TrainingView, eventCodes: readonly number[] | null): Map<string, number> {
  const counts = new InteractionSelection(interactions, parts, eventCodes).counts('item', itemIds.length)
  const named = new Map<string, number>()
  for (const [i, n] of counts.entries()) if (n > 0) named.set(itemIds[i]!, n)
  return named
}
