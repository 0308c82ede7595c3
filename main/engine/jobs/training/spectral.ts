/** Starts a model from the closed form: its decomposition, its three settings chosen on the validation part, its tables filled. */
import { badInput } from '../../../contract/errors.ts'
import type { Part } from '../../../contract/shapes/dataset.ts'
import type { TwoTowerSpec } from '../../../contract/shapes/spec.ts'
import { type InteractionMatrix, interactionMatrix } from '../../dataset/interaction-matrix.ts'
import { eventCodes, InteractionSelection } from '../../dataset/interactions.ts'
import type { JobContext, JobFact } from '../../queue/job-types.ts'
import { CLOSED_FORM_SEED } from '../../training/random.ts'
import type { TrainingSetup } from '../../training/loop/setup.ts'
import {
  type ContentMap,
  contentsOf,
  fitContents,
  isLinear,
  leanOnContents,
  scaledMap,
  withoutHeldOut,
  writeContents,
} from '../../training/spectral/contents.ts'
import {
  evenScales,
  scaleRows,
  type SpectralSettings,
  type SpectralVectors,
  spectralVectors,
  startSpectral,
} from '../../training/spectral/start.ts'
import { randomizedSvd, svdBytes } from '../../training/spectral/svd.ts'
import { asFacts } from './facts.ts'
import { trialMeter } from './measure.ts'
import { climb, measureTrial } from './tune.ts'

/** Where the search begins, and what is taken where there is no validation part, or none is wanted. */
export const START = { filter: 3, gamma: 0.5 }
const FILTERS = [0, 1, 2, 3, 4, 5, 6, 8, 10, 14, 20]
const SHRINKAGES = [0, 0.5, 1, 2, 5, 10, 20, 50, 100]
const COLD_SCALES = [0, 0.02, 0.04, 0.07, 0.12, 0.18, 0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4, 5.6, 8]
/** What new items may cost the lists of the validation part: this share of what these reach with no new item in them. */
const COLD_COST = 0.01
const GAMMAS = [0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1, 1.25, 1.5, 2]

/**
 * Fills the tables of a fresh model.
 * @param known the settings that an earlier pass chose; null: those that are open are chosen on the validation part, where there is one
 * @returns the settings
 * @throws PylonError bad-input where more memory is needed than the spec allows
 */
