/** Verb handlers that start jobs of runs: train (and resume), evaluate. Their facts and results go into the store here. */
import { mkdirSync } from 'node:fs'
import { badInput, Cancelled, conflict, fromErrorShape } from '../../contract/errors.ts'
import type { Metrics } from '../../contract/shapes/protocol.ts'
import type { StartedResult } from '../../contract/shapes/run.ts'
import { isSeeded, seedOf, specSchema, type RunSpec } from '../../contract/shapes/spec.ts'
import type { TrainInput, VerbOutput } from '../../contract/verbs.ts'
import { resolveConfig } from '../run-spec/config.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'
import { mean, variance } from '../evaluation/moments.ts'
import type { BlendMember } from '../queue/job-types.ts'
import { errorOfOutcome, type JobOutcome } from '../queue/job-outcome.ts'
import { runLocation } from '../run-location.ts'
import type { RecordedFiles } from '../model/run-files.ts'
import type { RunRow } from '../store/runs.ts'
import { trustModule } from '../towers/match-module.ts'
import { settledBlend } from './blend.ts'
import { keep } from './run-facts.ts'
import { checkTrackers, type LiveLog, liveLogs, logRun } from './live-log.ts'
import { removeCheckpoints } from '../training/state/checkpoint.ts'

/** runs whose job is stopped so that they may go on later */
const pausing = new Set<string>()

export function runJobVerbs(context: EngineContext): Handlers<'runs.start' | 'runs.blend' | 'runs.pause' | 'runs.tell' | 'runs.evaluate'> {
  const { store, queue, announce } = context
  const { runs, results } = store
  return {
    'runs.start': async (input) => {
      checkTrackers(context, input.log ?? [])
      if (input.resume === undefined) return startSeeds(context, input)
      const run = resumeRun(context, input)
      announce('runs.changed', { run })
      return { ...train(context, runs.resolve(run), input), run }
    },

    'runs.blend': async ({ runs: asked, weights = null, popularity = null, name, threads }) => {
      const rows = asked.map((run) => runs.resolveFinished(run))
      const { dataset, spec } = rows[0]!
      const { evaluation } = spec
      const input: TrainInput = {
        dataset,
        spec: { model: 'blend', runs: rows.map(({ id }) => id), weights, popularity, evaluation },
        name:
          name ?? [...rows.map((row) => row.name), ...(popularity === null ? [] : [`${popularity} popularity`])].join(' + ').slice(0, 200),
        set: [],
        threads,
      }
      return startRun(context, input)
    },

    'runs.pause': async ({ run }) => {
      const { id } = runs.resolve(run)
      const job = queue.list().find((each) => each.run === id && each.kind === 'train')
      if (job === undefined) throw conflict(`Run ${id} is not being trained by this engine: there is nothing to pause.`)
      pausing.add(id)
      queue.cancel(job.job)
      return { run: id }
    },

    'runs.tell': async ({ run, to }) => logRun(context, runs.resolve(run), to),

    'runs.evaluate': async ({ run, k, split, ann }) => {
      const row = runs.resolveFinished(run)
      return queue.add({
        job: 'evaluate',
        run: row.id,
        threads: context.threads,
        input: () => ({ ...runLocation(store, row), k, split, ann }),
        onFact: (fact, id) => keep(context, row.id, id, fact),
        settle: (result) => {
          results.addMetrics(row.id, result.protocol, result.metrics, result.baseline)
          announce('runs.changed', { run: row.id })
          return result
        },
      })
    },
  }
}

/** A new run that another machine trains: its job's folder is followed. The spec came from outside, and is checked by the caller. */
export function startElsewhere(
  context: EngineContext,
  { folder, ...run }: { readonly folder: string; readonly name: string; readonly dataset: string; readonly spec: RunSpec },
): { job: string; run: string } {
  const { store, owner, threads, announce } = context
  const id = store.runs.create({ ...run, threads, owner })
  mkdirSync(store.workspace.run(id), { recursive: true })
  announce('runs.changed', { run: id })
  return { ...train(context, store.runs.resolve(id), { set: [] }, { elsewhere: folder }), run: id }
}

/** A new run that is trained. */
export async function startRun(context: EngineContext, input: TrainInput): Promise<{ job: string; run: string }> {
  const run = await createRun(context, input)
  context.announce('runs.changed', { run })
  return { ...train(context, context.store.runs.resolve(run), input), run }
}

