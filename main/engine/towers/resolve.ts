/** Completes a spec for a dataset: `auto` features are chosen, and everything the spec names must be there. */
import { parseValidationMetric, SLICE_NAMES } from '../../contract/metrics.ts'
import { badInput, PylonError } from '../../contract/errors.ts'
import type { DatasetManifest } from '../../contract/shapes/dataset.ts'
import { didYouMean } from '../../contract/did-you-mean.ts'
import type { PopularitySpec, RunSpec, TwoTowerSpec } from '../../contract/shapes/spec.ts'
import { AUGMENTED, resolveFeatures, vectorWidth } from '../features/auto.ts'
import { featureProblems } from '../features/check-features.ts'
import { learningChecks } from './check-learning.ts'
import { hasInterests } from './metric.ts'

/**
 * A spec that can be trained on the dataset as it is.
 * @throws PylonError bad-input with the config path of what does not fit
 */
export function resolveSpec(spec: RunSpec, manifest: DatasetManifest): RunSpec {
  const { resolved, problems } = examineSpec(spec, manifest)
  if (problems[0] !== undefined) throw problems[0]
  return resolved
}

/** The spec completed for the dataset, and everything that does not fit, each error with its config path. */
export function examineSpec(spec: RunSpec, manifest: DatasetManifest): { resolved: RunSpec; problems: PylonError[] } {
  const chosen = withPositives(spec, manifest)
  const resolved = chosen.model === 'two-tower' ? withPositiveHistories(resolveFeatures(chosen, manifest), manifest) : chosen
  const found = [
    ...problemsOf(checksOf(resolved, manifest)),
    ...(resolved.model === 'two-tower' ? featureProblems(resolved, manifest) : []).map(({ place, message }) => badInput(message, place)),
  ]
  // an event type is looked at as part of the features too: one problem a place
  return { resolved, problems: [...new Map(found.toReversed().map((problem) => [problem.place, problem])).values()].reverse() }
}

/** Where a dataset says which event types are positives, a spec that names none means those. */
function withPositives(spec: RunSpec, { positives = [] }: DatasetManifest): RunSpec {
  const of = (events: readonly string[]): string[] => [...(events.length === 0 ? positives : events)]
  const evaluation = { ...spec.evaluation, events: of(spec.evaluation.events) }
  if (spec.model === 'two-tower') return { ...spec, evaluation, training: { ...spec.training, events: of(spec.training.events) } }
  return spec.model === 'blend' ? { ...spec, evaluation } : { ...spec, evaluation, events: of(spec.events) }
}

/**
 * A history that names no event types is of positives, unless it tells types apart. Of a closed form, which is not trained, it is of what
 * that is made of: its rows weigh nothing else.
 */
function withPositiveHistories(spec: TwoTowerSpec, manifest: DatasetManifest): TwoTowerSpec {
  const { features } = spec.user
  const { epochs, events, init } = spec.training
  const positives = epochs === 0 && init.kind === 'spectral' && events.length > 0 ? events : manifest.positives
  if (positives === undefined || features === 'auto') return spec
  const ofPositives = features.map((feature) =>
    feature.kind === 'history' && feature.events.length === 0 && !feature.inputs.includes('event')
      ? { ...feature, events: [...positives] }
      : feature,
  )
  return { ...spec, user: { ...spec.user, features: ofPositives } }
}

/** Each check throws the one thing it finds. */
function checksOf(spec: RunSpec, manifest: DatasetManifest): (() => void)[] {
  const evaluated = (): void => checkEvents(spec.evaluation.events, manifest, 'evaluation.events')
  if (spec.model === 'blend') return [evaluated]
  if (spec.model !== 'two-tower') {
    return [
      evaluated,
      () => checkEvents(spec.events, manifest, 'events'),
      () => {
        if (spec.model === 'most-popular') checkPopularity(spec.popularity, manifest)
      },
    ]
  }
  return [
    evaluated,
    () => checkEvents(spec.training.events, manifest, 'training.events'),
    ...learningChecks(spec, manifest),
    () => checkStopping(spec),
    () => checkWidths(spec),
    () => checkObjective(spec, manifest),
    () => checkInterests(spec),
    () => checkFusion(spec, 'user'),
    () => checkFusion(spec, 'item'),
    () => checkAugment(spec, 'user'),
    () => checkAugment(spec, 'item'),
    () => checkMatryoshka(spec),
  ]
}

function problemsOf(checks: readonly (() => void)[]): PylonError[] {
  return checks.flatMap((check) => {
    try {
      check()
      return []
    } catch (error) {
      if (error instanceof PylonError) return [error]
      throw error
    }
  })
}

