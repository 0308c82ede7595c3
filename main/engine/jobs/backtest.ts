/**
 * A rolling backtest: in each fold the recipes are trained anew on what lies before its cut, and where asked further from the fold before;
 * each is measured on its period and, left alone, on all later ones. What a fold found is kept, so that a process that died costs one fold.
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
import { type FoldFound, foundBefore, keepFound, modelFolder } from './backtest-parts.ts'
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
  const { ask, recipes, work } = job
  await mkdir(work, { recursive: true })
  const metric = metricAt(ask.metric)
  const dataset = await openDataset(job.datasetFolder, job.datasetRecord)
  const folds = foldsOf(dataset, ask.folds, ask.start)
  const datasets = folds.map((fold) => datasetOf(dataset, fold))
  const told: BacktestResult['recipes'] = []
  let hashes: string[] | null = null
  for (const [index, { recipe, spec }] of recipes.entries()) {
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
    told.push(yield* backtestRecipe(job, { index, recipe, spec, periods, metric }, context))
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
  /** among the recipes that were asked for */
  readonly index: number
  readonly recipe: string
  readonly spec: RunSpec
  readonly periods: readonly Period[]
  readonly metric: MetricAt
}

async function* backtestRecipe(
  job: BacktestJob,
  { index, recipe, spec, periods, metric }: OneRecipe,
  context: JobContext,
): AsyncGenerator<JobFact, BacktestResult['recipes'][number]> {
  const asked = job.ask.policy.length === 0 ? RETRAINING : job.ask.policy
  const has = (policy: Retraining): boolean => asked.includes(policy) && policiesOf(spec).includes(policy)
  const { work } = job
  const found: FoldFound[] = []
  for (const f of periods.keys()) {
    const before = found.at(-1)?.model ?? null
    const note = `${recipe}, fold ${f + 1} of ${periods.length}`
    const kept = await foundBefore(work, index, f)
    if (kept === null) {
      const fold = foldOf(job, { spec, periods, metric, name: `${index}-${f}`, before, isWarm: has('warm') }, f, context)
      const own = yield* noted(fold, note)
      await keepFound(work, index, f, own)
      found.push(own)
    } else {
      yield { kind: 'message', level: 'info', text: `${note}: found before` }
      found.push(kept)
    }
    // the one before was needed for this fold alone
    if (before !== null && before.name !== found.at(-1)!.model?.name) await modelFolder(work, before.name)
  }
  const fresh = found.map(({ row }) => row)
  const full = fresh.map((row, f) => row[f]!)
  const seconds = (of: 'full' | 'warm'): number => found.reduce((sum, each) => sum + each.seconds[of], 0)
  const first = found[0]!.seconds.full
  const all: PolicyValues[] = [
    { policy: 'never', values: found[0]!.never, seconds: first },
    { policy: 'items', values: fresh[0]!.flatMap((values) => values ?? []), seconds: first },
    { policy: 'warm', values: found.flatMap(({ warm }) => warm ?? []), seconds: seconds('warm') },
    { policy: 'full', values: full, seconds: seconds('full') },
  ]
  return describeRecipe(
    recipe,
    periods,
    fresh,
    all.filter(({ policy }) => policy === 'never' || has(policy)),
  )
}

/** The ways of retraining that a model has: a closed form is not trained further. */
function policiesOf(spec: RunSpec): readonly Retraining[] {
  if (spec.model !== 'two-tower') return ['never', 'full']
  return spec.training.epochs === 0 ? ['never', 'items', 'full'] : RETRAINING
}

interface FoldAsked extends Pick<OneRecipe, 'spec' | 'periods' | 'metric'> {
  /** of what it leaves in the work folder */
  readonly name: string
  readonly before: FoldFound['model']
  readonly isWarm: boolean
}

/** A model trained anew, measured in its own period and all later ones; and the one of the fold before trained further. */
async function* foldOf(
  job: BacktestJob,
  { spec, periods, metric, name, before, isWarm }: FoldAsked,
  f: number,
  context: JobContext,
): AsyncGenerator<JobFact, FoldFound> {
  const period = periods[f]!
  const measure = async function* (of: Period, scorer: Scorer): AsyncGenerator<JobFact, Float64Array> {
    return yield* asFacts(valuesIn(of, scorer, metric), context.signal)
  }
  const row: (Float64Array | null)[] = periods.map(() => null)
  const never: Float64Array[] = []
  const fullName = `${name}-full`
  const model = yield* train(job, spec, period.dataset, await modelFolder(job.work, fullName), null, context)
  try {
    for (const [g, later] of periods.entries()) {
      if (g < f) continue
      const scorer = await model.scorer(later.dataset)
      row[g] = yield* measure(later, scorer)
      if (f === 0) {
        const isThere = Uint8Array.from(itemCounts(period.dataset, ['train']), (count) => Number(count > 0))
        never.push(yield* measure(later, amongItems(scorer, isThere)))
      }
      await scorer.dispose?.()
    }
  } finally {
    await model.dispose()
  }
  const seconds = { full: model.seconds, warm: model.seconds }
  const keep = ({ files }: Trained, folder: string): FoldFound['model'] =>
    files === null ? null : { name: folder, fileRecords: files.fileRecords }
  if (!isWarm || f === 0) {
    if (!isWarm) await modelFolder(job.work, fullName)
    return { row, never, warm: isWarm ? row[0]! : null, seconds, model: isWarm ? keep(model, fullName) : null }
  }
  await modelFolder(job.work, fullName)
  const warmName = `${name}-warm`
  const from = before === null ? null : { runFolder: join(job.work, before.name), fileRecords: before.fileRecords }
  const further = yield* train(job, spec, period.dataset, await modelFolder(job.work, warmName), from, context)
  try {
    const scorer = await further.scorer(period.dataset)
    const warm = yield* measure(period, scorer)
    await scorer.dispose?.()
    return { row, never, warm, seconds: { ...seconds, warm: further.seconds }, model: keep(further, warmName) }
  } finally {
    await further.dispose()
  }
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
  // what goes on from a model does not begin anew from the closed form
  const further = warmStart === null ? {} : { epochs: job.ask.warmEpochs, init: { kind: 'random' as const } }
  return yield* trainTowers(job, { ...spec, training: { ...spec.training, ...further } }, dataset, { runFolder, warmStart }, context)
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