export async function* startFromSpectral(
  phase: TrainingSetup,
  init: Extract<TwoTowerSpec['training']['init'], { kind: 'spectral' }>,
  parts: readonly Part[],
  known: SpectralSettings | null,
  context: Pick<JobContext, 'threads' | 'signal'>,
): AsyncGenerator<JobFact, SpectralSettings> {
  const { spec, dataset, encoders, state } = phase
  const id = encoders.item.find(({ feature }) => feature.kind === 'id')?.feature
  if (id?.kind !== 'id') throw new Error('The spec was checked for the ids of items.')
  const { dim } = id
  const matrix = interactionMatrix(dataset, parts, spec.training.events)
  const counts = (item: number): number => matrix.byItem.offsets[item + 1]! - matrix.byItem.offsets[item]!
  const gigabytes = svdBytes(matrix, dim) / 1e9
  const size = `${matrix.users.toLocaleString('en')} users × ${matrix.items.toLocaleString('en')} items at width ${dim}`
  if (gigabytes > init.memoryGb)
    throw badInput(
      `The decomposition of ${size} needs about ${gigabytes.toFixed(1)} GB, more than memoryGb ${init.memoryGb}. Raise it, or make the ids narrower.`,
      'training.init.memoryGb',
    )
  yield { kind: 'message', level: 'info', text: `The decomposition of ${size} needs about ${gigabytes.toFixed(2)} GB.` }
  const svd = yield* asFacts(randomizedSvd(matrix, { rank: dim, seed: CLOSED_FORM_SEED, threads: context.threads }), context.signal)
  const repeated = repeatedHistories(phase, parts, matrix)
  const settings = known ?? (yield* choose())
  const vectors = spectralVectors(svd, matrix, settings, dim)
  const { users, history, items: itemRows } = forTraining(spec, vectors, matrix, dim)
  const items = itemRows()
  const started = { ...settings, ...(yield* startItems(items)) }
  const written = await startSpectral(state, encoders, dataset, { users, history, items: () => items }, dim)
  yield {
    kind: 'message',
    level: 'info',
    text: `${written.toLocaleString('en')} rows of tables start from the closed form: ${wordsOf(started)}.`,
  }
  return started

  /** Where the item tower reads contents too: the layer that foretells vectors by them; `items` becomes what is left for their own rows. */
  async function* startItems(items: Float32Array): AsyncGenerator<JobFact, Pick<SpectralSettings, 'shrinkage' | 'coldScale'>> {
    if (!isLinear(spec, dim)) return {}
    const own = `item.${id!.name}`
    const contents = contentsOf(phase.model.item, phase.encoded.item, state.tables, own)
    const map = contents === null ? null : await fitContents(contents, items, counts, { seed: CLOSED_FORM_SEED, threads: context.threads })
    if (map === null) {
      writeContents(phase.model.item, state, contents, null, own)
      return {}
    }
    yield {
      kind: 'message',
      level: 'info',
      text: `What items contain foretells ${(100 * map.explained).toFixed(0)} % of the vectors of items that were held out.`,
    }
    const coldScale = known?.coldScale ?? (yield* chooseColdScale(items, map))
    const scaled = scaledMap(map, coldScale)
    const shrinkage = known?.shrinkage ?? init.shrinkage ?? (yield* chooseShrinkage(items, scaled, coldScale))
    writeContents(phase.model.item, state, contents, scaled, own)
    for (const [i, value] of leaning(items, scaled, shrinkage).entries()) items[i] = value - scaled.predicted[i]!
    return { shrinkage, coldScale }
  }

  function leaning(items: Float32Array, scaled: ContentMap, kappa: number): Float32Array {
    return leanOnContents(items, scaled, counts, matrix.items, kappa)
  }

  /**
   * The scale that ranks best with a fifth of the items made new; from there down to where the items that are new in truth leave the lists of
   * the others alone. On a catalogue that its users know by heart that is 0: foretold vectors would push aside what is known.
   */
  async function* chooseColdScale(items: Float32Array, map: ContentMap): AsyncGenerator<JobFact, number> {
    const start = init.coldScale ?? 1
    if (init.coldScale !== null || dataset.manifest.parts.validation === 0) return start
    const [scalePath, shrinkagePath, valueOf] = [pathOf('coldScale'), pathOf('shrinkage'), meterOfItems()]
    const at = yield* climb({ [scalePath]: start }, { [scalePath]: COLD_SCALES }, (tried) =>
      valueOf(withoutHeldOut(items, scaledMap(map, tried[scalePath]!))),
    )
    const values = new Map<number, number>()
    for (const scale of [0, ...COLD_SCALES.filter((each) => each > 0 && each <= at[scalePath]!).reverse()]) {
      const settings = { [scalePath]: scale, [shrinkagePath]: 0 }
      const value = yield* measureTrial(values.size, settings, () => valueOf(leaning(items, scaledMap(map, scale), 0)))
      values.set(scale, value)
      if (scale > 0 && value >= (1 - COLD_COST) * values.get(0)!) return scale
    }
    return 0
  }

  /** κ by the lists of the validation part. */
  async function* chooseShrinkage(items: Float32Array, scaled: ContentMap, coldScale: number): AsyncGenerator<JobFact, number> {
    if (dataset.manifest.parts.validation === 0) return 0
    const [scalePath, shrinkagePath, valueOf] = [pathOf('coldScale'), pathOf('shrinkage'), meterOfItems()]
    const at = yield* climb(
      { [shrinkagePath]: 0, [scalePath]: coldScale },
      { [shrinkagePath]: SHRINKAGES, [scalePath]: [coldScale] },
      (tried) => valueOf(leaning(items, scaled, tried[shrinkagePath]!)),
    )
    return at[shrinkagePath]!
  }

  /** Users as they will be served: by their histories where the tower reads these and they say more than which items were met. */
  function usersOf(closed: Pick<SpectralVectors, 'users' | 'history'>, width: number): Float32Array {
    return repeated === null ? closed.users() : sumsOfHistories(repeated, closed.history(), matrix.users, width)
  }

  /** What vectors of items reach on the validation part, users as they are. */
  function meterOfItems(): (items: Float32Array) => AsyncGenerator<JobFact, number> {
    const [valueOf, queries] = [trialMeter(spec, dataset, context), usersOf({ users, history }, dim)]
    return (items) => valueOf({ kind: 'vectors', dim, users: queries, items, matching: spec.match })
  }

  async function* choose(): AsyncGenerator<JobFact, SpectralSettings> {
    const start = {
      filter: init.filter ?? START.filter,
      gamma: init.gamma ?? START.gamma,
      rank: Math.min(init.rank ?? Infinity, svd.rank),
    }
    if (dataset.manifest.parts.validation === 0) return start
    const grids = { filter: FILTERS, gamma: GAMMAS, rank: ranksUpTo(svd.rank) }
    const open = (['filter', 'gamma', 'rank'] as const).filter((name) => init[name] === null)
    const byPath = <T>(of: Readonly<Record<(typeof open)[number], T>>): Record<string, T> =>
      Object.fromEntries(open.map((name) => [pathOf(name), of[name]]))
    const settingsOf = (at: Readonly<Record<string, number>>): SpectralSettings => ({
      ...start,
      ...Object.fromEntries(open.map((name) => [name, at[pathOf(name)]!])),
    })
    const valueOf = trialMeter(spec, dataset, context)
    const measure = (at: Readonly<Record<string, number>>): AsyncGenerator<JobFact, number> => {
      const tried = settingsOf(at)
      const vectors = spectralVectors(svd, matrix, tried, tried.rank)
      return valueOf({
        kind: 'vectors',
        dim: tried.rank,
        users: usersOf(vectors, tried.rank),
        items: vectors.items(),
        matching: spec.match,
      })
    }
    return settingsOf(yield* climb(byPath(start), byPath(grids), measure))
  }
}

