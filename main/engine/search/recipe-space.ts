/**
 * What a search varies where nothing else is said: made of a complete spec, so that each recipe, and any config, has a space around its own
 * values. Few fields, those that matter most: rates and how they fall, temperature, widths, regularisation, and what the loss has.
 */
import type { Dimension, Space } from '../../contract/shapes/search.ts'
import type { LossSpec, RunSpec, TwoTowerSpec } from '../../contract/shapes/spec.ts'
import { isSame } from './space.ts'

type RangeOptions = Partial<Pick<Dimension & { kind: 'range' }, 'log' | 'integer' | 'tied'>>
const range = (low: number, high: number, options: RangeOptions = {}): Dimension => ({
  kind: 'range',
  low,
  high,
  log: false,
  integer: false,
  tied: [],
  when: null,
  ...options,
})
const choice = (values: readonly unknown[], tied: readonly string[] = [], when: Dimension['when'] = null): Dimension => ({
  kind: 'choice',
  values: [...values],
  tied: [...tied],
  when,
})
const LOG = { log: true }
const WHOLE = { log: true, integer: true }
/** Orders of magnitude around a value. */
const around = (value: number, factor: number): Dimension => range(value / factor, value * factor, LOG)

/** Fields by their paths; empty where there is nothing to search over. */
export function spaceAround(spec: RunSpec): Space {
  switch (spec.model) {
    case 'two-tower':
      return spec.training.epochs === 0 ? closedFormSpace(spec) : towerSpace(spec)
    case 'ease':
      return { lambda: range(1, 10_000, LOG) }
    case 'item-knn':
      return { neighbours: range(5, 1000, WHOLE), shrinkage: range(0, 500), normalise: choice([false, true]) }
    case 'ials':
      return {
        dim: choice([32, 64, 128, 256]),
        regularisation: range(1e-4, 0.1, LOG),
        unobservedWeight: range(0.003, 1, LOG),
        frequencyScaling: range(0, 1),
      }
    case 'most-popular':
      return spec.popularity.kind === 'recency' ? { 'popularity.halfLifeDays': range(1, 365, LOG) } : {}
    case 'blend':
      return {}
  }
}

/** Of a model that is solved, not trained. */
function closedFormSpace({ training: { init } }: TwoTowerSpec): Space {
  if (init.kind !== 'spectral') return {}
  return { 'training.init.rank': range(16, 1024, WHOLE), 'training.init.filter': range(0, 12), 'training.init.gamma': range(-0.5, 0.5) }
}

function towerSpace(spec: TwoTowerSpec): Space {
  const { user, item, training, match } = spec
  const { batchSize } = training
  const isDense = [user, item].some(({ hidden, output }) => hidden.length > 0 || output !== null)
  const both = <K extends 'output' | 'hidden'>(key: K): boolean => isSame(user[key], item[key])
  const widths = [[], [128], [256, 128]]
  const hasHidden = user.hidden.length > 0 && both('hidden')
  return {
    'training.tables.learningRate': around(training.tables.learningRate, 10),
    ...(isDense && { 'training.dense.learningRate': around(training.dense.learningRate, 10) }),
    ...(match.temperature.kind === 'fixed' && isTempered(spec.loss) && { 'match.temperature.value': around(match.temperature.value, 5) }),
    'training.batchSize': choice(
      [batchSize / 2, batchSize, batchSize * 2, batchSize * 4].filter((size) => size >= 2 && Number.isInteger(size)),
    ),
    ...(both('output') && user.output !== null && { 'user.output': choice(withOwn([32, 64, 128, 256], user.output), ['item.output']) }),
    ...(hasHidden && {
      'user.hidden': choice(withOwn(widths, user.hidden), ['item.hidden']),
      'user.dropout': choice([0, 0.1, 0.2, 0.4], ['item.dropout'], {
        path: 'user.hidden',
        in: withOwn(widths, user.hidden).filter((each) => each.length > 0),
      }),
    }),
    'training.embeddingDropout': range(0, 0.5),
    ...decaySpace(training),
    ...lossSpace(spec.loss),
  }
}

/**
 * A learning rate that falls to 0 within few epochs, or that stays until nothing is gained: where towers overfit early, the former is ahead
 * (docs/default.md). No more epochs than the spec allows.
 */
function decaySpace({ schedule, epochs }: TwoTowerSpec['training']): Space {
  const short = [3, 5, 8].filter((each) => each < epochs)
  if (short.length === 0) return {}
  const falling = schedule.kind === 'cosine' ? schedule : COSINE
  return {
    'training.schedule': choice(withOwn([{ kind: 'constant', warmupSteps: 0 }, falling], schedule)),
    'training.epochs': choice([...short, epochs], [], { path: 'training.schedule', in: [falling] }),
  }
}

const COSINE = { kind: 'cosine', warmupSteps: 0, finalFraction: 0 }

/** Some values with the spec's own among them. */
const withOwn = <T>(values: readonly T[], own: T): T[] => (values.some((value) => isSame(value, own)) ? [...values] : [...values, own])

const isTempered = ({ kind }: LossSpec): boolean => !['hinge', 'ccl', 'psl', 'directau'].includes(kind)

function lossSpace(loss: LossSpec): Space {
  switch (loss.kind) {
    case 'in-batch-softmax':
      return { 'loss.logQ': range(0, 1) }
    case 'mixed-softmax':
      return { 'loss.logQ': range(0, 1), 'loss.negatives': choice(withOwn([512, 2048, 8192], loss.negatives)) }
    case 'ccl':
      return { 'loss.margin': range(0.2, 0.95), 'loss.weight': around(loss.weight, 10) }
    case 'hinge':
      return { 'loss.margin': range(0.02, 1, LOG) }
    case 'bce':
      return { 'loss.negativeWeight': around(loss.negativeWeight, 10) }
    case 'psl':
      return { 'loss.temperature': around(loss.temperature, 5) }
    case 'directau':
      return { 'loss.gamma': range(0.1, 10, LOG) }
    default:
      return 'negatives' in loss ? { 'loss.negatives': choice(withOwn([512, 2048, 8192], loss.negatives)) } : {}
  }
}
