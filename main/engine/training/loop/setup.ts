/**
 * Sets up the training of one model on some parts of a dataset: encoders fitted on them, features encoded, a fresh state, and the
 * step. The same spec, dataset and parts always give the same set-up, which is why a resumed run can make it again.
 */
import type { Part } from '../../../contract/shapes/dataset.ts'
import type { Progress } from '../../../contract/shapes/progress.ts'
import type { TwoTowerSpec } from '../../../contract/shapes/spec.ts'
import type { ExecutorName } from '../../compute/executor.ts'
import { type AsOf, type Batcher, createBatcher } from '../../features/batches.ts'
import { encodeSide } from '../../features/encode.ts'
import { fitEncoders } from '../../features/fit.ts'
import { fillContentRows } from '../../features/content-rows.ts'
import { codesOf } from '../../features/kinds/history.ts'
import type { EncodedSide, FrozenEncoders } from '../../features/encoded.ts'
import type { Dataset, Side } from '../../dataset/dataset.ts'
import { loadMatchModule } from '../../towers/match-module.ts'
import { buildTwoTower, type TwoTower } from '../../towers/two-tower.ts'
import { Embedder } from '../embed.ts'
import { MinedLists } from '../candidates/mined.ts'
import { createOrder, type EpochOrder } from './order.ts'
import { collectPositives, type Positives } from '../candidates/positives.ts'
import { createSources } from '../candidates/sources.ts'
import { createOptimizers, initialState, type TrainingState } from '../state/state.ts'
import { Step } from '../step/step.ts'
import { type Trained, warmStart } from './warm-start.ts'

export interface TrainingSetup {
  readonly spec: TwoTowerSpec
  readonly dataset: Dataset
  readonly encoders: FrozenEncoders
  readonly encoded: Readonly<Record<Side, EncodedSide>>
  readonly batcher: Batcher
  readonly model: TwoTower
  readonly state: TrainingState
  readonly step: Step
  /** rows of a batch: the spec's, or all examples where there are fewer */
  readonly batch: number
  readonly positions: Int32Array
  /** which of them an epoch trains on, in what order */
  readonly order: EpochOrder
  /** hard negatives mined from the model's own lists; null where the spec asks for none */
  readonly mined: MinedLists | null
  readonly positives: Positives
  /** what the executor found out since it was asked last */
  takeNotes(): readonly string[]
  dispose(): Promise<void>
}

export interface SetupOptions {
  readonly spec: TwoTowerSpec
  readonly dataset: Dataset
  readonly parts: readonly Part[]
  readonly threads: number
  readonly executor?: ExecutorName | undefined
  /** a model to start from */
  readonly warm?: Trained | null
}

/** Everything a training loop needs, with progress while the features are fitted and encoded. */
export async function* prepareTraining(options: SetupOptions): AsyncGenerator<Progress, TrainingSetup> {
  const { spec, dataset, parts } = options
  const encoders = yield* fitEncoders(spec, dataset, parts, options.threads)
  yield { stage: 'encode features', done: 0, total: 2, unit: 'sides' }
  const user = await encodeSide(encoders, 'user', dataset)
  yield { stage: 'encode features', done: 1, total: 2, unit: 'sides' }
  const item = await encodeSide(encoders, 'item', dataset)
  yield { stage: 'encode features', done: 2, total: 2, unit: 'sides' }

  const eventCodes = codesOf(spec.training.events, dataset.manifest.events, 'training.events')
  const batcher = await createBatcher(encoders, dataset, {
    parts,
    eventCodes,
    seed: spec.training.seed,
    withoutTarget: spec.evaluation.seen === 'masked',
    horizonDays: spec.training.objective.kind === 'all-action' ? spec.training.objective.horizonDays : null,
  })
  const model = buildTwoTower(spec, encoders)
  const optimizers = createOptimizers(spec.training)
  const state = initialState(model, spec, optimizers)
  fillContentRows(encoders, { items: item, ids: await dataset.ids('item') }, state.tables)
  if (options.warm != null) yield startWarm(state, encoders, options.warm)
  const loaded = await loadMatchModule(spec.match)
  const { user: userOf, time } = dataset.interactions
  const order = createOrder(spec.training, batcher.examples, userOf, time)
  const batch = Math.min(spec.training.batchSize, order.examples)
  const positives = collectPositives(dataset, parts, batcher, batch, spec.training, order.share)
  const encoded = { user, item }
  const mined =
    spec.extraNegatives.mined === null ? null : new MinedLists(spec.extraNegatives.mined, dataset.manifest.users, spec.training.seed)
  const stepsPerEpoch = Math.max(1, Math.floor(order.examples / batch))
  const sources = await createSources(spec, dataset, parts)
  const notes: string[] = []
  const told = (text: string): void => void notes.push(text)
  const step = await Step.create(
    { ...options, told, model, encoded, positives, optimizers, batch, stepsPerEpoch, sources, mined, loaded },
    state,
  )
  return {
    spec,
    dataset,
    encoders,
    encoded,
    batcher,
    model,
    state,
    step,
    batch,
    positions: positives.positions,
    order,
    mined,
    positives,
    takeNotes: () => notes.splice(0),
    dispose: () => step.dispose(),
  }
}

/** Takes over what a trained model knows, and says how much that was. */
function startWarm(state: TrainingState, encoders: FrozenEncoders, trained: Trained): Progress {
  const { rows, rowsTaken, weights, weightsTaken } = warmStart(state, encoders, trained)
  return { stage: 'warm start', done: rowsTaken, total: rows, unit: 'rows', note: `${weightsTaken} of ${weights} layers` }
}

/** Item vectors [items.length × dim] (default: of all items, in index order). */
export async function* embedItems(
  phase: TrainingSetup,
  threads: number,
  items: Int32Array = allIndices(phase.encoded.item.count),
): AsyncGenerator<Progress, Float32Array> {
  const embedder = await Embedder.create(phase.model.item, phase.state, { threads })
  try {
    return yield* embedder.embed(phase.encoded.item, items, () => null)
  } finally {
    await embedder.dispose()
  }
}

/** User vectors [users.length × dim] with what is known of the users as of a part (default: of all users). */
export async function* embedUsers(
  phase: TrainingSetup,
  asOf: AsOf,
  threads: number,
  users?: Int32Array,
): AsyncGenerator<Progress, Float32Array> {
  const embedder = await Embedder.create(phase.model.user, phase.state, { threads })
  try {
    return yield* embedder.embed(phase.encoded.user, users ?? allIndices(phase.encoded.user.count), (block) =>
      phase.batcher.queryContext(block, asOf),
    )
  } finally {
    await embedder.dispose()
  }
}

function allIndices(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i)
}
