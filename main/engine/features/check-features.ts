/** Whether a config's features fit a dataset: every problem at once, each at its config path, before anything is read or fitted. */
import { badInput } from '../../contract/errors.ts'
import { didYouMean } from '../../contract/did-you-mean.ts'
import type { Column, DatasetManifest } from '../../contract/shapes/dataset.ts'
import type { Feature, FeatureKind, FeatureOf } from '../../contract/shapes/features.ts'
import type { TwoTowerSpec } from '../../contract/shapes/spec.ts'
import type { Side } from '../dataset/dataset.ts'
import { kindOf } from './kinds.ts'

/** What is wrong, and at which config path. */
export interface Problem {
  readonly place: string
  readonly message: string
}
interface Scope {
  readonly side: Side
  readonly place: string
  readonly manifest: DatasetManifest
  readonly itemFeatures: readonly Feature[]
  /** all of the side */
  readonly features: readonly Feature[]
}

/** What one kind can get wrong beyond its columns. */
const rules: { readonly [K in FeatureKind]: (feature: FeatureOf<K>, scope: Scope) => readonly Problem[] } = {
  id: hashing,
  category: hashing,
  tags: hashing,
  number: () => [],
  vector: () => [],
  geo: () => [],
  text: ({ charNgrams }, { place }) =>
    charNgrams !== null && charNgrams[0] > charNgrams[1]
      ? [{ place: `${place}.charNgrams`, message: 'The shortest n-gram is longer than the longest. Exchange them.' }]
      : [],
  time: ({ column }, { side, place, manifest }) => {
    if (column !== null) return []
    if (side === 'item')
      return [{ place: `${place}.column`, message: 'The time of the event belongs to the user side. Name a column of times.' }]
    return manifest.hasTime
      ? []
      : [{ place: `${place}.column`, message: 'The interactions have no time. Remove the feature or name a column of times.' }]
  },
  history: (feature, scope) => [
    ...historyPlace(scope),
    ...unknownEvents(feature.events, `${scope.place}.events`, scope.manifest),
    ...sharing(feature, scope),
    ...encoding(feature, scope),
  ],
}

/**
 * For specs whose `auto` features are written out.
 * @throws PylonError bad-input whose place is the first problem's config path and whose message lists them all
 */
export function checkFeatures(spec: TwoTowerSpec, manifest: DatasetManifest): void {
  const [first, ...others] = featureProblems(spec, manifest)
  if (first === undefined) return
  throw badInput(
    [`${first.place}: ${first.message}`, ...others.map(({ place, message }) => `${place}: ${message}`)].join('\n'),
    first.place,
  )
}

/** All that is wrong with the features and event types of a spec whose `auto` features are written out. */
export function featureProblems(spec: TwoTowerSpec, manifest: DatasetManifest): Problem[] {
  const itemFeatures = listOf(spec, 'item')
  return [
    ...(['user', 'item'] as const).flatMap((side) => sideProblems(side, listOf(spec, side), manifest, itemFeatures)),
    ...unknownEvents(spec.training.events, 'training.events', manifest),
    ...unknownEvents(spec.evaluation.events, 'evaluation.events', manifest),
  ]
}

const listOf = (spec: TwoTowerSpec, side: Side): readonly Feature[] => (spec[side].features === 'auto' ? [] : spec[side].features)

function sideProblems(side: Side, features: readonly Feature[], manifest: DatasetManifest, itemFeatures: readonly Feature[]): Problem[] {
  return features.flatMap((feature, i) => {
    const scope = { side, place: `${side}.features[${i}]`, manifest, itemFeatures, features }
    const rule = rules[feature.kind] as (feature: Feature, scope: Scope) => readonly Problem[]
    return [...naming(feature, features, i, scope), ...columnProblems(feature, scope), ...rule(feature, scope)]
  })
}

function naming(feature: Feature, features: readonly Feature[], i: number, { side, place }: Scope): Problem[] {
  const place_ = `${place}.name`
  const twin = features.findIndex(({ name }) => name === feature.name)
  if (twin < i) return [{ place: place_, message: `"${feature.name}" is already the name of ${side}.features[${twin}]. Choose another.` }]
  const isContext = feature.kind === 'history' || (feature.kind === 'time' && feature.column === null)
  const reads = features.flatMap((other) =>
    kindOf(other)
      .columns(other)
      .map(({ name }) => name),
  )
  if (!isContext || !(feature.name === 'id' || reads.includes(feature.name))) return []
  return [{ place: place_, message: `"${feature.name}" is also a column of this side, and a typed-in ${side} names both. Choose another.` }]
}

