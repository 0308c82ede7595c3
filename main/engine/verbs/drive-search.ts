/**
 * Drives a search: asks what comes next (search/next.ts), makes it a run, and stores how that ended. Whatever happens to a trial, the
 * search goes on. All that is decided by is in the store before it is acted on, so that a search whose engine died is driven on to the
 * same trials.
 */
import { mkdirSync } from 'node:fs'
import { Cancelled, toErrorShape } from '../../contract/errors.ts'
import { shellWord } from '../../contract/shell-word.ts'
import type { SearchDetail, SearchOver, SearchTrial, SearchVerdict } from '../../contract/shapes/search.ts'
import type { TrainingExecutor } from '../../contract/shapes/settings.ts'
import type { RunSpec } from '../../contract/shapes/spec.ts'
import type { EngineContext } from '../engine-context.ts'
import { sizeOf } from '../files/size.ts'
import { errorOfOutcome, type JobOutcome } from '../queue/job-outcome.ts'
import { runLocation } from '../run-location.ts'
import { jobOfSearch } from '../search-drivers.ts'
import { type Action, isUnderWay, nextAction, ranked } from '../search/next.ts'
import { settingsOf } from '../search/space.ts'
import { gatesOf } from '../search/stopping.ts'
import type { SearchRow } from '../store/searches.ts'
import { removeCheckpoints } from '../training/state/checkpoint.ts'
import { keep } from './run-facts.ts'
import { resolveRun, warmStartOf } from './run-jobs.ts'
import { trialSettings, valuesAt } from './search-definition.ts'
import { searchDetail } from './search-detail.ts'
import type { LiveLog } from './live-log.ts'
import { SearchLogs } from './search-log.ts'

/** Begins to drive a search that is this engine's, and tells its trials to `trackers`. @returns its name among the jobs */
export function driveSearch(context: EngineContext, id: string, trackers: readonly string[]): { job: string; search: string } {
  const job = jobOfSearch(id)
  const driver = new SearchDriver(context, id, { job, trackers })
  // in a later turn, so that its id is known before its first event
  const ended = new Promise<void>((resolve) => setImmediate(() => void driver.run().finally(resolve)))
  context.searches.add(id, { cancel: () => driver.cancel(), ended })
  return { job, search: id }
}

class SearchDriver {
  readonly #context: EngineContext
  readonly #id: string
  readonly #job: string
  readonly #trackers: readonly string[]
  /** jobs of trials under way */
  readonly #jobs = new Set<string>()
  readonly #logs: SearchLogs
  #cancelled = false
  #wake: () => void = () => {}

  constructor(context: EngineContext, id: string, { job, trackers }: { readonly job: string; readonly trackers: readonly string[] }) {
    this.#context = context
    this.#id = id
    this.#job = job
    this.#trackers = trackers
    this.#logs = new SearchLogs(context, id, trackers)
  }

