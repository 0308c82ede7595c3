/**
 * Runs jobs in child processes, one heavy job at a time in the order they came (or several of one search); light ones that somebody waits for run beside it, one
 * at a time too. It turns what a process posts into facts for whoever started the job, announces coalesced progress with a rate and an
 * estimate, and says how each job ended: done, cancelled (asked for), failed (the body's error), or crashed (the process died without a
 * last word). It knows nothing of runs or the store.
 */
import { Cancelled, type ErrorShape, notFound, toErrorShape } from '../../contract/errors.ts'
import type { Channel } from '../../contract/channel.ts'
import type { EventListener } from '../../contract/rpc.ts'
import type { JobInfo } from '../../contract/verbs.ts'
import type { FromJob, JobFact, JobName, Jobs, ToJob } from './job-types.ts'
import { crash, errorOfOutcome, failed, type JobOutcome } from './job-outcome.ts'
import { ProgressMeter } from './progress-meter.ts'
import { newId } from '../files/ids.ts'

/** A forked process that runs one job; how it is forked is the host's affair. */
export interface JobProcess {
  /** closes with `exit code N` or the name of a signal */
  readonly channel: Channel
  /** the end of what it wrote to stdout and stderr */
  printed(): string
  kill(): void
}

/** What the queue knows of a job; names of runs are the store's. */
export type QueuedJob = Omit<JobInfo, 'name'>

/** A job as its starter describes it. */
export interface JobOrder<J extends JobName> {
  readonly job: J
  /** the run it works on, where it is one */
  readonly run?: string
  /** those it works on, where they are several */
  readonly runs?: readonly string[]
  /** default: 1 */
  readonly threads?: number
  /** seconds rather than minutes, and somebody looks on: it does not wait for the heavy job */
  readonly beside?: boolean
  /** heavy jobs that may run at once, as many as this: those of one search, which share its threads */
  readonly group?: { readonly id: string; readonly most: number }
  /** called when its turn has come, so that what it needs is looked up late */
  readonly input: (temp: string) => Jobs[J]['input']
  /** facts other than progress and messages, in order; `job` is its id */
  readonly onFact?: (fact: JobFact, job: string) => void
  /** hears how it ended, whichever way, before the rest; what it throws is announced as the error */
  readonly ended?: (outcome: JobOutcome<J>) => void
  /** stores the result of one that is done; what it returns is announced instead, what it throws as the error */
  readonly settle?: (result: Jobs[J]['result']) => unknown
  /** awaited when all that is stored, before the end is announced; never rejects, and has its own limit of time */
  readonly after?: () => Promise<void>
}

interface Entry {
  readonly id: string
  readonly order: JobOrder<JobName>
  /** announces nothing */
  readonly quiet: boolean
  process: JobProcess | null
  /** its temporary folder, from its start until its outcome is stored */
  temp: string | null
  cancelled: boolean
  readonly queuedAt: string
  startedAt: string | null
  /** called when its end was announced */
  readonly ends: (() => void)[]
  /** what was announced last */
  lastProgress: Pick<JobInfo, 'progress' | 'perSecond' | 'etaSeconds'>
}

/** What is announced when a job has ended. */
interface JobEnd {
  readonly state: 'done' | 'cancelled' | 'failed'
  readonly result: unknown
  readonly error: ErrorShape | null
}

export interface QueueOptions {
  readonly fork: () => JobProcess
  readonly announce: EventListener
  /** a new empty folder, and its removal */
  readonly temporary: () => string
  readonly remove: (folder: string) => void
}

export class Queue {
  readonly #options: QueueOptions
  /** in the order they came, both lanes */
  readonly #waiting: Entry[] = []
  /** one of each lane, but for those of a group */
  readonly #running: Entry[] = []
  #closed = false

  constructor(options: QueueOptions) {
    this.#options = options
  }

