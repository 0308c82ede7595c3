/**
 * Fits a baseline: its open settings are chosen on the validation part, then it is fitted on train alone to measure it there, then on all
 * that comes before the test part; what is kept is the latter, and the vectors of the one before.
 */
import { badInput, PylonError } from '../../../contract/errors.ts'
import type { Part } from '../../../contract/shapes/dataset.ts'
import type { BaselineSpec, EaseSpec, IalsSpec, ItemKnnSpec, Settled, SettledBaseline } from '../../../contract/shapes/spec.ts'
import { NotDefinite } from '../../compute/cholesky.ts'
import { rmsLength } from '../../compute/dot.ts'
import { fitEase } from '../../evaluation/baselines/ease.ts'
import { ialsEpoch, ialsLoss, initialFactors, type Factors } from '../../evaluation/baselines/ials.ts'
import { fitItemKnn } from '../../evaluation/baselines/item-knn.ts'
import { type InteractionMatrix, interactionMatrix, mostFrequent } from '../../dataset/interaction-matrix.ts'
import { popularityVectors } from '../../evaluation/baselines/popularity.ts'
import { amongItems } from '../../model/item-item.ts'
import type { FittedModel } from '../../model/scoring.ts'
import { EARLIER_PARTS } from '../../../contract/shapes/protocol.ts'
import type { Dataset } from '../../dataset/dataset.ts'
import { TRAIN_VECTORS } from '../../model/run-vectors.ts'
import type { JobContext, JobFact, TrainJob } from '../../queue/job-types.ts'
import { asFacts } from './facts.ts'
import { CHOSEN_BY, judgedUsers, type Measured, measured, trialMeter } from './measure.ts'
import { PATIENCE, tune } from './tune.ts'
import { drawUsers } from './validation.ts'
import { writeVectors } from './write.ts'

export interface FittedBaseline {
  readonly model: FittedModel
  readonly epochs: number
  readonly bestEpoch: number
  /** of fitting alone */
  readonly seconds: number
  readonly examples: number
}

/** What a fit on some parts is given. */
interface Fit {
  readonly dataset: Dataset
  readonly parts: readonly Part[]
  readonly context: JobContext
  /** epochs, for models that have them; null: the spec's */
  readonly epochs: number | null
  /** items at most, the most frequent ones; default: all */
  readonly most?: number
  /** what is to be told of the fit beside its model */
  readonly found?: { /** regularisation holds all vectors at zero: each epoch has made them shorter */ vanishes: boolean }
  /** called after each epoch with what there is by then */
  readonly after: ((epoch: number, model: FittedModel, loss: number) => AsyncGenerator<JobFact, { goesOn: boolean }>) | null
}

/** Drains to the fitted model; of a trial of a search to that of train alone. */
export async function* fitBaseline(
  { runFolder }: Pick<TrainJob, 'runFolder'>,
  asked: BaselineSpec,
  dataset: Dataset,
  context: JobContext,
  { isTrial = false }: { readonly isTrial?: boolean } = {},
): AsyncGenerator<JobFact, FittedBaseline> {
  const started = performance.now()
  const { manifest } = dataset
  const spec = yield* tune(asked, manifest.parts.validation > 0 ? trialsOf(asked, dataset, context) : null, widestOf(manifest))
  let best: { epoch: number; value: number; model: FittedModel | null; validation: Measured | null } = {
    epoch: 1,
    value: -Infinity,
    model: null,
    validation: null,
  }
  let epochs = 0
  const isOpen = asked.model === 'ials' && asked.epochs === null
  if (manifest.parts.validation > 0) {
    const some = epochUsers(spec, dataset)
    let begun = performance.now()
    const after: Fit['after'] = async function* (epoch, model, loss) {
      const seconds = (performance.now() - begun) / 1000
      const validation = yield* measured(spec, dataset, model, context, some)
      epochs = epoch
      const value = validation.metrics[CHOSEN_BY] ?? 0
      if (value > best.value) best = { epoch, value, model, validation }
      const row = {
        epoch,
        loss,
        // what is counted or solved goes through no examples
        examplesPerSecond: spec.model === 'ials' ? manifest.parts.train / seconds : 0,
        learningRate: 0,
        validation: validation.metrics,
      }
      yield { kind: 'epoch', row }
      begun = performance.now()
      return { goesOn: !isOpen || epoch - best.epoch < PATIENCE }
    }
    yield* fit(spec, { dataset, parts: EARLIER_PARTS.validation, context, epochs: null, after })
    if (isTrial) {
      const seconds = (performance.now() - started) / 1000
      return { model: best.model!, epochs, bestEpoch: best.epoch, seconds, examples: epochs * manifest.parts.train }
    }
    if (some !== undefined && best.model !== null) best.validation = yield* measured(spec, dataset, best.model, context)
    if (best.validation !== null) yield { kind: 'metrics', ...best.validation }
    if (best.model?.kind === 'vectors') yield* writeVectors(runFolder, dataset, best.model, TRAIN_VECTORS)
  }
  const chosen = epochs === 0 ? null : best.epoch
  const found = { vanishes: false }
  const model = yield* fit(spec, { dataset, parts: EARLIER_PARTS.test, context, epochs: chosen, after: null, found })
  if (found.vanishes) yield { kind: 'message', level: 'warning', text: VANISHED }
  const seconds = (performance.now() - started) / 1000
  if (spec.model !== 'ials') return { model, epochs: 0, bestEpoch: 0, seconds, examples: 0 } // counted or solved, not trained
  const rounds = chosen ?? spec.epochs
  return { model, epochs: epochs + rounds, bestEpoch: rounds, seconds, examples: (epochs + rounds) * manifest.parts.train }
}

