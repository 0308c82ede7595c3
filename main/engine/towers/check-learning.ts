/**
 * Checks of a spec: which losses, negatives, matches and training settings cannot work together, or not on a dataset.
 * Each check throws what it finds.
 */
import { badInput, PylonError } from '../../contract/errors.ts'
import { didYouMean } from '../../contract/did-you-mean.ts'
import type { DatasetManifest } from '../../contract/shapes/dataset.ts'
import type { TwoTowerSpec } from '../../contract/shapes/spec.ts'
import { compileExpression } from './expression.ts'
import { usesTemperature } from './losses.ts'
import { hasInterests, metricOf } from './metric.ts'

export function learningChecks(spec: TwoTowerSpec, manifest: DatasetManifest): (() => void)[] {
  return [
    () => checkMatch(spec),
    () => checkTemperature(spec),
    () => checkLoss(spec, manifest),
    () => checkGroup(spec, manifest),
    () => checkShown(spec, manifest),
    () => checkMined(spec, manifest),
    () => checkOrder(spec, manifest),
    () => checkStart(spec),
    () => checkChoose(spec),
    () => checkWeights(spec, manifest),
    () => checkCache(spec),
  ]
}

const wrong = (message: string, place: string): PylonError => badInput(message, place)

function checkMatch({ match, index }: TwoTowerSpec): void {
  if (match.kind === 'expression') {
    if (match.expression === null) throw wrong('Write the score, e.g. "dot / (1 + 0.1 * sq)".', 'match.expression')
    compileExpression(match.expression)
  } else if (match.expression !== null) throw wrong(`It is read only by match.kind expression, not ${match.kind}.`, 'match.expression')
  if (match.kind === 'module' && match.module === null) throw wrong('Name a JavaScript file on this machine.', 'match.module.path')
  if (match.kind !== 'module' && match.module !== null)
    throw wrong(`It is read only by match.kind module, not ${match.kind}.`, 'match.module')
  if (index.scalar === 'i8' && metricOf(match) !== 'cosine')
    throw wrong('i8 holds only vectors of unit length. Use f32 or f16, or match.kind cosine.', 'index.scalar')
}

function checkStart({ training, item, match }: TwoTowerSpec): void {
  const { epochs, init, warmStart } = training
  if (epochs === 0 && init.kind === 'random' && warmStart === null)
    throw wrong(
      'A model that starts at random and is not trained knows nothing. Train some, or start it from something.',
      'training.epochs',
    )
  if (init.kind === 'random') return
  if (warmStart !== null)
    throw wrong(
      'A model starts from the closed form or from a run, not from both: --set training.init.kind=random for the run.',
      'training.warmStart',
    )
  if (match.kind === 'euclidean')
    throw wrong(
      'The closed form ranks by inner products, not by distance: --set training.init.kind=random, or match.kind=cosine.',
      'training.init.kind',
    )
  if (item.features !== 'auto' && !item.features.some(({ kind }) => kind === 'id'))
    throw wrong('The closed form is of the items’ ids: add the feature id to the item tower.', 'training.init.kind')
}

/** A setting to choose that the loss does not have would be chosen of nothing. */
function checkChoose({ training, loss, match }: TwoTowerSpec): void {
  const has = {
    temperature: loss.kind === 'psl' || (usesTemperature(loss.kind) && match.temperature.kind === 'fixed'),
    exponent: loss.kind === 'bsl',
    margin: loss.kind === 'ccl' || loss.kind === 'hinge',
    rank: true, // a start at random has none to choose, and nothing is chosen
  }
  for (const name of training.choose)
    if (!has[name])
      throw wrong(
        name === 'temperature' && match.temperature.kind === 'learned'
          ? 'The temperature is learned: there is none to choose. Leave it out, or take match.temperature.kind fixed.'
          : `The loss ${loss.kind} has no ${name} to choose. Leave it out.`,
        'training.choose',
      )
}

function checkTemperature({ match, loss }: TwoTowerSpec): void {
  if (match.temperature.kind === 'learned' && !usesTemperature(loss.kind))
    throw wrong(`${loss.kind} compares scores as they are: no temperature can be learned. Take kind fixed.`, 'match.temperature.kind')
}

function checkLoss({ loss, match, extraNegatives }: TwoTowerSpec, manifest: DatasetManifest): void {
  if (loss.kind === 'full-softmax' && manifest.items > loss.maxItems) {
    throw wrong(
      `Dataset ${manifest.name} has ${manifest.items.toLocaleString('en')} items and every step embeds them all. Raise the limit, or take sampled-softmax.`,
      'loss.maxItems',
    )
  }
  if ((loss.kind === 'ccl' || loss.kind === 'psl') && match.kind !== 'cosine')
    throw wrong(`${loss.kind} is of cosines. Take match.kind cosine.`, 'match.kind')
  if (loss.kind !== 'directau') return
  if (match.kind !== 'cosine') throw wrong('directau is of unit vectors. Take match.kind cosine.', 'match.kind')
  const { memory, inBatchHard, group, session, impressions, mined } = extraNegatives
  if (memory > 0 || [inBatchHard, group, session, impressions, mined].some((each) => each !== null))
    throw wrong('directau has no negatives. Leave them out, or take another loss.', 'extraNegatives')
}

