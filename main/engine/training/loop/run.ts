/**
 * The training loop, an async generator: it yields what happened and returns when training has ended. What it does depends only
 * on the spec, the data and the state it starts from, so that a run stopped anywhere and resumed from its checkpoint ends as if it
 * had never stopped.
 */
import type { EpochRow } from '../../../contract/shapes/run.ts'
import type { TrainingSpec } from '../../../contract/shapes/spec.ts'
import type { Metrics } from '../../../contract/shapes/protocol.ts'
import { PylonError } from '../../../contract/errors.ts'
import type { EpochOrder } from './order.ts'
import { scheduleFactor } from './schedule.ts'
import type { TrainingState } from '../state/state.ts'

/** Loss of a stretch of steps: mean over the steps since the row before. */
export interface StepLoss {
  readonly step: number
  readonly epoch: number
  readonly loss: number
  readonly learningRate: number
  readonly examplesPerSecond: number
}

export type TrainingEvent =
  /** something was done: a chance to report, to stop, or to save */
  | { readonly kind: 'step'; readonly examplesDone: number; readonly examplesTotal: number; readonly losses: readonly StepLoss[] }
  | { readonly kind: 'epoch'; readonly row: EpochRow; readonly improved: boolean }

/** A learning-rate curve: of a pass of so many epochs of so many steps. */
export interface Curve {
  readonly epochs: number
  readonly stepsPerEpoch: number
}

export interface TrainingLoop {
  readonly spec: TrainingSpec
  /** epochs to train; the spec's, or the best epoch found before for a final fit */
  readonly epochs: number
  /** whose learning-rate curve it follows, epoch by epoch; default: its own */
  readonly curve?: Curve | null
  readonly order: EpochOrder
  readonly batch: number
  readonly step: (positions: Int32Array, step: number, factor: number) => Promise<number>
  /** work due before an epoch (from 1) begins, such as mining negatives */
  readonly beforeEpoch?: (epoch: number) => Promise<void>
  /** metrics on the validation part, or null: then every epoch counts as the best so far */
  readonly validate: (() => Promise<Metrics>) | null
  /** what is measured after an epoch without a validation */
  readonly watch?: () => Promise<Metrics>
}

/** Rows of loss kept an epoch. */
const LOSS_ROWS = 50
/** How often the loop yields between epochs, in milliseconds. */
const YIELD_MS = 100

/**
 * Trains from `state` on, in place. Yields often; whoever drains it may save the state at any yield, and must save the best
 * weights at an epoch with `improved`.
 * @throws PylonError bad-data where the loss is no number any more
 */
export async function* trainLoop(loop: TrainingLoop, state: TrainingState): AsyncGenerator<TrainingEvent, void> {
  const { counters } = state
  const stepsPerEpoch = Math.floor(loop.order.examples / loop.batch)
  while (counters.epoch < loop.epochs && !patienceIsOver(loop.spec, state)) {
    yield* trainEpoch(loop, state, stepsPerEpoch)
    const row = await finishEpoch(loop, state, stepsPerEpoch)
    const improved = counters.bestEpoch === row.epoch
    yield { kind: 'epoch', row, improved }
  }
}

/** What the learning rates are multiplied by at a step: where that step is on the curve. */
function factorAt({ spec, epochs, curve }: TrainingLoop, step: number, stepsPerEpoch: number): number {
  const followed = curve ?? { epochs, stepsPerEpoch }
  const place = (step * followed.stepsPerEpoch) / stepsPerEpoch
  return scheduleFactor(spec.schedule, place, followed.stepsPerEpoch, followed.stepsPerEpoch * followed.epochs)
}