/** Users whose lists epochs are measured by, at most; the best epoch is measured by all. */
const EPOCH_USERS = 10_000

/** Those an epoch is measured by; undefined: all. Of models that have no epochs the one measurement is the whole. */
function epochUsers(spec: SettledBaseline, dataset: Dataset): Int32Array | undefined {
  if (spec.model !== 'ials') return undefined
  const judged = judgedUsers(spec, dataset)
  return judged.length > EPOCH_USERS ? drawUsers(judged, EPOCH_USERS, spec.seed) : undefined
}

/**
 * Items and epochs that a trial is fitted with, at most, and the factors where their number is given. What 64 factors choose does for more: on
 * Gowalla (α₀ .01, λ .01) 512 of them reach NDCG@20 .108 on the validation part after five epochs, 64 at their best .089, and at α₀ .1, λ .003
 * 512 have .076 after four.
 */
const TRIAL_ITEMS = 3000
const TRIAL_EPOCHS = 6
const TRIAL_FACTORS = 64
/** Multiplications of an epoch up to which a width is tried; with Gowalla's 730,000 interactions, 70,000 rows and 256 numbers some 15 s on a thread. */
const WIDEST_WORK = 1e11

/**
 * The widest vectors that trials of iALS try beyond 64: more numbers than a quarter of the smaller side say nothing new. An epoch costs d² for an
 * interaction, and about three times that for a row.
 */
export const widestOf = ({ users, items, parts }: Pick<Dataset['manifest'], 'users' | 'items' | 'parts'>): number =>
  Math.min(Math.min(users, items) / 4, Math.sqrt(WIDEST_WORK / (parts.train + 3 * (users + items))))

/** Fits a spec on train alone, in small, and measures it. */
function trialsOf(asked: BaselineSpec, dataset: Dataset, context: JobContext): (spec: SettledBaseline) => AsyncGenerator<JobFact, number> {
  const valueOf = trialMeter(asked, dataset, context)
  const told = new Set<string>()
  return async function* (spec) {
    const isGiven = asked.model === 'ials' && asked.dim !== null
    const small =
      spec.model === 'ials'
        ? { ...spec, dim: isGiven ? Math.min(spec.dim, TRIAL_FACTORS) : spec.dim, epochs: Math.min(spec.epochs, TRIAL_EPOCHS) }
        : spec
    const most = spec.model === 'ease' ? TRIAL_ITEMS : Infinity
    try {
      const found = { vanishes: false }
      const model = yield* fit(small, { dataset, parts: EARLIER_PARTS.validation, context, epochs: null, after: null, most, found })
      // what is left of such vectors ranks by popularity, better than many a model that has learned little
      return found.vanishes ? 0 : yield* valueOf(model)
    } catch (error) {
      if (!(error instanceof PylonError && error.cause instanceof NotDefinite)) throw error
      if (!told.has(error.message)) yield { kind: 'message', level: 'info', text: `${error.message} This trial counts as 0.` }
      told.add(error.message)
      return 0
    }
  }
}

