/** The table of feature kinds: one row a kind. */
import type { Feature, FeatureKind, FeatureOf } from '../../contract/shapes/features.ts'
import type { Kind } from './kind.ts'
import { geo } from './kinds/geo.ts'
import { history } from './kinds/history.ts'
import { id } from './kinds/id.ts'
import { number } from './kinds/number.ts'
import { sentence } from './kinds/sentence.ts'
import { text } from './kinds/text.ts'
import { time } from './kinds/time.ts'
import { category, tags } from './kinds/values.ts'
import { vector } from './kinds/vector.ts'

const kinds = { id, category, tags, number, text, geo, time, vector, history } satisfies { [K in FeatureKind]: Kind<FeatureOf<K>> }

/** A text that a sentence model reads, rather than its words one by one. */
export type SentenceFeature = FeatureOf<'text'> & { readonly encoder: NonNullable<FeatureOf<'text'>['encoder']> }
export function isSentence(feature: Feature): feature is SentenceFeature {
  return feature.kind === 'text' && feature.encoder !== undefined
}

/** The row of a feature's kind, for code that treats all kinds alike: its state is the one that kind made. */
export function kindOf(feature: Feature): Kind<Feature> {
  return isSentence(feature) ? sentence : kinds[feature.kind]
}