function checkGroup({ extraNegatives: { group } }: TwoTowerSpec, manifest: DatasetManifest): void {
  if (group === null) return
  const columns = manifest.itemColumns.filter(({ storage }) => storage === 'text' || storage === 'number').map(({ name }) => name)
  if (columns.includes(group.column)) return
  const there = columns.length === 0 ? 'The dataset has none.' : `${didYouMean(group.column, columns)}There are ${columns.join(', ')}.`
  throw wrong(`No item column "${group.column}" with one value an item. ${there}`, 'extraNegatives.group.column')
}

/** What is shown and not chosen must be an event that is no positive. */
function checkShown({ extraNegatives: { session, impressions }, training }: TwoTowerSpec, manifest: DatasetManifest): void {
  const there = manifest.events.length === 0 ? 'This dataset names no events.' : `There are ${manifest.events.join(', ')}.`
  const check = (event: string, place: string): void => {
    if (!manifest.events.includes(event)) throw wrong(`The dataset has no event type "${event}". ${there}`, place)
    if (training.events.length === 0 || training.events.includes(event))
      throw wrong(`"${event}" is a positive as well. Name in training.events the types that are positives, without it.`, place)
  }
  if (impressions !== null) check(impressions.event, 'extraNegatives.impressions.event')
  if (session === null) return
  if (!manifest.hasTime) throw wrong(`Dataset ${manifest.name} has no times, so no sessions.`, 'extraNegatives.session')
  if (session.events.length === 0 && training.events.length === 0)
    throw wrong(
      'All events are positives. Name the positives in training.events; the others are then what was not chosen.',
      'extraNegatives.session.events',
    )
  for (const event of session.events) check(event, 'extraNegatives.session.events')
}

function checkMined({ extraNegatives: { mined } }: TwoTowerSpec, manifest: DatasetManifest): void {
  if (mined === null) return
  if (mined.toRank < mined.fromRank) throw wrong(`It ends before it begins (${mined.fromRank}).`, 'extraNegatives.mined.toRank')
  if (mined.fromRank >= manifest.items)
    throw wrong(`Dataset ${manifest.name} has ${manifest.items} items: there are no such ranks.`, 'extraNegatives.mined.fromRank')
}

function checkOrder({ training, user }: TwoTowerSpec, manifest: DatasetManifest): void {
  if (training.order === 'time' && !manifest.hasTime)
    throw wrong(`Dataset ${manifest.name} has no times. Take training.order shuffled.`, 'training.order')
  if (training.order !== 'sequences') return
  if (!manifest.hasOrder) throw wrong(`Dataset ${manifest.name} has no order. Take training.order shuffled.`, 'training.order')
  if (training.gradientCache !== null)
    throw wrong('Examples that share windows cannot be cut by rows. Leave it null.', 'training.gradientCache')
  const causal = user.features === 'auto' ? [] : user.features.filter((f) => f.kind === 'history' && f.encoder.kind === 'self-attention')
  if (causal.length === 0)
    throw wrong('There is no history that examples could share. Give user.features one with a self-attention encoder.', 'training.order')
  if (causal.some((f) => f.kind === 'history' && f.inputs.includes('age')))
    throw wrong(
      'Examples that share a history see its items at other ages each. Leave age out of the inputs, or take training.order shuffled.',
      'training.order',
    )
}

function checkWeights({ training: { weights } }: TwoTowerSpec, manifest: DatasetManifest): void {
  if (weights.reward && !manifest.hasWeight)
    throw wrong(
      `Dataset ${manifest.name} has no interaction weights. Import it with a weight column, or leave it off.`,
      'training.weights.reward',
    )
  const unknown = Object.keys(weights.events).find((event) => !manifest.events.includes(event))
  const there = manifest.events.length === 0 ? 'It names none.' : `There are ${manifest.events.join(', ')}.`
  if (unknown !== undefined) throw wrong(`The dataset has no event type "${unknown}". ${there}`, 'training.weights.events')
  if (weights.eventMean && manifest.events.length < 2)
    throw wrong(`Dataset ${manifest.name} has one event type: there is one task.`, 'training.weights.eventMean')
}

/** The cache cuts towers by rows; a tower of several interests has several vectors a row. */
function checkCache({ training, user }: TwoTowerSpec): void {
  if (training.gradientCache !== null && hasInterests(user))
    throw wrong('Towers of several interests cannot be cut by rows. Leave it null.', 'training.gradientCache')
}
