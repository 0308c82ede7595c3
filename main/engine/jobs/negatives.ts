/**
 * The negative laboratory: one batch of a run as training would see it, by the weights that learned from train alone, with its own negatives
 * or another mix of them; and a trial that trains on from the same weights by both and measures the validation part.
 */
import { badInput, Cancelled } from '../../contract/errors.ts'
import type { TwoTowerSpec } from '../../contract/shapes/spec.ts'
import type { NegativesResult } from '../../contract/verbs/negatives.ts'
import type { Dataset } from '../dataset/dataset.ts'
import { openDataset } from '../dataset/open.ts'
import { heldOut } from '../evaluation/held-out.ts'
import { batchOf } from '../evaluation/negatives/batch.ts'
import { heatOf } from '../evaluation/negatives/heat.ts'
import { lookAt } from '../evaluation/negatives/look.ts'
import { mixedSpec } from '../evaluation/negatives/mix.ts'
import { runFile, RUN_FILES } from '../model/run-files.ts'
import { TRAIN_TOWERS } from '../model/towers.ts'
import { protocolOfRun } from '../protocol/protocol.ts'
import type { JobContext, JobFact, NegativesJob } from '../queue/job-types.ts'
import { Catalogue } from '../serving/catalogue.ts'
import { prepareTraining, type TrainingSetup } from '../training/loop/setup.ts'
import { type Trained, trainedFiles } from '../training/loop/warm-start.ts'
import { asFacts } from './training/facts.ts'
import { mineNegatives } from './training/mine.ts'
import { createMeasures } from './training/validation.ts'

/** Users whose lists a trial is measured by, at most. */
const USERS = 2000
/** Times that a trial is measured. */
const POINTS = 4

export async function* negativesJob(
  { ask, ...place }: NegativesJob,
  { threads, signal }: JobContext,
): AsyncGenerator<JobFact, NegativesResult> {
  const { spec } = place
  if (spec.model !== 'two-tower') throw badInput(`A run of ${spec.model} learns from no negatives: ask a two-tower.`, 'run')
  const dataset = await openDataset(place.datasetFolder, place.datasetRecord)
  if (dataset.manifest.parts.validation === 0)
    throw badInput(`Dataset ${dataset.manifest.name} has no validation part to know liked items by: import it with another split.`, 'run')
  const files = place.fileRecords.some(({ path }) => path === TRAIN_TOWERS.weights) ? TRAIN_TOWERS : RUN_FILES
  if (spec.training.finalFit && files === RUN_FILES)
    throw badInput('What this run keeps has learned from the validation part too (Pylon before 0.7): train it again.', 'run')
  const trained = await trainedFiles({ encoders: await runFile(place, files.encoders), weights: await runFile(place, files.weights) })
  const mix = mixedSpec(spec, ask)
  const phase = yield* asFacts(prepareTraining({ spec: mix, dataset, parts: ['train'], threads, warm: trained }), signal)
  try {
    await mine(phase, threads)
    const batch = yield* asFacts(batchOf(phase, ask.batch, threads), signal)
    const held = heldOut(dataset, protocolOfRun(spec, dataset.manifest, 'validation'))
    const look = yield* asFacts(lookAt(phase, batch, held, threads), signal)
    const catalogue = await Catalogue.open(place.datasetFolder, place.datasetRecord)
    const heat = await heatOf(phase, batch, look, await catalogue.titles('item'))
    const { gradients: _, kinds: __, ...told } = look
    const { loss, extraNegatives } = mix
    const sampler = 'sampler' in loss ? loss.sampler : null
    return {
      ...told,
      run: place.run,
      mix: {
        loss: loss.kind,
        sampler: sampler?.kind ?? null,
        alpha: sampler?.kind === 'popularity' ? sampler.alpha : null,
        drawn: 'negatives' in loss ? loss.negatives : 0,
        hard: extraNegatives.mined === null ? null : 1 / (1 + extraNegatives.mined.easyPerHard),
        temperature: batch.temperature,
      },
      heat,
      trial: ask.trial === 0 ? null : yield* trialOf({ spec, phase, dataset, trained, ask, threads, signal }),
    }
  } finally {
    await phase.dispose()
  }
}

interface Trial {
  readonly spec: TwoTowerSpec
  /** of the mix, its weights those of the run */
  readonly phase: TrainingSetup
  readonly dataset: Dataset
  readonly trained: Trained
  readonly ask: NegativesJob['ask']
  readonly threads: number
  readonly signal: AbortSignal
}

/** Both go the same batches, from the same weights, at the learning rates of the spec, their optimizers begun anew. */
async function* trialOf({ spec, phase, dataset, trained, ask, threads, signal }: Trial): AsyncGenerator<JobFact, NegativesResult['trial']> {
  const arm = { ask, threads, signal }
  const mixed = yield* trainOn(phase, { ...arm, note: 'mix' })
  const own = yield* asFacts(prepareTraining({ spec, dataset, parts: ['train'], threads, warm: trained }), signal)
  try {
    await mine(own, threads)
    const asRun = yield* trainOn(own, { ...arm, note: 'run' })
    return {
      steps: ask.trial,
      metric: ask.metric,
      users: Math.min(USERS, heldOut(dataset, protocolOfRun(spec, dataset.manifest, 'validation')).users.length),
      points: asRun.map(({ step, value }, i) => ({ step, run: value, mix: mixed[i]!.value })),
    }
  } finally {
    await own.dispose()
  }
}

async function* trainOn(
  phase: TrainingSetup,
  { ask, threads, signal, note }: Pick<Trial, 'ask' | 'threads' | 'signal'> & { readonly note: string },
): AsyncGenerator<JobFact, { step: number; value: number }[]> {
  const { spec, state, step, batch, order } = phase
  const earlyStopping = { patience: 1, everyEpochs: 1, ...spec.training.earlyStopping, metric: ask.metric, maxUsers: USERS }
  const measures = createMeasures({ ...phase, spec: { ...spec, training: { ...spec.training, earlyStopping } } }, threads, true)
  const measure = async (): Promise<number> => {
    const metrics = await step.evaluating(measures.validate!)
    const value = metrics[ask.metric]
    if (value === undefined) throw badInput(`There is no metric "${ask.metric}". There are ${Object.keys(metrics).join(', ')}.`, 'metric')
    return value
  }
  const points = [{ step: 0, value: await measure() }]
  const perEpoch = Math.max(1, Math.floor(order.examples / batch))
  let positions = order.of(0)
  for (let n = 1; n <= ask.trial; n++) {
    const at = (n - 1) % perEpoch
    if (at === 0 && n > 1) positions = order.of((n - 1) / perEpoch)
    const loss = await step.run(state, positions.subarray(at * batch, (at + 1) * batch), n, 1)
    if (!Number.isFinite(loss))
      throw badInput(`The loss became ${loss} at step ${n} of the trial: ask for a higher temperature.`, 'temperature')
    if (n % Math.max(1, Math.round(ask.trial / POINTS)) === 0 || n === ask.trial) points.push({ step: n, value: await measure() })
    if (n % 5 === 0) yield { kind: 'progress', progress: { stage: 'trial', done: n, total: ask.trial, unit: 'steps', note } }
    if (signal.aborted) throw new Cancelled()
  }
  return points
}

/** Hard negatives as of now, where the spec wants any: a run that had begun with them has them. */
function mine(phase: TrainingSetup, threads: number): Promise<void> {
  return mineNegatives(phase, phase.spec.extraNegatives.mined?.startEpoch ?? 1, threads)
}
