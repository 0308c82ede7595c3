/**
 * Fits the encoders of a model on the training part alone. A training interaction is one in a part that counts as training and, where
 * the spec names events, of such an event; an entity-level statistic (vocabulary, mean, edge, centroid) is over the entities that have
 * at least one of them, each counted once. So nothing of validation, test or a cold entity is in the frozen encoders.
 */
import { badInput } from '../../contract/errors.ts'
import type { Part } from '../../contract/shapes/dataset.ts'
import type { Feature } from '../../contract/shapes/features.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import type { TwoTowerSpec } from '../../contract/shapes/spec.ts'
import { InteractionSelection } from '../dataset/interactions.ts'
import type { Dataset, Side } from '../dataset/dataset.ts'
import { resolveFeatures } from './auto.ts'
import { checkFeatures } from './check-features.ts'
import { readColumns } from './columns.ts'
import type { TrainingView } from './kind.ts'
import { isSentence, kindOf } from './kinds.ts'
import { codesOf } from './kinds/history.ts'
import { prepareSentences } from './sentences.ts'
import { sideLayout, sideTables } from './side-layout.ts'
import type { FrozenEncoders, FrozenFeature } from './encoded.ts'

const SIDES = ['user', 'item'] as const

/**
 * @param threads of sentence models
 * @param parts those that count as training: train, or train and validation for the final fit
 * @throws PylonError bad-input or bad-data at the config path of the feature that does not fit the data
 */
export async function* fitEncoders(spec: TwoTowerSpec, dataset: Dataset, parts: readonly Part[], threads = 1): Stage<FrozenEncoders> {
  const resolved = resolveFeatures(spec, dataset.manifest)
  checkFeatures(resolved, dataset.manifest)
  const features = { user: resolved.user.features as readonly Feature[], item: resolved.item.features as readonly Feature[] }
  const training = await trainingView(resolved, features.item, dataset, parts)
  const total = features.user.length + features.item.length
  const frozen: Record<Side, FrozenFeature[]> = { user: [], item: [] }
  for (const side of SIDES) {
    const ids = await dataset.ids(side)
    const counts = training.examples.counts(side, ids.length)
    for (const [i, feature] of features[side].entries()) {
      yield {
        stage: 'fit features',
        done: frozen.user.length + frozen.item.length,
        total,
        unit: 'features',
        note: `${side}.${feature.name}`,
      }
      const at = { side, place: `${side}.features[${i}]` }
      const sentence = isSentence(feature) ? yield* prepareSentences(feature, at, dataset, threads) : null
      const context = { ...at, count: ids.length, ids, counts, training, sentence }
      const state = kindOf(feature).fit(feature, await readColumns(feature, context, dataset, sentence), context)
      frozen[side].push({ feature, state, ...formsOf(feature, side, dataset) })
    }
  }
  return {
    version: 1,
    ...frozen,
    tables: SIDES.flatMap((side) => sideTables(side, frozen[side])),
    userLayout: sideLayout('user', frozen.user),
    itemLayout: sideLayout('item', frozen.item),
    referenceTime: training.referenceTime,
  }
}

/** The forms of a feature's columns, where they have one. */
function formsOf(feature: Feature, side: Side, { manifest }: Dataset): Pick<FrozenFeature, 'forms'> {
  const names = kindOf(feature)
    .columns(feature)
    .map(({ name }) => name)
  const columns = side === 'user' ? manifest.userColumns : manifest.itemColumns
  const forms = columns.flatMap(({ name, form }) => (form !== undefined && names.includes(name) ? [[name, form] as const] : []))
  return forms.length === 0 ? {} : { forms: Object.fromEntries(forms) }
}

async function trainingView(
  spec: TwoTowerSpec,
  itemFeatures: readonly Feature[],
  dataset: Dataset,
  parts: readonly Part[],
): Promise<TrainingView> {
  const { interactions, manifest } = dataset
  const examples = new InteractionSelection(interactions, parts, codesOf(spec.training.events, manifest.events, 'training.events'))
  const view = {
    interactions,
    parts,
    events: manifest.events,
    examples,
    referenceTime: interactions.time === null ? null : new InteractionSelection(interactions, parts).latest(interactions.time),
    itemIds: await dataset.ids('item'),
    itemId: itemFeatures.find((feature) => feature.kind === 'id') ?? null,
  }
  if (examples.counts('item', manifest.items).every((n) => n === 0)) {
    throw badInput(
      'The training part has no interaction of the events to train on. Change the split or training.events.',
      'training.events',
    )
  }
  return view
}