/** As many runs as seeds are asked for, one after the other; the last one's job ends with what all came to. */
async function startSeeds(context: EngineContext, input: TrainInput): Promise<VerbOutput<'runs.start'>> {
  const { seeds = 1, ...one } = input
  const { spec } = await resolveRun(context, one)
  const first = seedOf(spec)
  if (seeds === 1 || first === null || !isSeeded(spec)) return startRun(context, one)
  const inputs = Array.from({ length: seeds }, (_, i) => ({ ...one, seed: first + i }))
  for (const each of inputs) await resolveRun(context, each)
  const before: { job: string; run: string }[] = []
  for (const each of inputs.slice(0, -1)) before.push(await startRun(context, each))
  const run = await createRun(context, inputs.at(-1)!)
  context.announce('runs.changed', { run })
  const runs = [...before.map((each) => each.run), run]
  return { ...train(context, context.store.runs.resolve(run), one, { seeds: () => ofSeeds(context, runs) }), run, before }
}

/** @throws PylonError conflict where one of the runs has not finished */
function ofSeeds({ store }: EngineContext, ids: readonly string[]): StartedResult['seeds'] {
  const rows = ids.map((id) => store.runs.resolveFinished(id))
  const runs = rows.map((row) => ({ run: row.id, seed: row.seed!, metrics: store.results.summary(row).metrics }))
  const names = Object.keys(runs[0]!.metrics).filter((name) => runs.every(({ metrics }) => name in metrics))
  const over = (say: (values: number[]) => number): Metrics =>
    Object.fromEntries(names.map((name) => [name, say(runs.map(({ metrics }) => metrics[name]!))]))
  return { family: rows[0]!.family, runs, mean: over(mean), sd: over((values) => Math.sqrt(variance(values))) }
}

/** Resolves the config, writes the row, makes the folder. @throws PylonError bad-input naming the config path; then nothing is left */
async function createRun(context: EngineContext, input: TrainInput): Promise<string> {
  const { store, owner, threads } = context
  const { dataset, spec } = await resolveRun(context, input)
  const name = input.name ?? spec.recipe ?? spec.model
  const run = store.runs.create({ name, dataset, spec, threads: input.threads ?? threads, owner })
  mkdirSync(store.workspace.run(run), { recursive: true })
  return run
}

/** The complete spec of a run that is to start. @throws PylonError bad-input naming the config path */
export async function resolveRun({ store, guard }: EngineContext, input: TrainInput): Promise<{ dataset: string; spec: RunSpec }> {
  if (input.dataset === undefined) throw badInput('is needed (or --resume RUN)', 'dataset')
  const manifest = store.datasets.get(input.dataset)
  return { dataset: manifest.name, spec: await settled(await resolveConfig(input, manifest, guard), store, manifest.name) }
}

/**
 * What a spec says by reference, as it is now: the id of the run to start from, and the hash of a matching function's file, which is
 * trusted because it is named here.
 */
async function settled(spec: RunSpec, store: EngineContext['store'], dataset: string): Promise<RunSpec> {
  const { runs } = store
  if (spec.model === 'blend') return settledBlend(spec, store, dataset)
  if (spec.model !== 'two-tower') return spec
  const { warmStart } = spec.training
  const module = await trustModule(spec.match.module)
  if (warmStart === null) return { ...spec, match: { ...spec.match, module } }
  const earlier = runs.resolveFinished(warmStart)
  if (earlier.spec.model !== 'two-tower')
    throw badInput(`Run ${earlier.id} is of ${earlier.spec.model}; start from a two-tower run.`, 'training.warmStart')
  return { ...spec, match: { ...spec.match, module }, training: { ...spec.training, warmStart: earlier.id } }
}

/** @throws PylonError where more than the run is given, the run cannot be resumed, or it runs code that the caller may not name */
function resumeRun({ store, owner, guard }: EngineContext, input: TrainInput): string {
  const { resume, set, threads, log: _, ...rest } = input
  const extra = Object.entries(rest).find(([, value]) => value !== undefined)?.[0] ?? (set.length > 0 ? 'set' : undefined)
  if (extra !== undefined) throw badInput('is already settled for a run that is resumed: leave it out.', extra)
  const row = store.runs.resolve(resume!)
  if (threads !== undefined && threads !== row.threads) {
    throw badInput(`Run ${row.id} was started with ${row.threads} and keeps them, or its numbers would change: leave it out.`, 'threads')
  }
  const trial = store.runs.trialOf(row.id)
  if (trial !== null)
    throw conflict(`Run ${row.id} is a trial of search ${trial.search}: go on with that (pylon search resume ${trial.search}).`)
  guard.input(specSchema, row.spec)
  store.runs.claim(row.id, owner)
  mkdirSync(store.workspace.run(row.id), { recursive: true })
  return row.id
}

