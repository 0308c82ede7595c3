/**
 * The training job: fits a model, embeds everything, builds the index, evaluates on the test part beside most-popular, and leaves
 * the run's folder complete. Everything after the fit is made again by a resumed run, from the fit's last checkpoint.
 */
import { cutsOf, metricAtCut } from '../../contract/metrics.ts'
import { mkdir } from 'node:fs/promises'
import type { Metrics, Protocol } from '../../contract/shapes/protocol.ts'
import type { TrainResult } from '../../contract/shapes/run.ts'
import type { TwoTowerSpec } from '../../contract/shapes/spec.ts'
import { fittedParts, mostPopularScorer } from '../evaluation/baselines.ts'
import { isFunction, metricOf } from '../towers/metric.ts'
import { evaluate } from '../evaluation/evaluate.ts'
import { evaluateWidths, widthsOf } from '../evaluation/widths.ts'
import { type FittedModel, fittedScorer } from '../model/scoring.ts'
import { rescoredBlocks } from '../model/blocks.ts'
import { RESCORED_CANDIDATES } from '../model/retriever.ts'
import { protocolOfRun } from '../protocol/protocol.ts'
import { openDataset } from '../dataset/open.ts'
import type { Dataset } from '../dataset/dataset.ts'
import { RUN_FILES } from '../model/run-files.ts'
import { describeEnvironment } from './environment.ts'
import { fitBaseline } from './training/baselines.ts'
import { fitBlend } from './training/blend.ts'
import { type Fit, fitCosts } from './training/costs.ts'
import { fitElsewhere, placeOf } from './training/elsewhere.ts'
import { fitTwoTower } from './training/fit.ts'
import { asFacts, numbered } from './training/facts.ts'
import { vectorsAsOf } from './training/keep.ts'
import { writeFitted, writeIndex, writeJson, writeModel, writeResults } from './training/write.ts'
import type { JobContext, JobFact, TrainJob } from '../queue/job-types.ts'

interface Trained extends Fit {
  readonly model: FittedModel
}

export async function* train(job: TrainJob, context: JobContext): AsyncGenerator<JobFact, TrainResult> {
  const started = performance.now()
  await mkdir(job.runFolder, { recursive: true })
  yield { kind: 'environment', environment: await describeEnvironment(job.threads, job.executor) }
  yield* writeJson(job.runFolder, RUN_FILES.spec, job.spec)
  const dataset = await openDataset(job.datasetFolder, job.datasetRecord)
  const trained = yield* numbered(fitModel(job, dataset, context))
  yield* writeFitted(job.runFolder, dataset, trained.model)
  const { protocol, metrics, baseline } = yield* evaluateOnTest(job, dataset, trained.model, context)
  yield* writeResults(job.runFolder, protocol, metrics)
  return { run: job.run, ...fitCosts(trained, started), metrics, baseline, protocol }
}

async function* fitModel(job: TrainJob, dataset: Dataset, context: JobContext): AsyncGenerator<JobFact, Trained> {
  const { spec } = job
  if (spec.model === 'two-tower') return yield* trainTwoTower(job, spec, dataset, context)
  if (spec.model !== 'blend') return yield* fitBaseline(job, spec, dataset, context)
  return { model: yield* fitBlend(job, spec, dataset, context), epochs: 0, bestEpoch: 0, seconds: 0, examples: 0 }
}

async function* trainTwoTower(job: TrainJob, asked: TwoTowerSpec, dataset: Dataset, context: JobContext): AsyncGenerator<JobFact, Trained> {
  const elsewhere = await placeOf(job)
  const fitted =
    elsewhere === null ? yield* fitTwoTower(job, asked, dataset, context) : yield* fitElsewhere(elsewhere, job, asked, dataset, context)
  const { phase } = fitted
  const { spec } = phase
  try {
    yield* writeModel(job.runFolder, phase)
    const model = yield* vectorsAsOf(phase, 'train+validation', { signal: context.signal, threads: job.threads })
    yield* writeIndex(job.runFolder, spec, model, context.signal)
    return { ...fitted, model, examples: fitted.steps * phase.batch }
  } finally {
    await phase.dispose()
  }
}

/** The run's metrics on the test part, and most-popular's under the same protocol. */
async function* evaluateOnTest(
  job: TrainJob,
  dataset: Dataset,
  model: FittedModel,
  { signal }: JobContext,
): AsyncGenerator<JobFact, { protocol: Protocol; metrics: Metrics; baseline: Metrics }> {
  const { k } = job.spec.evaluation
  const protocol = protocolOfRun(job.spec, dataset.manifest, 'test')
  if (dataset.manifest.parts.test === 0) {
    yield { kind: 'message', level: 'warning', text: 'The dataset has no test part: there is nothing to evaluate on.' }
    return { protocol, metrics: {}, baseline: {} }
  }
  const popular = yield* asFacts(
    evaluate({ dataset, protocol, k, scorer: mostPopularScorer(dataset, fittedParts(protocol)), diversity: true }),
    signal,
  )
  const scorer = await fittedScorer(model, dataset, job.threads)
  try {
    const { metrics } = yield* asFacts(evaluate({ dataset, protocol, k, scorer, diversity: true }), signal)
    yield* servedRecall(job, dataset, model, protocol, metrics, signal)
    const byWidth = yield* asFacts(
      evaluateWidths({ dataset, protocol, k, model, widths: widthsOf(job.spec), threads: job.threads }),
      signal,
    )
    return { protocol, metrics: { ...metrics, ...byWidth }, baseline: popular.metrics }
  } finally {
    await scorer.dispose?.()
  }
}

/** Where the model matches by a function that no index serves: what is lost by retrieving with the nearest metric and scoring again. */
async function* servedRecall(
  { threads }: TrainJob,
  dataset: Dataset,
  model: FittedModel,
  protocol: Protocol,
  metrics: Metrics,
  signal: AbortSignal,
): AsyncGenerator<JobFact, void> {
  if (model.kind !== 'vectors' || !isFunction(model.matching)) return
  if (model.users.length !== dataset.manifest.users * model.dim) return
  const retriever = await rescoredBlocks({
    userVectors: model.users,
    itemVectors: model.items,
    dim: model.dim,
    matching: model.matching,
    threads,
  })
  try {
    const k = cutsOf(Object.keys(metrics)).at(-1)!
    const served = yield* asFacts(evaluate({ dataset, protocol, k: [k], scorer: retriever, slices: [] }), signal)
    const name = metricAtCut('recall', k)
    const [own, near] = [metrics[name]!, served.metrics[name]!]
    const kept = own === 0 ? '' : ` (${((100 * near) / own).toFixed(1)} %)`
    const text = `The index serves ${metricOf(model.matching)}: its top ${RESCORED_CANDIDATES}, scored again by your function, reach ${name} ${near.toFixed(4)} of ${own.toFixed(4)}${kept}.`
    yield { kind: 'message', level: 'info', text }
  } finally {
    await retriever.dispose()
  }
}