function checkObjective({ training: { objective } }: TwoTowerSpec, manifest: DatasetManifest): void {
  if (objective.kind === 'next' || manifest.hasTime) return
  throw badInput('The interactions have no time, so there are no days before them. Use next.', 'training.objective.kind')
}

function checkFusion(spec: TwoTowerSpec, side: 'user' | 'item'): void {
  const { fusion } = spec[side]
  if (fusion.kind === 'concat') return
  if (fusion.dim % fusion.heads !== 0)
    throw badInput(`${fusion.heads} heads do not divide dim ${fusion.dim}. Choose a divisor of it.`, `${side}.fusion.heads`)
  if (hasInterests(spec[side])) throw badInput('Several interests stand beside the other inputs: take concat.', `${side}.fusion.kind`)
}

function checkAugment(spec: TwoTowerSpec, side: 'user' | 'item'): void {
  const { augment, features } = spec[side]
  if (augment === null || features === 'auto') return
  const width = vectorWidth(spec)
  if (width === null) throw badInput('An augmented vector is as wide as the towers’ output: set output.', `${side}.output`)
  const augmented = features.find(({ name }) => name === AUGMENTED)
  if (augmented?.kind !== 'id' || augmented.dim !== width)
    throw badInput(`"${AUGMENTED}" is the name of the augmented vector, an id of dim ${width}. Rename yours.`, `${side}.features`)
  if (spec.training.gradientCache !== null)
    throw badInput('Augmented vectors need both towers in one pass: leave the gradient cache out.', 'training.gradientCache')
}

function checkMatryoshka(spec: TwoTowerSpec): void {
  const { matryoshka } = spec.training
  if (matryoshka.length === 0) return
  const width = vectorWidth(spec)
  if (width === null) throw badInput('Its widths are below that of the towers’ output: set output.', 'training.matryoshka')
  if (matryoshka.some((dim, i) => dim >= (matryoshka[i + 1] ?? width)))
    throw badInput(`The widths rise, and stay below ${width}, that of the vectors.`, 'training.matryoshka')
}

/** Which interest an example trains is chosen by inner product within one pass. */
function checkInterests({ user, match, training }: TwoTowerSpec): void {
  if (!hasInterests(user)) return
  if (match.kind !== 'cosine' && match.kind !== 'dot')
    throw badInput(`Several interests are matched by the nearest in cosine or dot, not ${match.kind}.`, 'match.kind')
  if (training.gradientCache !== null)
    throw badInput('Several interests are chosen in one pass: leave the gradient cache out.', 'training.gradientCache')
}

/** The vectors of both towers have one width; where a tower ends in its features, that is known only once they are fitted. */
function checkWidths({ user, item }: TwoTowerSpec): void {
  const [u, i] = [user.output ?? user.hidden.at(-1), item.output ?? item.hidden.at(-1)]
  if (u === undefined || i === undefined || u === i) return
  throw badInput(
    `The user tower gives vectors of ${u}, the item tower of ${i}. Set user.output and item.output to the same width.`,
    'user.output',
  )
}

function checkEvents(events: readonly string[], manifest: DatasetManifest, path: string): void {
  const unknown = events.find((event) => !manifest.events.includes(event))
  if (unknown === undefined) return
  const known =
    manifest.events.length === 0 ? 'This dataset has one unnamed type: leave the list empty.' : `There are ${manifest.events.join(', ')}.`
  throw badInput(`The dataset has no event type "${unknown}". ${known}`, path)
}

function checkPopularity(popularity: PopularitySpec, manifest: DatasetManifest): void {
  if (popularity.kind === 'recency' && !manifest.hasTime)
    throw badInput(`Dataset ${manifest.name} has no times. Take popularity.kind global.`, 'popularity.kind')
  if (popularity.kind !== 'market') return
  const columns = manifest.itemColumns.filter(({ storage }) => storage === 'text' || storage === 'number').map(({ name }) => name)
  if (columns.includes(popularity.column)) return
  const there = columns.length === 0 ? 'The dataset has none.' : `${didYouMean(popularity.column, columns)}There are ${columns.join(', ')}.`
  throw badInput(`No item column "${popularity.column}" with one value an item. ${there}`, 'popularity.column')
}

/** Early stopping reads one of the metrics that the evaluation gives. */
function checkStopping(spec: TwoTowerSpec): void {
  const { earlyStopping } = spec.training
  if (earlyStopping !== null && parseValidationMetric(earlyStopping.metric) === null) {
    throw badInput(
      `"${earlyStopping.metric}" is no metric of a query. Write one like ndcg@20 or recall@10, or of a slice (${SLICE_NAMES.join(', ')}): cold.ndcg@20.`,
      'training.earlyStopping.metric',
    )
  }
}