  /** Queues a job; it starts in a later turn, so its id, which is what this answers, is known before its first event. */
  add<J extends JobName>(order: JobOrder<J>): { job: string } {
    if (this.#closed) throw new Cancelled('The engine is closing.')
    const entry = newEntry(`j${newId()}`, order, false)
    this.#waiting.push(entry)
    this.#options.announce('jobs.changed', { job: entry.id, run: order.run ?? null })
    setImmediate(() => this.#next())
    return { job: entry.id }
  }

  /** What runs and what waits, in the order of their turns. */
  list(): QueuedJob[] {
    const info = (entry: Entry, state: JobInfo['state']): QueuedJob => ({
      job: entry.id,
      kind: entry.order.job,
      run: entry.order.run ?? null,
      state: entry.cancelled ? 'stopping' : state,
      beside: entry.order.beside === true,
      queuedAt: entry.queuedAt,
      startedAt: entry.startedAt,
      ...entry.lastProgress,
    })
    return [...this.#running.map((entry) => info(entry, 'running')), ...this.#waiting.map((entry) => info(entry, 'waiting'))]
  }

  /** Asks a job to stop: a waiting one never starts, a running one ends at its next check. @throws PylonError not-found */
  cancel(id: string): void {
    const waiting = this.#waiting.findIndex((entry) => entry.id === id)
    if (waiting >= 0) {
      const [entry] = this.#waiting.splice(waiting, 1)
      this.#announceEnd(entry!, this.#store(entry!, { state: 'cancelled' }))
      return
    }
    const running = this.#running.find((entry) => entry.id === id)
    if (running === undefined) throw notFound(`There is no job "${id}" under way.`)
    running.cancelled = true
    running.process?.channel.post({ kind: 'cancel' } satisfies ToJob)
    this.#options.announce('jobs.changed', { job: id, run: running.order.run ?? null })
  }

  /** Cancels what works on any of these runs, or waits to, and resolves when nothing does any more. */
  async release(runs: readonly string[]): Promise<void> {
    await this.#end(({ order: { run, runs: several = [] } }) => runs.some((each) => each === run || several.includes(each)))
  }

  /** Cancels some, and resolves when those of them that run have ended. */
  async #end(isOne: (entry: Entry) => boolean): Promise<void> {
    const running = this.#running.filter(isOne)
    const ended = running.map(({ ends }) => new Promise<void>((resolve) => ends.push(resolve)))
    for (const { id } of [...this.#waiting.filter(isOne), ...running]) this.cancel(id)
    await Promise.all(ended)
  }

  /** Ends the running jobs' processes at once. */
  kill(): void {
    for (const entry of this.#running) {
      entry.cancelled = true
      entry.process?.kill()
    }
  }

  /** Cancels everything and resolves when nothing runs any more. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#end(() => true)
  }

  /** A job besides the queue, for light and quick ones: no events, its result is the answer. @throws its error */
  async aside<J extends JobName>(job: J, input: Jobs[J]['input']): Promise<Jobs[J]['result']> {
    const entry = newEntry(job, { job, input: () => input }, true)
    const outcome = await this.#runProcess(entry)
    this.#discardTemp(entry)
    if (outcome.state !== 'done') throw errorOfOutcome(outcome)
    return outcome.result
  }

  /** Starts the first that waits in each lane that is free. */
  #next(): void {
    for (const beside of [false, true]) {
      const inLane = (entry: Entry): boolean => (entry.order.beside === true) === beside
      for (;;) {
        const running = this.#running.filter(inLane)
        const at = this.#waiting.findIndex(inLane)
        if (at < 0 || !mayJoin(this.#waiting[at]!, running)) break
        void this.#run(this.#waiting.splice(at, 1)[0]!)
      }
    }
  }

  async #run(entry: Entry): Promise<void> {
    this.#running.push(entry)
    entry.startedAt = new Date().toISOString()
    this.#options.announce('jobs.changed', { job: entry.id, run: entry.order.run ?? null })
    const outcome = await this.#runProcess(entry)
    const ended = this.#store(entry, outcome)
    await entry.order.after?.()
    this.#running.splice(this.#running.indexOf(entry), 1)
    this.#announceEnd(entry, ended)
    for (const end of entry.ends) end()
    this.#next()
  }

  /** Forks, starts and hears one job until its process is gone. Never rejects. */
  async #runProcess(entry: Entry): Promise<JobOutcome<JobName>> {
    const { job, threads = 1, input } = entry.order
    try {
      const temp = (entry.temp = this.#options.temporary())
      return await this.#listen(entry, { kind: 'start', job, input: input(temp), threads, temp } as ToJob)
    } catch (error) {
      return { state: 'failed', error: toErrorShape(error) }
    }
  }

  #listen(entry: Entry, start: ToJob): Promise<JobOutcome<JobName>> {
    const { announce } = this.#options
    const { id, order } = entry
    const run = order.run ?? null
    const meter = new ProgressMeter((progress, perSecond, etaSeconds) => {
      entry.lastProgress = { progress, perSecond, etaSeconds }
      if (!entry.quiet) announce('job.progress', { job: id, run, progress, perSecond, etaSeconds })
    })
    return new Promise((resolve) => {
      let end: JobOutcome<JobName> | null = null
      const job = (entry.process = this.#options.fork())
      const fail = (error: unknown): void => {
        end = { state: 'failed', error: toErrorShape(error) }
        job.kill()
      }
      job.channel.listen((message) => {
        if (end !== null) return
        const posted = message as FromJob
        try {
          if (posted.kind === 'fact') this.#take(entry, posted.fact, meter)
          else end = posted.kind === 'done' ? { state: 'done', result: posted.result as never } : failed(posted.error)
        } catch (error) {
          fail(error)
        }
      })
      job.channel.onClose((reason) => {
        meter.end()
        resolve(end ?? { state: 'crashed', error: crash(reason, job.printed()), cancelled: entry.cancelled })
      })
      job.channel.post(start)
      if (entry.cancelled) job.channel.post({ kind: 'cancel' } satisfies ToJob)
    })
  }

  #take({ id, order, quiet }: Entry, fact: JobFact, meter: ProgressMeter): void {
    if (fact.kind === 'progress') meter.take(fact.progress)
    else {
      if (fact.kind === 'message' && !quiet)
        this.#options.announce('job.message', { job: id, run: order.run ?? null, level: fact.level, text: fact.text })
      order.onFact?.(fact, id)
    }
  }

  /** Lets the starter store the outcome. */
  #store({ order }: Entry, outcome: JobOutcome<JobName>): JobEnd {
    try {
      order.ended?.(outcome)
      if (outcome.state !== 'done') throw errorOfOutcome(outcome)
      return { state: 'done', result: order.settle === undefined ? outcome.result : order.settle(outcome.result), error: null }
    } catch (error) {
      const shape = toErrorShape(error)
      return { state: shape.code === 'cancelled' ? 'cancelled' : 'failed', result: null, error: shape }
    }
  }

  #announceEnd(entry: Entry, ended: JobEnd): void {
    this.#discardTemp(entry)
    this.#options.announce('job.finished', { job: entry.id, run: entry.order.run ?? null, ...ended })
  }

  #discardTemp(entry: Entry): void {
    if (entry.temp !== null) this.#options.remove(entry.temp)
    entry.temp = null
  }
}

/** Whether a job may begin beside those of its lane that run. */
function mayJoin({ order: { group } }: Entry, running: readonly Entry[]): boolean {
  if (running.length === 0) return true
  return group !== undefined && running.length < group.most && running.every(({ order }) => order.group?.id === group.id)
}

function newEntry<J extends JobName>(id: string, order: JobOrder<J>, quiet: boolean): Entry {
  return {
    id,
    order: order as unknown as JobOrder<JobName>,
    quiet,
    process: null,
    temp: null,
    cancelled: false,
    queuedAt: new Date().toISOString(),
    startedAt: null,
    ends: [],
    lastProgress: { progress: null, perSecond: null, etaSeconds: null },
  }
}
