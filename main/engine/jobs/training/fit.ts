/**
 * Fits a two-tower model with checkpoints: first the epoch is chosen on the validation part, then, where the spec wants a final
 * fit, the model is trained again on train and validation for as many epochs. A stop at any point leaves a checkpoint from which a
 * resumed run goes on to the same numbers.
 */
import { existsSync } from 'node:fs'
import { Cancelled, notFound } from '../../../contract/errors.ts'
import type { Part } from '../../../contract/shapes/dataset.ts'
import type { TwoTowerSpec } from '../../../contract/shapes/spec.ts'
import { takeRows } from '../../ann/scale-vectors.ts'
import type { Dataset } from '../../dataset/dataset.ts'
import {
  checkBest,
  type Chosen,
  findCheckpoint,
  loadBest,
  loadCheckpoint,
  saveBest,
  saveCheckpoint,
} from '../../training/state/checkpoint.ts'
import { type TrainingSetup, prepareTraining } from '../../training/loop/setup.ts'
import { trainLoop } from '../../training/loop/run.ts'
import { type Trained, trainedFiles, trainedState } from '../../training/loop/warm-start.ts'
import { type RecordedFiles, RUN_FILES, runFile } from '../../model/run-files.ts'
import type { JobContext, JobFact, TrainJob } from '../../queue/job-types.ts'
import { type Before, collapse, factsOf, passes, warning } from './fit-facts.ts'
import { describeEnvironment } from '../environment.ts'
import { EpochKeeper } from './epochs.ts'
import { asFacts } from './facts.ts'
import { mineNegatives } from './mine.ts'
import { createMeasures, type Measures } from './validation.ts'
import { keepTrainModel, vectorsAsOf } from './keep.ts'
import { chooseSettings } from './choose.ts'
import { startFromSpectral } from './spectral.ts'
import type { SpectralSettings } from '../../training/spectral/start.ts'
import type { VectorModel } from '../../model/scoring.ts'
import type { Gate } from '../../search/stopping.ts'
import { writeJson } from './write.ts'

/** How often a checkpoint is written inside an epoch. */
const CHECKPOINT_MS = 30_000

export interface Fitted {
  /** the model to keep, its weights in the phase's state */
  readonly phase: TrainingSetup
  readonly bestEpoch: number
  readonly epochs: number
  readonly steps: number
  readonly seconds: number
  /** a trial that did not pass a gate: the weights are the last ones */
  readonly isPaused?: boolean
  /** another process trained it */
  readonly isElsewhere?: boolean
}

/** A trial of a search: it is fitted on train alone. */
export interface TrialRules {
  readonly gates: readonly Gate[]
  /** of the validation part */
  readonly metric: string
  /** what is to be done with the vectors of the best epoch */
  readonly measure: (model: VectorModel) => AsyncGenerator<JobFact, void>
}

const NOTHING: Before = { epochs: 0, steps: 0 }

/** What a phase is driven by. */
interface Drive {
  readonly job: TrainJob
  readonly context: JobContext
  readonly phase: TrainingSetup
  readonly epochs: number
  /** how the epoch was chosen, when this is the final fit */
  readonly chosen: Chosen | null
  readonly before: Before
  readonly start: SpectralSettings | null
  readonly measures: Measures
  readonly trial?: TrialRules | null
  /** of the vectors of its epochs; none of a final fit */
  readonly keeper?: EpochKeeper | null
}