async function* trainEpoch(loop: TrainingLoop, state: TrainingState, stepsPerEpoch: number): AsyncGenerator<TrainingEvent, void> {
  const { counters } = state
  const totalSteps = stepsPerEpoch * loop.epochs
  if (counters.stepInEpoch === 0) await loop.beforeEpoch?.(counters.epoch + 1)
  const order = loop.order.of(counters.epoch)
  const every = Math.max(1, Math.floor(stepsPerEpoch / LOSS_ROWS))
  let losses: StepLoss[] = []
  /** spent in steps since the last row of loss or since a resume, and how many; what happens between yields is not training */
  let [busy, busySteps] = [0, 0]
  let [started, yielded] = [performance.now(), performance.now()]
  while (counters.stepInEpoch < stepsPerEpoch) {
    const at = counters.stepInEpoch * loop.batch
    const step = counters.step + 1
    const factor = factorAt(loop, step, stepsPerEpoch)
    const stepped = performance.now()
    const loss = await loop.step(order.subarray(at, at + loop.batch), step, factor)
    if (!Number.isFinite(loss)) throw diverged(loss, step)
    counters.step = step
    counters.stepInEpoch++
    counters.lossSum += loss
    counters.rowLoss += loss
    counters.rowSteps++
    busy += performance.now() - stepped
    busySteps++
    if (step % every === 0) {
      const learningRate = loop.spec.tables.learningRate * factor
      const examplesPerSecond = (1000 * busySteps * loop.batch) / Math.max(1e-3, busy)
      losses.push({ step, epoch: counters.epoch + 1, loss: counters.rowLoss / counters.rowSteps, learningRate, examplesPerSecond })
      Object.assign(counters, { rowLoss: 0, rowSteps: 0 })
      ;[busy, busySteps] = [0, 0]
    }
    const now = performance.now()
    if (now - yielded >= YIELD_MS) {
      counters.epochSeconds += (now - started) / 1000
      yield { kind: 'step', examplesDone: counters.step * loop.batch, examplesTotal: totalSteps * loop.batch, losses }
      losses = []
      started = yielded = performance.now()
    }
  }
  counters.epochSeconds += (performance.now() - started) / 1000
  if (losses.length > 0) yield { kind: 'step', examplesDone: counters.step * loop.batch, examplesTotal: totalSteps * loop.batch, losses }
}

/** Closes an epoch: validation, the best so far, the counters of the next. */
async function finishEpoch(loop: TrainingLoop, state: TrainingState, stepsPerEpoch: number): Promise<EpochRow> {
  const { counters } = state
  const epoch = counters.epoch + 1
  const stopping = loop.spec.earlyStopping
  const due = loop.validate !== null && (epoch % (stopping?.everyEpochs ?? 1) === 0 || epoch === loop.epochs)
  const validation = due ? await loop.validate() : ((await loop.watch?.()) ?? {})
  const row: EpochRow = {
    epoch,
    loss: counters.lossSum / stepsPerEpoch,
    examplesPerSecond: (stepsPerEpoch * loop.batch) / Math.max(1e-9, counters.epochSeconds),
    learningRate: loop.spec.tables.learningRate * factorAt(loop, counters.step, stepsPerEpoch),
    validation,
  }
  counters.log.push(row)
  counters.seconds += counters.epochSeconds
  counters.epochSeconds = 0
  counters.epoch = epoch
  counters.stepInEpoch = 0
  counters.lossSum = 0
  Object.assign(counters, { rowLoss: 0, rowSteps: 0 })
  if (loop.validate === null || stopping === null) counters.bestEpoch = epoch
  else if (due) rank(state, epoch, validation, stopping.metric)
  return row
}

function rank({ counters }: TrainingState, epoch: number, validation: Metrics, metric: string): void {
  const value = validation[metric]
  if (value === undefined) {
    throw new PylonError(
      'bad-input',
      `There is no metric "${metric}". There are ${Object.keys(validation).join(', ')}.`,
      'training.earlyStopping.metric',
    )
  }
  if (counters.bestValue === null || value > counters.bestValue) {
    Object.assign(counters, { bestEpoch: epoch, bestValue: value, sinceBest: 0 })
  } else {
    counters.sinceBest++
  }
}

function patienceIsOver(spec: TrainingSpec, { counters }: TrainingState): boolean {
  return spec.earlyStopping !== null && counters.sinceBest >= spec.earlyStopping.patience
}

function diverged(loss: number, step: number): PylonError {
  return new PylonError(
    'bad-data',
    `The loss became ${loss} at step ${step}. Lower training.tables.learningRate and training.dense.learningRate, or raise match.temperature.`,
  )
}