/** Root mean squares of lengths, of users times items, below which vectors say next to nothing: a pair that was met is to score 1. */
const LEAST_LENGTHS = 1e-3
const VANISHED =
  'The vectors have shrunk to nothing: all scores are about 0, and what is left ranks by popularity. Give a smaller regularisation, or a larger unobservedWeight.'

/** @throws PylonError bad-input where its regularisation is too small for the precision that it is solved in */
async function* fit(spec: SettledBaseline, given: Fit): AsyncGenerator<JobFact, FittedModel> {
  try {
    return yield* fitSettled(spec, given)
  } catch (error) {
    if (!(error instanceof NotDefinite)) throw error
    const [name, value] =
      spec.model === 'ease' ? ['lambda', spec.lambda] : ['regularisation', 'regularisation' in spec ? spec.regularisation : 0]
    throw badInput(
      `${name} ${value} is too small beside these interactions: rounding leaves its equations no answer. Give a larger one.`,
      name,
      { cause: error },
    )
  }
}

async function* fitSettled(spec: SettledBaseline, given: Fit): AsyncGenerator<JobFact, FittedModel> {
  const { dataset, parts, context } = given
  if (spec.model === 'most-popular') {
    yield {
      kind: 'progress',
      progress: { stage: 'count interactions', done: 0, total: dataset.manifest.interactions, unit: 'interactions' },
    }
    const model = {
      kind: 'vectors' as const,
      matching: 'dot' as const,
      ...(await popularityVectors(dataset, spec.popularity, parts, spec.events)),
    }
    if (given.after !== null) yield* given.after(1, model, 0)
    return model
  }
  const all = interactionMatrix(dataset, parts, spec.events)
  if (spec.model === 'ials') return yield* fitIals(spec, all, given)
  const { matrix, kept } = mostFrequent(all, given.most ?? Infinity)
  const weights = yield* asFacts(itemItem(spec, matrix, context.threads), context.signal)
  const model = {
    kind: 'item-item' as const,
    weights: amongItems(weights, kept, all.items),
    parts,
    events: spec.events,
  }
  if (given.after !== null) yield* given.after(1, model, 0)
  return model
}

function itemItem(
  spec: Settled<ItemKnnSpec> | Settled<EaseSpec>,
  matrix: InteractionMatrix,
  threads: number,
): ReturnType<typeof fitItemKnn> {
  return spec.model === 'item-knn' ? fitItemKnn(matrix, spec) : fitEase(matrix, { ...spec, threads })
}

async function* fitIals(
  spec: Settled<IalsSpec>,
  matrix: InteractionMatrix,
  { context, epochs, after, found }: Fit,
): AsyncGenerator<JobFact, FittedModel> {
  const factors = initialFactors(matrix, spec)
  const total = epochs ?? spec.epochs
  // they begin short, and those of a model that learns grow
  let length = Infinity
  for (let epoch = 1; epoch <= total; epoch++) {
    const stage = ialsEpoch(matrix, factors, spec)
    for await (const fact of asFacts(noted(stage, `epoch ${epoch}/${total}`), context.signal)) yield fact
    const now = rmsLength(factors.users, spec.dim) * rmsLength(factors.items, spec.dim)
    if (found !== undefined) found.vanishes = now < LEAST_LENGTHS && now < length
    length = now
    if (after === null) continue
    const { goesOn } = yield* after(epoch, vectorsOf(factors, spec), ialsLoss(matrix, factors, spec))
    if (!goesOn) break
  }
  return vectorsOf(factors, spec)
}

const vectorsOf = ({ users, items }: Factors, { dim }: Pick<Settled<IalsSpec>, 'dim'>): FittedModel => ({
  kind: 'vectors',
  matching: 'dot',
  dim,
  users: Float32Array.from(users),
  items: Float32Array.from(items),
})

async function* noted<P extends { readonly note?: string }>(stage: AsyncGenerator<P, void>, note: string): AsyncGenerator<P, void> {
  for await (const progress of stage) yield { ...progress, note }
}