/** Items of each user in order, with repeats. */
interface Histories {
  readonly itemsOf: (user: number) => Int32Array
  readonly maxLength: number
}

/** Of a model that is not trained: the histories that its user tower sums; null where users' rows of P·f(σ) are what they come to. */
function repeatedHistories({ spec, dataset }: TrainingSetup, parts: readonly Part[], matrix: InteractionMatrix): Histories | null {
  const { features } = spec.user
  const history = features === 'auto' ? undefined : features.find((each) => each.kind === 'history')
  if (spec.training.epochs > 0 || history?.kind !== 'history') return null
  const selection = new InteractionSelection(dataset.interactions, parts, eventCodes(dataset, history.events))
  let [all, longest] = [0, 0]
  for (let user = 0; user < matrix.users; user++) {
    const { length } = selection.itemsOf(user)
    all += length
    longest = Math.max(longest, length)
  }
  if (all === matrix.byUser.indices.length && longest <= history.maxLength) return null
  return { itemsOf: (user) => selection.itemsOf(user), maxLength: history.maxLength }
}

/** The sum of the rows of the last items of each user, [users × width]. */
function sumsOfHistories({ itemsOf, maxLength }: Histories, rows: Float32Array, users: number, width: number): Float32Array {
  const sums = new Float32Array(users * width)
  for (let user = 0; user < users; user++)
    for (const item of itemsOf(user).subarray(-maxLength))
      for (let k = 0; k < width; k++) sums[user * width + k]! += rows[item * width + k]!
  return sums
}

/** What users have met scores so much at first where vectors of a dot product are trained on, in temperatures: a softmax is neither flat nor sure. */
const FIRST_SCORE = 3

/**
 * The vectors as training takes them: of a cosine at the length that random rows have, which is what the learning rate is for; of an inner
 * product scaled as a whole, to scores that the loss can tell apart. A model that is not trained keeps them.
 */
function forTraining({ match, training }: TwoTowerSpec, vectors: SpectralVectors, matrix: InteractionMatrix, dim: number): SpectralVectors {
  if (training.epochs === 0) return vectors
  if (match.kind === 'cosine') {
    const at = training.embeddingSd * Math.sqrt(dim)
    return mapped(vectors, (rows) => scaleRows(rows, dim, at))
  }
  if (match.kind !== 'dot') return vectors
  const scales = evenScales(vectors.users(), vectors.items(), matrix, dim, FIRST_SCORE * firstTemperature(match.temperature))
  return mapped(vectors, (rows, side) => rows.map((value) => value * scales[side]))
}

function firstTemperature(of: TwoTowerSpec['match']['temperature']): number {
  return of.kind === 'fixed' ? of.value : of.kind === 'learned' ? of.initial : of.from
}

/** Each made when it is asked for, and then changed. */
const mapped = (
  { users, items, history }: SpectralVectors,
  change: (rows: Float32Array, side: 'users' | 'items') => Float32Array,
): SpectralVectors => ({
  users: () => change(users(), 'users'),
  items: () => change(items(), 'items'),
  history: () => change(history(), 'users'),
})

const pathOf = (name: string): string => `training.init.${name}`

/** Halves of the width down to 16. */
export function ranksUpTo(width: number): number[] {
  const ranks = [width]
  for (let rank = 2 ** Math.floor(Math.log2(width - 1)); rank >= 16; rank /= 2) ranks.unshift(rank)
  return ranks
}

const wordsOf = ({ rank, filter, gamma, shrinkage, coldScale }: SpectralSettings): string =>
  `rank ${rank}, filter e^(${filter} σ), γ ${gamma}${shrinkage === undefined ? '' : `, κ ${shrinkage}, ${coldScale} times what features foretell`}`