export async function* fitTwoTower(
  job: TrainJob,
  asked: TwoTowerSpec,
  dataset: Dataset,
  context: JobContext,
  trial: TrialRules | null = null,
): AsyncGenerator<JobFact, Fitted> {
  const found = job.resume ? await findCheckpoint(job.runFolder) : null
  const note = found?.note ?? null
  for (const text of found?.warnings ?? []) yield warning(text)
  if (job.resume && note === null) yield { kind: 'resumed', step: 0, epoch: 0 }
  // a checkpoint is of settings that were chosen before it
  const spec = note === null && asked.training.choose.length > 0 ? yield* chooseSettings(job, asked, dataset, context) : asked
  if (spec !== asked) {
    yield { kind: 'settled', spec }
    yield* writeJson(job.runFolder, RUN_FILES.spec, spec)
  }
  const hasValidation = dataset.manifest.parts.validation > 0
  const willRefit = spec.training.finalFit && hasValidation && trial === null
  let chosen = note?.chosen ?? null
  let start = note?.start ?? null
  /** what the final fit goes on from; let go once it has been taken over */
  const kept: { trained: Trained | null } = { trained: null }

  if (chosen === null) {
    const phase = yield* prepare(job, spec, dataset, ['train'], context, note === null ? await warmModel(job) : null)
    if (note !== null) yield* resume(job, phase, NOTHING)
    else start = yield* begin(phase, ['train'], null, context)
    if (hasValidation && phase.state.counters.bestValue !== null) await checkBest(job.runFolder)
    if (!hasValidation) yield warning('The dataset has no validation part: every epoch is trained and the last is kept.')
    const keeper = new EpochKeeper(job, phase.model.dim, note === null ? null : phase.state.counters.epoch)
    const measures = createMeasures(phase, context.threads, hasValidation, keeper.keeps)
    if (note === null && start !== null) yield* measureStart(job, phase, measures, keeper)
    const isPaused = yield* drive({
      job,
      context,
      phase,
      epochs: spec.training.epochs,
      chosen: null,
      before: NOTHING,
      start,
      measures,
      trial,
      keeper,
    })
    const { bestEpoch, epoch, step, seconds } = phase.state.counters
    if (isPaused) return { phase, bestEpoch, epochs: epoch, steps: step, seconds, isPaused }
    const curve = { epochs: spec.training.epochs, stepsPerEpoch: Math.floor(phase.order.examples / phase.batch) }
    chosen = { bestEpoch, epochs: epoch, steps: step, seconds, curve }
    if (bestEpoch < epoch) await loadBest(job.runFolder, phase.state)
    else phase.step.keepAverages()
    if (hasValidation && bestEpoch === 0 && epoch > 0)
      yield warning(
        'No epoch was better on validation than the start in closed form: that is what is kept. Other settings may train better.',
      )
    if (hasValidation) yield* keepChosen(job, phase, context, trial, { keeper, watched: measures.watched })
    else yield* keeper.finish(bestEpoch, null)
    if (!willRefit) return { phase, ...chosen }
    if (doneAgain(spec, chosen) !== null) kept.trained = trainedState(phase.state, phase.encoders)
    await phase.dispose()
  }

  const again = doneAgain(spec, chosen)
  const phase = yield* prepare(
    job,
    spec,
    dataset,
    ['train', 'validation'],
    context,
    kept.trained ?? (note?.chosen == null ? await warmModel(job) : null),
  )
  kept.trained = null
  const stepsPerEpoch = Math.floor(phase.order.examples / phase.batch)
  const skipped = again === null ? 0 : chosen.bestEpoch - again
  const before = { epochs: chosen.epochs - skipped, steps: chosen.steps - skipped * stepsPerEpoch }
  if (note?.chosen != null) yield* resume(job, phase, before)
  else if (again !== null) Object.assign(phase.state.counters, { epoch: skipped, step: skipped * stepsPerEpoch })
  else yield* begin(phase, ['train', 'validation'], start, context)
  yield {
    kind: 'message',
    level: 'info',
    text: finalFitText(chosen.bestEpoch, again),
  }
  const measures = createMeasures(phase, context.threads, false)
  yield* drive({ job, context, phase, epochs: chosen.bestEpoch, chosen, before, start, measures })
  phase.step.keepAverages()
  const { epoch, step, seconds } = phase.state.counters
  return {
    phase,
    bestEpoch: chosen.bestEpoch,
    epochs: before.epochs + epoch,
    steps: before.steps + step,
    seconds: chosen.seconds + seconds,
  }
}

/** Fills a fresh model from the closed form where its spec says so; null where it does not. @param known what the pass before chose */
async function* begin(
  phase: TrainingSetup,
  parts: readonly Part[],
  known: SpectralSettings | null,
  context: JobContext,
): AsyncGenerator<JobFact, SpectralSettings | null> {
  const { init } = phase.spec.training
  return init.kind === 'spectral' ? yield* startFromSpectral(phase, init, parts, known, context) : null
}

/** Takes a start in closed form for the best so far, as epoch 0, so that training never ends below it. */
async function* measureStart(
  job: TrainJob,
  { spec, state, step }: TrainingSetup,
  { validate, take }: Measures,
  keeper: EpochKeeper,
): AsyncGenerator<JobFact, void> {
  const { epochs, earlyStopping } = spec.training
  if (validate === null || earlyStopping === null || epochs === 0) return
  const { metric } = earlyStopping
  const value = (await step.evaluating(validate))[metric]
  if (value === undefined) return // which the first epoch refuses
  state.counters.bestValue = value
  await keeper.keep(0, 0, take())
  await step.evaluating(() => saveBest(job.runFolder, state))
  yield { kind: 'message', level: 'info', text: `Before the first epoch it reaches ${metric} ${value.toFixed(4)} on the validation part.` }
}

/** Writes the vectors of the pass that learned from train alone, and what they reach on the whole validation part. */
async function* keepChosen(
  job: TrainJob,
  phase: TrainingSetup,
  context: JobContext,
  trial: TrialRules | null,
  { keeper, watched }: { readonly keeper: EpochKeeper; readonly watched: Int32Array },
): AsyncGenerator<JobFact, void> {
  const { dataset, state } = phase
  const fitted = yield* vectorsAsOf(phase, 'train', context)
  if (trial !== null) return yield* trial.measure(fitted)
  const { items, users } = fitted
  const width = users.length / dataset.manifest.users
  yield* keeper.finish(state.counters.bestEpoch, { items, userRows: watched, users: takeRows(users, watched, width) })
  yield* keepTrainModel(job, phase, context, fitted)
}

