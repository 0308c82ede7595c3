/**
 * A rolling backtest: in each fold the recipes are trained anew on what lies before its cut, and where asked further from the fold before;
 * each is measured on its period and, left alone, on all later ones. Models live in the job's own folder and go with it.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { badInput } from '../../contract/errors.ts'
import type { BaselineSpec, RunSpec, TwoTowerSpec } from '../../contract/shapes/spec.ts'
import { type BacktestResult, RETRAINING, type Retraining } from '../../contract/verbs/backtest.ts'
import type { Dataset } from '../dataset/dataset.ts'
import { openDataset } from '../dataset/open.ts'
import { amongItems, describeRecipe, type FoldModel, type Period, type PolicyValues, valuesIn } from '../evaluation/backtest/backtest.ts'
import { datasetOf, foldsOf } from '../evaluation/backtest/folds.ts'
import { itemCounts } from '../evaluation/held-out.ts'
import { type MetricAt, metricAt } from '../evaluation/ranks.ts'
import { createBatcher } from '../features/batches.ts'
import { drain } from '../files/drain.ts'
import { type RecordedFiles, RUN_FILES } from '../model/run-files.ts'
import { fittedScorer, type Scorer } from '../model/scoring.ts'
import { protocolOfRun } from '../protocol/protocol.ts'
import type { BacktestJob, JobContext, JobFact } from '../queue/job-types.ts'
import { Embedder } from '../training/embed.ts'
import { embedItems, type TrainingSetup } from '../training/loop/setup.ts'
import { fitBaseline } from './training/baselines.ts'
import { asFacts, changed } from './training/facts.ts'
import { fitTwoTower } from './training/fit.ts'
import { writeTowers } from './training/write.ts'

/** A model of a fold that can be let go, and of towers the files to start from. */
interface Trained extends FoldModel {
  readonly files: RecordedFiles | null
  dispose(): Promise<void>
}

export async function* backtestJob(job: BacktestJob, context: JobContext): AsyncGenerator<JobFact, BacktestResult> {
  const { ask, recipes } = job
  const metric = metricAt(ask.metric)
  const dataset = await openDataset(job.datasetFolder, job.datasetRecord)
  const folds = foldsOf(dataset, ask.folds, ask.start)
  const datasets = folds.map((fold) => datasetOf(dataset, fold))
  const told: BacktestResult['recipes'] = []
  let hashes: string[] | null = null
  for (const { recipe, spec } of recipes) {
    const periods = folds.map((fold, f): Period => {
      const seen = datasets[f]!
      return { ...fold, dataset: seen, protocol: protocolOfRun(spec, seen.manifest, 'test') }
    })
    const own = periods.map(({ protocol }) => protocol.hash)
    if (hashes !== null && own.join() !== hashes.join())
      throw badInput(
        `Recipe "${recipe}" is evaluated otherwise than the first one: set evaluation.seen and evaluation.events alike.`,
        'recipe',
      )
    hashes = own
    told.push(yield* backtestRecipe(job, { recipe, spec, periods, metric }, context))
  }
  return {
    dataset: dataset.manifest.name,
    metric: ask.metric,
    folds: folds.map((fold, f) => {
      const { parts } = datasets[f]!.manifest
      return { ...fold, trained: parts.train, held: parts.test, protocol: hashes![f]! }
    }),
    recipes: told,
  }
}

interface OneRecipe {
  readonly recipe: string
  readonly spec: RunSpec
  readonly periods: readonly Period[]
  readonly metric: MetricAt
}

async function* backtestRecipe(
  job: BacktestJob,
  { recipe, spec, periods, metric }: OneRecipe,
  context: JobContext,
): AsyncGenerator<JobFact, BacktestResult['recipes'][number]> {
  const asked = job.ask.policy.length === 0 ? RETRAINING : job.ask.policy
  const has = (policy: Retraining): boolean =>
    asked.includes(policy) && (spec.model === 'two-tower' || policy === 'never' || policy === 'full')
  const fresh: (Float64Array | null)[][] = []
  const [never, items, warm, full]: Float64Array[][] = [[], [], [], []]
  const seconds = { first: 0, warm: 0, full: 0 }
  let before: RecordedFiles | null = null
  for (const [f, period] of periods.entries()) {
    const note = `${recipe}, fold ${f + 1} of ${periods.length}`
    const place = join(context.temp, `${recipe}-${f}`)
    const model = yield* noted(train(job, spec, period.dataset, `${place}-full`, null, context), note)
    try {
      seconds.full += model.seconds
      if (f === 0) {
        seconds.first = seconds.warm = model.seconds
        before = model.files
      }
      const row: (Float64Array | null)[] = periods.map(() => null)
      for (const [g, later] of periods.entries()) {
        if (g < f) continue
        const scorer = await model.scorer(later.dataset)
        row[g] = yield* noted(asFacts(valuesIn(later, scorer, metric), context.signal), note)
        if (f === 0) {
          const isThere = Uint8Array.from(itemCounts(period.dataset, ['train']), (count) => Number(count > 0))
          never!.push(yield* noted(asFacts(valuesIn(later, amongItems(scorer, isThere), metric), context.signal), note))
          items!.push(row[g])
        }
        await scorer.dispose?.()
      }
      fresh.push(row)
      full!.push(row[f]!)
    } finally {
      await model.dispose()
    }
    if (!has('warm')) continue
    if (f === 0) warm!.push(full![0]!)
    else {
      const further = yield* noted(train(job, spec, period.dataset, `${place}-warm`, before, context), `${note}, warm start`)
      try {
        seconds.warm += further.seconds
        before = further.files
        const scorer = await further.scorer(period.dataset)
        warm!.push(yield* noted(asFacts(valuesIn(period, scorer, metric), context.signal), note))
        await scorer.dispose?.()
      } finally {
        await further.dispose()
      }
    }
  }
  const all: PolicyValues[] = [
    { policy: 'never', values: never!, seconds: seconds.first },
    { policy: 'items', values: items!, seconds: seconds.first },
    { policy: 'warm', values: warm!, seconds: seconds.warm },
    { policy: 'full', values: full!, seconds: seconds.full },
  ]
  return describeRecipe(
    recipe,
    periods,
    fresh,
    all.filter(({ policy }) => policy === 'never' || has(policy)),
  )
}