function columnProblems(feature: Feature, { side, place, manifest }: Scope): Problem[] {
  const columns: readonly Column[] = side === 'user' ? manifest.userColumns : manifest.itemColumns
  return kindOf(feature)
    .columns(feature)
    .flatMap(({ key, name, storages }) => {
      const column = columns.find((candidate) => candidate.name === name)
      const at = `${place}.${key}`
      const names = columns.map((c) => c.name)
      if (column === undefined)
        return [
          {
            place: at,
            message: `There is no ${side} column "${name}"; ${didYouMean(name, names)}there are ${names.join(', ') || 'none'}.`,
          },
        ]
      if (storages.includes(column.storage)) return []
      const message = `Column "${name}" is stored as ${column.storage} and ${feature.kind} needs ${storages.join(' or ')}. Use a ${suggestion(column)} feature, or import it as another kind.`
      return [{ place: at, message }]
    })
}

const suggestion = ({ storage }: Column): string =>
  ({ text: 'category or text', number: 'number or category', list: 'tags', vector: 'vector' })[storage]

function hashing({ minCount, hashBuckets }: FeatureOf<'id' | 'category' | 'tags'>, { place }: Scope): Problem[] {
  if (hashBuckets === null || minCount === 1) return []
  return [{ place: `${place}.minCount`, message: 'Hashed values are not counted. Leave out minCount or hashBuckets.' }]
}

function historyPlace({ side, place }: Scope): Problem[] {
  return side === 'item' ? [{ place: `${place}.kind`, message: 'A history belongs to the user side. Remove it from the item tower.' }] : []
}

function unknownEvents(names: readonly string[], place: string, { events }: DatasetManifest): Problem[] {
  const there = events.length === 0 ? 'this dataset names no events; leave the list empty' : `there are ${events.join(', ')}`
  return names.flatMap((name, i) => (events.includes(name) ? [] : [{ place: `${place}[${i}]`, message: `No event "${name}": ${there}.` }]))
}

function sharing({ share, content, dim }: FeatureOf<'history'>, { place, itemFeatures }: Scope): Problem[] {
  if (!share) return []
  if (content) return [{ place: `${place}.share`, message: 'Its rows are contents, or the item tower’s own: set one of the two to false.' }]
  const id = itemFeatures.find((feature) => feature.kind === 'id')
  if (id === undefined)
    return [
      { place: `${place}.share`, message: 'The item tower has no id feature whose table could be shared. Add one, or set share to false.' },
    ]
  return id.dim === dim ? [] : [{ place: `${place}.dim`, message: `A shared history is as wide as the item's id: set dim to ${id.dim}.` }]
}

/** steps of a recurrent encoder are nodes of the graph, forwards and backwards */
const MAX_STEPS = 100

function encoding(
  { encoder, inputs, dim, maxLength, days, name }: FeatureOf<'history'>,
  { place, manifest, side, features }: Scope,
): Problem[] {
  const found: Problem[] = []
  if (days != null && !(manifest.hasTime && manifest.hasOrder))
    found.push({ place: `${place}.days`, message: 'The interactions have no times. Set it to null, or limit maxLength.' })
  const ordered = encoder.kind !== 'mean' && encoder.kind !== 'attention' && encoder.kind !== 'interests'
  if (ordered && !manifest.hasOrder)
    found.push({
      place: `${place}.encoder.kind`,
      message: `The interactions have no order, which ${encoder.kind} reads. Use mean, attention or interests.`,
    })
  if (encoder.kind === 'self-attention' && dim % encoder.heads !== 0)
    found.push({ place: `${place}.encoder.heads`, message: `${encoder.heads} heads do not divide dim ${dim}. Choose a divisor of it.` })
  if (encoder.kind === 'gru' && maxLength > MAX_STEPS)
    found.push({ place: `${place}.maxLength`, message: `A GRU reads at most ${MAX_STEPS} items. Set maxLength to ${MAX_STEPS} or less.` })
  if (inputs.includes('position') && !manifest.hasOrder)
    found.push({ place: `${place}.inputs`, message: 'The interactions have no order, so an item has no place. Leave out position.' })
  if (inputs.includes('age') && !manifest.hasTime)
    found.push({ place: `${place}.inputs`, message: 'The interactions have no time, so an item has no age. Leave out age.' })
  if (inputs.includes('event') && manifest.events.length < 2)
    found.push({ place: `${place}.inputs`, message: 'There is one event type, which says nothing. Leave out event.' })
  const other = features.find((each) => each.kind === 'history' && each.encoder.kind === 'interests')
  if (encoder.kind === 'interests' && other !== undefined && other.name !== name)
    found.push({ place: `${place}.encoder.kind`, message: `${side}.${other.name} gives several interests already; one history may.` })
  return found
}
