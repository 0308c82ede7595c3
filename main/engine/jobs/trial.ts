/**
 * A trial of a search: fits a spec on the train part, epoch by epoch up to a gate that it does not pass, and measures its best epoch on the
 * validation part. It leaves its numbers and the ranks of what is held out there, by which trials are compared user by user. The test part
 * is not looked at, nothing is fitted again, and there is no model in the end.
 */
import { mkdir } from 'node:fs/promises'
import { badInput } from '../../contract/errors.ts'
import { cutsOf } from '../../contract/metrics.ts'
import type { Dataset } from '../dataset/dataset.ts'
import { openDataset } from '../dataset/open.ts'
import { evaluate } from '../evaluation/evaluate.ts'
import { ranksFile, saveRanks } from '../evaluation/ranks.ts'
import { RUN_FILES } from '../model/run-files.ts'
import { type FittedModel, fittedScorer } from '../model/scoring.ts'
import { protocolOfRun } from '../protocol/protocol.ts'
import type { JobContext, JobFact, TrialJob, TrialResult } from '../queue/job-types.ts'
import { describeEnvironment } from './environment.ts'
import { fitBaseline } from './training/baselines.ts'
import { type Fit, fitCosts } from './training/costs.ts'
import { asFacts, numbered } from './training/facts.ts'
import { fitTwoTower } from './training/fit.ts'
import { artefact, writeJson } from './training/write.ts'

export async function* trialJob(job: TrialJob, context: JobContext): AsyncGenerator<JobFact, TrialResult> {
  const started = performance.now()
  const { spec, metric, gates } = job
  await mkdir(job.runFolder, { recursive: true })
  yield { kind: 'environment', environment: await describeEnvironment(job.threads, job.executor) }
  yield* writeJson(job.runFolder, RUN_FILES.spec, spec)
  const dataset = await openDataset(job.datasetFolder, job.datasetRecord)
  let value: number | null = null
  const measure = async function* (model: FittedModel): AsyncGenerator<JobFact, void> {
    value = yield* measureOnValidation(job, dataset, model, context)
  }
  const ended = (fit: Fit, isPaused = false): TrialResult => ({ ...fitCosts(fit, started), isPaused, value })
  if (spec.model === 'blend') throw badInput('A blend is no trial: its runs are what is searched over.', 'spec.model')
  if (spec.model !== 'two-tower') {
    const fitted = yield* numbered(fitBaseline(job, spec, dataset, context, { isTrial: true }))
    yield* measure(fitted.model)
    return ended(fitted)
  }
  const fitted = yield* numbered(fitTwoTower({ ...job, members: [] }, spec, dataset, context, { gates, metric, measure }))
  try {
    if (fitted.isPaused === true)
      value = fitted.phase.state.counters.log.reduce((best: number | null, { validation }) => better(best, validation[metric]), null)
    return ended({ ...fitted, examples: fitted.steps * fitted.phase.batch }, fitted.isPaused)
  } finally {
    await fitted.phase.dispose()
  }
}

const better = (best: number | null, value: number | undefined): number | null =>
  value === undefined || (best !== null && best >= value) ? best : value

/** Keeps the metrics and ranks of a model that knows train alone. @returns the metric of the search */
async function* measureOnValidation(
  { runFolder, spec, metric }: TrialJob,
  dataset: Dataset,
  model: FittedModel,
  { threads, signal }: JobContext,
): AsyncGenerator<JobFact, number | null> {
  const protocol = protocolOfRun(spec, dataset.manifest, 'validation')
  const scorer = await fittedScorer(model, dataset, threads)
  try {
    const k = [...new Set([...spec.evaluation.k, ...cutsOf([metric])])]
    const { metrics, ranks } = yield* asFacts(evaluate({ dataset, protocol, k, scorer, keepRanks: true }), signal)
    await saveRanks(runFolder, protocol, ranks!)
    yield await artefact(runFolder, ranksFile(protocol.hash))
    yield { kind: 'metrics', protocol, metrics }
    return metrics[metric] ?? null
  } finally {
    await scorer.dispose?.()
  }
}