async function* train(
  job: BacktestJob,
  spec: RunSpec,
  dataset: Dataset,
  runFolder: string,
  warmStart: RecordedFiles | null,
  context: JobContext,
): AsyncGenerator<JobFact, Trained> {
  await mkdir(runFolder, { recursive: true })
  if (spec.model === 'blend') throw badInput('A blend is of finished runs: backtest its recipes.', 'recipe')
  if (spec.model !== 'two-tower') return yield* trainBaseline(spec, dataset, runFolder, context)
  const epochs = warmStart === null ? spec.training.epochs : job.ask.warmEpochs
  return yield* trainTowers(job, { ...spec, training: { ...spec.training, epochs } }, dataset, { runFolder, warmStart }, context)
}

async function* trainBaseline(
  spec: BaselineSpec,
  dataset: Dataset,
  runFolder: string,
  context: JobContext,
): AsyncGenerator<JobFact, Trained> {
  const { model, seconds } = yield* fitBaseline({ runFolder }, spec, dataset, context)
  return {
    seconds,
    files: null,
    scorer: (period) => fittedScorer(model, period, context.threads),
    dispose: () => Promise.resolve(),
  }
}

async function* trainTowers(
  { datasetFolder, datasetRecord }: BacktestJob,
  spec: TwoTowerSpec & { readonly model: 'two-tower' },
  dataset: Dataset,
  { runFolder, warmStart }: { readonly runFolder: string; readonly warmStart: RecordedFiles | null },
  context: JobContext,
): AsyncGenerator<JobFact, Trained> {
  const started = performance.now()
  const { threads } = context
  const place = { run: 'backtest', runFolder, fileRecords: [], datasetFolder, datasetRecord, spec }
  const { phase } = yield* fitTwoTower({ ...place, resume: false, warmStart, members: [], threads }, spec, dataset, context)
  const fileRecords: RecordedFiles['fileRecords'][number][] = []
  for await (const fact of writeTowers(runFolder, phase, RUN_FILES)) if (fact.kind === 'artefact') fileRecords.push(fact.artefact)
  const items = yield* asFacts(embedItems(phase, threads), context.signal)
  const seconds = (performance.now() - started) / 1000
  return {
    seconds,
    files: { runFolder, fileRecords },
    scorer: (period) => scorerIn(phase, items, period, threads),
    dispose: () => phase.dispose(),
  }
}

/** The towers as they were trained, for users as they are known at the beginning of a period. */
async function scorerIn(
  { spec, encoders, encoded, model, state }: TrainingSetup,
  items: Float32Array,
  period: Dataset,
  threads: number,
): Promise<Scorer> {
  const batcher = await createBatcher(encoders, period, { parts: [], eventCodes: null, seed: spec.training.seed })
  const embedder = await Embedder.create(model.user, state, { threads })
  try {
    const all = Int32Array.from({ length: period.manifest.users }, (_, user) => user)
    const users = await drain(embedder.embed(encoded.user, all, (block) => batcher.queryContext(block, 'train')))
    return await fittedScorer({ kind: 'vectors', dim: model.dim, users, items, matching: spec.match }, period, threads)
  } finally {
    await embedder.dispose()
  }
}

/** Progress alone, told where it is: what a training says of itself is of a run, and here is none. */
function noted<R>(stage: AsyncGenerator<JobFact, R>, note: string): AsyncGenerator<JobFact, R> {
  return changed(stage, (fact) => (fact.kind === 'progress' ? { kind: 'progress', progress: { ...fact.progress, note } } : null))
}