async function* prepare(
  job: TrainJob,
  spec: TwoTowerSpec,
  dataset: Dataset,
  parts: readonly Part[],
  context: JobContext,
  /** what to start from; what a checkpoint will overwrite needs none */
  warm: Trained | null,
): AsyncGenerator<JobFact, TrainingSetup> {
  return yield* asFacts(prepareTraining({ spec, dataset, parts, threads: job.threads, warm, executor: job.executor }), context.signal)
}

/** How many epochs a final fit does again from the best epoch's weights; null where it starts anew. */
function doneAgain({ training: { finalFitShare } }: TwoTowerSpec, { bestEpoch }: Chosen): number | null {
  return finalFitShare === null || bestEpoch === 0 ? null : Math.max(1, Math.round(finalFitShare * bestEpoch))
}

function finalFitText(best: number, again: number | null): string {
  if (best === 0) return 'Fitting again on train + validation.'
  return again === null
    ? `Epoch ${best} was best on validation; training again on train + validation for as many epochs.`
    : `Epoch ${best} was best on validation; going on from it with train + validation, the last ${again} epochs once more.`
}

/** The run that a spec starts from; null where it starts from none. */
async function warmModel({ warmStart }: TrainJob): Promise<Trained | null> {
  return warmStart === null ? null : await trainedFiles(await warmFiles(warmStart))
}

/** @throws PylonError not-found where the run is no longer there; bad-data where its files are not what was written */
async function warmFiles(run: RecordedFiles): Promise<{ encoders: string; weights: string }> {
  if (!existsSync(run.runFolder)) throw notFound('The run to start from has no model any more.', 'training.warmStart')
  return { encoders: await runFile(run, RUN_FILES.encoders), weights: await runFile(run, RUN_FILES.weights) }
}

async function* resume(job: TrainJob, phase: TrainingSetup, before: Before): AsyncGenerator<JobFact, void> {
  await loadCheckpoint(job.runFolder, phase.state)
  const { step, epoch, stepInEpoch } = phase.state.counters
  yield { kind: 'resumed', step: step + before.steps, epoch: epoch + before.epochs }
  yield {
    kind: 'message',
    level: 'info',
    text: `Going on in epoch ${epoch + 1 + before.epochs}, after ${stepInEpoch} of its steps.`,
  }
}

/** What the executor found out while it ran, in the run's log and beside its name. */
async function* tellExecutor({ threads, executor }: TrainJob, phase: TrainingSetup): AsyncGenerator<JobFact, void> {
  for (const text of phase.takeNotes()) {
    yield { kind: 'message', level: 'info', text }
    const environment = await describeEnvironment(threads, executor)
    yield { kind: 'environment', environment: { ...environment, executorVersion: `${environment.executorVersion}. ${text}` } }
  }
}

/** Drains the loop: facts out, checkpoints on the way, a stop where one was asked. @returns whether a gate was not passed */
async function* drive({
  job,
  context,
  phase,
  epochs,
  chosen,
  before,
  start,
  measures,
  trial = null,
  keeper = null,
}: Drive): AsyncGenerator<JobFact, boolean> {
  const { state } = phase
  const { validate, watch } = measures
  const save = (): Promise<void> => saveCheckpoint(job.runFolder, state, { chosen, start })
  const loop = trainLoop(
    {
      spec: phase.spec.training,
      epochs,
      curve: chosen?.curve ?? null,
      order: phase.order,
      batch: phase.batch,
      step: (rows, n, factor) => phase.step.run(state, rows, n, factor),
      beforeEpoch: (epoch) => mineNegatives(phase, epoch, context.threads),
      validate: validate === null ? null : () => phase.step.evaluating(validate),
      watch: () => phase.step.evaluating(watch),
    },
    state,
  )
  let saved = performance.now()
  for await (const event of loop) {
    yield* tellExecutor(job, phase)
    yield* factsOf(event, before, { epochs, stage: chosen === null ? 'train' : 'final fit' })
    const isEpoch = event.kind === 'epoch'
    // the final fit goes the way of the pass before it, and nothing is left to judge it by
    const alarm = isEpoch && chosen === null ? await collapse(phase, event.row, measures) : null
    if (alarm !== null) yield warning(`Epoch ${state.counters.epoch}: ${alarm}`)
    if (isEpoch && event.improved && validate !== null) await phase.step.evaluating(() => saveBest(job.runFolder, state))
    if (isEpoch) await keeper?.keep(state.counters.epoch, state.counters.bestEpoch, measures.take())
    if (isEpoch || context.signal.aborted || performance.now() - saved > CHECKPOINT_MS) {
      await save()
      saved = performance.now()
    }
    if (context.signal.aborted) throw new Cancelled('Stopped; a checkpoint was written.')
    if (isEpoch && trial !== null && !passes(trial, state.counters.log)) return true
  }
  return false
}