  cancel(): void {
    this.#cancelled = true
    for (const job of this.#jobs) this.#context.queue.cancel(job)
    this.#wake()
  }

  /** To the search's end, which it stores and announces. Never rejects. */
  async run(): Promise<void> {
    const { announce } = this.#context
    const finish = (state: 'done' | 'cancelled' | 'failed', result: SearchDetail | null, error: unknown): void =>
      announce('job.finished', { job: this.#job, run: null, state, result, error: error === null ? null : toErrorShape(error) })
    try {
      const reason = await this.#drive()
      if (reason === null) {
        this.#end('cancelled', 'stopped', null)
        await this.#told('KILLED')
        // trackers are not kept
        const again = [this.#id, ...this.#trackers.map((tracker) => `--log ${shellWord(tracker)}`)].join(' ')
        finish('cancelled', null, new Cancelled(`Stopped. Go on with: pylon search resume ${again}`))
      } else {
        this.#end('finished', reason, await this.#compareFinals())
        await this.#told('FINISHED')
        finish('done', searchDetail(this.#context, this.#id), null)
      }
    } catch (error) {
      for (const job of this.#jobs) this.#context.queue.cancel(job)
      this.#end('failed', 'failed', null, toErrorShape(error).message)
      await this.#told('FAILED')
      finish('failed', null, error)
    }
  }

  /** @returns why it is over; null where it was stopped */
  async #drive(): Promise<SearchOver | null> {
    const { store } = this.#context
    for (;;) {
      // of this moment: what ends while the next is chosen wakes it again
      const woken = new Promise<void>((resolve) => (this.#wake = resolve))
      if (this.#cancelled) {
        if (this.#jobs.size === 0) return null
        await woken
        continue
      }
      const { spec } = store.searches.resolve(this.#id)
      const trials = store.searches.trials(this.#id)
      const diskBytes = spec.budget.diskGb === null ? 0 : this.#sizeOf(trials)
      const action = nextAction(spec, trials, valuesAt(spec.spec, Object.keys(spec.space)), { diskBytes })
      if (action.kind === 'over') return action.reason
      if (action.kind === 'wait') {
        this.#progress(trials)
        await woken
      } else await this.#act(action, trials)
    }
  }

  async #act(action: Exclude<Action, { kind: 'over' | 'wait' }>, trials: readonly SearchTrial[]): Promise<void> {
    const { store, owner } = this.#context
    const search = store.searches.resolve(this.#id)
    if (action.kind === 'go-on') {
      const trial = trials.find(({ number }) => number === action.number)!
      if (trial.run === null) return this.#fail(trial.number, 'Its run was deleted.')
      store.database.transaction(() => {
        store.runs.claim(trial.run!, owner)
        store.searches.beginTrial(this.#id, trial.number)
      })
      this.#say(`trial ${trial.number} goes on: ${action.why}`, trial.run)
      return this.#train(search, trial.number, trial.run, { trials, resume: true, gated: action.toEnd !== true && trial.finalOf === null })
    }
    const { number, params, drawn } = action
    const [finalOf, seed] = action.kind === 'final' ? [action.finalOf, action.seed] : [null, null]
    let resolved: { dataset: string; spec: RunSpec }
    try {
      resolved = await this.#specOf(search, params, seed)
    } catch (error) {
      // a combination that no run can have
      store.searches.addTrial(this.#id, { number, params, drawn, finalOf, seed, run: null })
      return this.#fail(number, toErrorShape(error).message)
    }
    const run = store.database.transaction(() => {
      const name = finalOf === null ? `${search.spec.name} · ${number}` : `${search.spec.name} · ${finalOf}, seed ${seed}`
      const created = store.runs.create({ name, ...resolved, threads: this.#threads(search), owner })
      store.table.setFolder(created, search.spec.name)
      store.searches.addTrial(this.#id, { number, params, drawn, finalOf, seed, run: created })
      return created
    })
    mkdirSync(store.workspace.run(run), { recursive: true })
    this.#train(search, number, run, { trials, resume: false, gated: finalOf === null })
  }

  async #specOf(
    { spec: search }: SearchRow,
    params: SearchTrial['params'],
    seed: number | null,
  ): Promise<{ dataset: string; spec: RunSpec }> {
    const { dataset, spec, space } = search
    const ask = { dataset, spec, set: settingsOf(space, params), ...(seed !== null && { seed }) }
    const first = await resolveRun(this.#context, ask)
    return resolveRun(this.#context, { ...ask, set: [...ask.set, ...trialSettings(search, first.spec)] })
  }

  /** Threads of one trial: those of the search, shared by as many as run at once. */
  #threads({ threads, spec: { parallel } }: SearchRow): number {
    return Math.max(1, Math.floor(threads / parallel))
  }

  /** Queues a trial's next stretch; `trials` is what its gates are made of, where it has any. */
  #train(
    { spec: search, executor }: SearchRow,
    number: number,
    run: string,
    { trials, resume, gated }: { readonly trials: readonly SearchTrial[]; readonly resume: boolean; readonly gated: boolean },
  ): void {
    const { store, queue, announce } = this.#context
    const row = store.runs.resolve(run)
    let logs: readonly LiveLog[] = []
    let told: Promise<void> = Promise.resolve()
    const { job } = queue.add({
      job: 'trial',
      run,
      threads: row.threads,
      group: { id: this.#id, most: search.parallel },
      input: () => {
        store.runs.start(run)
        announce('runs.changed', { run })
        logs = this.#logs.of(row, () => job)
        const others = trials.filter((trial) => trial.number !== number && trial.finalOf === null)
        const epochs = row.spec.model === 'two-tower' ? row.spec.training.epochs : 0
        const from = trials.find((trial) => trial.number === number)?.epochs ?? 0
        return {
          ...runLocation(store, row),
          resume,
          warmStart: warmStartOf(store, row),
          threads: row.threads,
          executor: (executor ?? store.settings.all().executor) as TrainingExecutor,
          metric: search.metric,
          gates: gated ? gatesOf(search.stop, others, { from, epochs }) : [],
        }
      },
      onFact: (fact, id) => {
        keep(this.#context, run, id, fact)
        for (const log of logs) log.fact(fact)
      },
      ended: (outcome) => {
        this.#jobs.delete(job)
        try {
          this.#settle(number, run, outcome, search.metric)
        } finally {
          store.curves.pack(run)
          announce('runs.changed', { run })
          this.#changed()
          told = this.#logs.stretchEnded(logs)
          this.#wake()
        }
      },
      after: () => told,
    })
    this.#jobs.add(job)
    this.#changed()
  }

  /** Stores how a trial ended. One that was stopped with the search goes on with it. */
  #settle(number: number, run: string, outcome: JobOutcome<'trial'>, metric: string): void {
    const { store } = this.#context
    const { runs, searches, database } = store
    const isStopped = outcome.state === 'cancelled' || (outcome.state === 'crashed' && outcome.cancelled)
    if (isStopped && this.#cancelled) return runs.stop(run, 'interrupted', null)
    if (outcome.state === 'done') {
      const { isPaused, value, epochs, bestEpoch } = outcome.result
      database.transaction(() => {
        if (isPaused) runs.stop(run, 'paused', null)
        else runs.finish(run, outcome.result)
        searches.endTrial(this.#id, number, { state: isPaused ? 'paused' : 'complete', value, epochs, bestEpoch, error: null }, metric)
      })
      this.#tell(number)
      this.#prune()
      return
    }
    const error = isStopped ? 'It was stopped by itself.' : errorOfOutcome(outcome).message
    database.transaction(() => {
      runs.stop(run, isStopped ? 'cancelled' : 'failed', error)
      searches.endTrial(this.#id, number, { state: 'failed', value: null, epochs: 0, bestEpoch: null, error }, metric)
    })
    this.#say(`trial ${number} failed: ${error}`, run, 'warning')
    removeCheckpoints(store.workspace.run(run))
  }

  #fail(number: number, error: string): void {
    const { spec } = this.#context.store.searches.resolve(this.#id)
    this.#context.store.searches.endTrial(
      this.#id,
      number,
      { state: 'failed', value: null, epochs: 0, bestEpoch: null, error },
      spec.metric,
    )
    this.#say(`trial ${number} failed: ${error}`, null, 'warning')
    this.#changed()
  }

  /** Checkpoints stay with the best of the paused trials, as far as the limits go. */
  #prune(): void {
    const { store } = this.#context
    const { keep: limits } = store.searches.resolve(this.#id).spec
    const paused = store.searches
      .trials(this.#id)
      .filter(({ state, run }) => run !== null && (state === 'paused' || state === 'complete'))
      .sort((a, b) => (b.value ?? -Infinity) - (a.value ?? -Infinity))
    let [kept, bytes] = [0, 0]
    for (const { state, run } of paused) {
      const folder = store.workspace.run(run!)
      bytes += state === 'paused' ? sizeOf(folder) : 0
      if (state !== 'paused' || ++kept > limits.checkpoints || bytes > limits.diskGb * 1e9) removeCheckpoints(folder)
    }
  }

  #sizeOf(trials: readonly SearchTrial[]): number {
    return trials.reduce((sum, { run }) => sum + (run === null ? 0 : sizeOf(this.#context.store.workspace.run(run))), 0)
  }

  async #compareFinals(): Promise<SearchVerdict | null> {
    const { store, queue } = this.#context
    const { spec } = store.searches.resolve(this.#id)
    const trials = store.searches.trials(this.#id)
    const best = ranked(trials).slice(0, spec.finals.top)
    const finals = best
      .map(({ number }) => ({
        trial: number,
        places: trials
          .filter(({ finalOf, state, run }) => finalOf === number && state === 'complete' && run !== null)
          .map(({ run }) => runLocation(store, store.runs.resolve(run!))),
      }))
      .filter(({ places }) => places.length > 0)
    if (finals.length < 2) return null
    try {
      return await queue.aside('finals', { finals, metric: spec.metric })
    } catch (error) {
      this.#say(`The finals were not compared: ${toErrorShape(error).message}`, null, 'warning')
      return null
    }
  }

  #end(state: 'finished' | 'cancelled' | 'failed', reason: SearchOver, verdict: SearchVerdict | null, error: string | null = null): void {
    this.#context.store.searches.end(this.#id, state, reason, verdict, error)
    this.#changed()
  }

  #told(status: 'FINISHED' | 'KILLED' | 'FAILED'): Promise<void> {
    return this.#logs.ended(status, (text) => this.#say(text, null, 'warning'))
  }

  #changed(): void {
    const { store, announce } = this.#context
    store.searches.writeFile(this.#id)
    announce('search.changed', { search: this.#id })
  }

  #progress(trials: readonly SearchTrial[]): void {
    const { spec } = this.#context.store.searches.resolve(this.#id)
    const explored = trials.filter(({ finalOf }) => finalOf === null)
    const [best] = ranked(trials)
    const note = best === undefined ? undefined : `best ${spec.metric} ${best.value!.toFixed(4)} of trial ${best.number}`
    const over = (some: readonly SearchTrial[]): number => some.filter((trial) => !isUnderWay(trial)).length
    // after a raised budget trials are begun beside finals of before, some of trials that are no longer among the best
    const finals = trials.filter(({ finalOf }) => finalOf !== null)
    const isFinal = (trials.findLast(isUnderWay) ?? trials.at(-1))?.finalOf != null
    const progress = isFinal
      ? {
          stage: 'finals',
          done: over(finals),
          total: Math.max(finals.length, Math.min(spec.finals.top, ranked(trials).length) * spec.finals.seeds),
          unit: 'runs',
        }
      : {
          stage: 'search',
          done: over(explored),
          total: spec.budget.trials,
          unit: 'trials',
        }
    this.#context.announce('job.progress', {
      job: this.#job,
      run: null,
      progress: { ...progress, ...(note !== undefined && { note }) },
      perSecond: null,
      etaSeconds: null,
    })
  }

  /** A line on how a trial ended. */
  #tell(number: number): void {
    const { store } = this.#context
    const { spec } = store.searches.resolve(this.#id)
    const trials = store.searches.trials(this.#id)
    const { value, epochs, state, drawn, run, finalOf, seed } = trials[number - 1]!
    const [best] = ranked(trials)
    const who = finalOf === null ? `trial ${number} (${drawn.by})` : `trial ${finalOf} with seed ${seed}`
    const reached = value === null ? 'nothing' : `${spec.metric} ${value.toFixed(4)}`
    const after = epochs === 0 ? '' : `, ${epochs} epochs`
    const rest = best === undefined || finalOf !== null ? '' : `; best ${best.value!.toFixed(4)} of trial ${best.number}`
    this.#say(
      `${who}: ${reached}${after}${state === 'paused' ? ', paused' : ''}${rest}${drawn.note === null ? '' : `, ${NOTES[drawn.note]}`}`,
      run,
    )
  }

  #say(text: string, run: string | null, level: 'info' | 'warning' = 'info'): void {
    const { store, announce } = this.#context
    store.results.log({ job: this.#job, run, level, text })
    announce('job.message', { job: this.#job, run, level, text })
  }
}

/** What the sampler did other than usual, in the log. */
const NOTES = {
  startup: 'too few are known yet',
  redrawn: 'drawn again, as the first draw had been tried',
  exhausted: 'as the sampler gives only what had been tried',
} as const satisfies Record<NonNullable<SearchTrial['drawn']['note']>, string>