/**
 * Queues the training job; a run that goes on keeps its executor, a new one has the settings' unless it asks for one.
 * `seeds`: of the last run of several, what all came to; `elsewhere`: the folder of the job that trains it
 */
function train(
  context: EngineContext,
  row: RunRow,
  input: TrainInput,
  { seeds, elsewhere }: { readonly seeds?: () => StartedResult['seeds']; readonly elsewhere?: string } = {},
): { job: string } {
  const { store, queue, announce } = context
  const resume = input.resume !== undefined
  let logs: readonly LiveLog[] = []
  let how: JobOutcome<'train'> | null = null
  const queued = queue.add({
    job: 'train',
    run: row.id,
    threads: row.threads,
    input: () => {
      store.runs.start(row.id)
      announce('runs.changed', { run: row.id })
      logs = liveLogs(context, row, input.log ?? [], () => queued.job)
      const executor = input.executor ?? (store.results.executor(row.id) as TrainInput['executor']) ?? store.settings.all().executor
      return {
        ...runLocation(store, row),
        resume,
        warmStart: warmStartOf(store, row),
        members: membersOf(store, row),
        threads: row.threads,
        executor,
        epochBudget: 1e6 * store.settings.all().epochVectorsMb,
        ...(elsewhere !== undefined && { elsewhere }),
      }
    },
    onFact: (fact, job) => {
      keep(context, row.id, job, fact)
      for (const log of logs) log.fact(fact)
    },
    ended: (outcome) => {
      how = outcome
      try {
        settleTraining(context, row.id, outcome, { resume, stopped: pausing.delete(row.id) ? 'paused' : 'cancelled' })
      } finally {
        store.curves.pack(row.id)
        announce('runs.changed', { run: row.id })
      }
    },
    settle: (result): StartedResult => ({
      ...result,
      seconds: store.runs.resolve(row.id).seconds,
      family: row.family,
      ...(seeds !== undefined && { seeds: seeds() }),
    }),
    after: async () => {
      if (how !== null) for (const log of logs) await log.ended(how.state === 'done' ? how.result : null)
    },
  })
  return queued
}

/**
 * Stores how a training ended. A new run that could not even begin, for a reason its user can mend, leaves nothing; any other that has
 * stopped stays and can be resumed; `stopped` says how one that was asked to stop is called.
 * @throws the error to announce
 */
function settleTraining(
  { store }: EngineContext,
  run: string,
  outcome: JobOutcome<'train'>,
  { resume, stopped }: { readonly resume: boolean; readonly stopped: 'paused' | 'cancelled' },
): void {
  const { runs, results, database, workspace } = store
  const remedy = `Go on with: pylon train --resume ${run}`
  switch (outcome.state) {
    case 'done':
      database.transaction(() => {
        results.addMetrics(run, outcome.result.protocol, outcome.result.metrics, outcome.result.baseline)
        runs.finish(run, outcome.result)
      })
      return removeCheckpoints(workspace.run(run))
    case 'cancelled':
      runs.stop(run, stopped, null)
      throw new Cancelled(`${stopped === 'paused' ? 'Paused' : 'Stopped'}. ${remedy}`)
    case 'crashed': {
      const message = `${outcome.error.message} ${remedy}`
      runs.stop(run, 'interrupted', message)
      throw outcome.cancelled ? new Cancelled(message) : fromErrorShape({ ...outcome.error, message })
    }
    case 'failed':
      if (outcome.error.code !== 'bug' && !resume && !results.hasSteps(run)) {
        store.discardRun(run)
      } else runs.stop(run, 'failed', outcome.error.message)
      throw errorOfOutcome(outcome)
  }
}

/** The run that a spec wants to start from; its files may be gone by now, which its job tells. */
export function warmStartOf({ workspace, results }: EngineContext['store'], { spec }: RunRow): RecordedFiles | null {
  const run = spec.model === 'two-tower' ? spec.training.warmStart : null
  return run === null ? null : { runFolder: workspace.run(run), fileRecords: results.artefacts(run) }
}

/** The runs of a blend as they are now; their files may be gone by the time its job reads them, which it tells. */
function membersOf({ runs, workspace, results }: EngineContext['store'], { spec }: RunRow): BlendMember[] {
  if (spec.model !== 'blend') return []
  return spec.runs.map((run) => {
    const row = runs.resolveFinished(run)
    return { run: row.id, name: row.name, spec: row.spec, runFolder: workspace.run(row.id), fileRecords: results.artefacts(row.id) }
  })
}
