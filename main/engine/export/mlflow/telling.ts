/**
 * Tells a run to MLflow as far as the server does not know it yet. What it knows is asked of the server itself, at the first telling and
 * after each that broke off: so each step is there once, whatever died in between, and whoever goes on.
 */
import type { StepRow } from '../../../contract/shapes/run.ts'
import type { Measured, MlflowClient, MlflowRun, MlflowStatus, Named } from './client.ts'
import type { MlflowParent } from './parent.ts'
import { EPOCH_LOSS, epochMetrics, endMetrics, mlflowFacts, RUN_TAG, STEP_LOSS, stepMetrics, tagsOf, type TrackedRun } from './facts.ts'

/** Where a run is read from, as it is at the moment. */
export interface TrackedSource {
  run(): TrackedRun
  /** rows of steps above `after`, ascending, at most `most` */
  steps(after: number, most: number): readonly StepRow[]
}

/** Of one request, whose metrics are at most 1,000: three a step. */
const STEPS = 300
const METRICS = 1000
const NAMED = 100

const STATUS: Readonly<Record<TrackedRun['state'], MlflowStatus>> = {
  queued: 'SCHEDULED',
  running: 'RUNNING',
  finished: 'FINISHED',
  // somebody means to go on
  paused: 'SCHEDULED',
  cancelled: 'KILLED',
  interrupted: 'KILLED',
  failed: 'FAILED',
}

/** What the server has of a run, as this knows it. */
interface Told {
  readonly id: string
  /** -1: none */
  step: number
  epoch: number
  readonly params: Set<string>
  status: string
  /** the latest value of each metric, by its key */
  readonly latest: ReadonlyMap<string, number>
}

export class MlflowTelling {
  readonly #client: MlflowClient
  readonly #source: TrackedSource
  readonly #experiment: string | undefined
  readonly #parent: MlflowParent | null
  #told: Told | null = null

  /** @param parent the run that a new one lies below; its experiment is MLFLOW_EXPERIMENT_NAME, or pylon and the data set's name */
  constructor(client: MlflowClient, source: TrackedSource, parent: MlflowParent | null = null) {
    this.#client = client
    this.#source = source
    this.#parent = parent
    const experiment = process.env['MLFLOW_EXPERIMENT_NAME']
    this.#experiment = experiment === '' ? undefined : experiment
  }

  /**
   * Tells what is new; yields the rows of steps of each request when the server has them. When it returns, the server has all that the source had.
   * @throws Unreachable where it may be tried again, PylonError where not
   */
  async *tell(): AsyncGenerator<readonly StepRow[], void> {
    try {
      const told = (this.#told ??= await this.#begin())
      const run = this.#source.run()
      yield* this.#steps(told, run)
      await this.#epochs(told, run)
      if (Math.max(told.step, told.epoch) >= 0 || run.state === 'finished') await this.#params(told, run)
      await this.#end(told, run)
    } catch (error) {
      // whether the server took the last request is not known
      this.#told = null
      throw error
    }
  }

  async *#steps(told: Told, run: TrackedRun): AsyncGenerator<readonly StepRow[], void> {
    for (;;) {
      const rows = this.#source.steps(told.step, STEPS)
      if (rows.length === 0) return
      const last = run.epochsLog.length === 0 ? rows.at(-1)!.epoch : run.epochsLog.length
      const metrics = rows.flatMap((row) => stepMetrics(row, timeOf(run, row.epoch / Math.max(1, last))))
      await this.#client.log(told.id, { metrics })
      told.step = rows.at(-1)!.step
      yield rows
    }
  }

  async #epochs(told: Told, run: TrackedRun): Promise<void> {
    const fresh = run.epochsLog.filter(({ epoch }) => epoch > told.epoch)
    for (let at = 0; at < fresh.length;) {
      const metrics: Measured[] = []
      // an epoch is told whole: the last one that the server has says where to go on
      for (; at < fresh.length; at++) {
        const row = epochMetrics(fresh[at]!, timeOf(run, fresh[at]!.epoch / run.epochsLog.length))
        if (metrics.length > 0 && metrics.length + row.length > METRICS) break
        metrics.push(...row)
      }
      await this.#client.log(told.id, { metrics })
      told.epoch = fresh[at - 1]!.epoch
    }
  }

  /** The run of the server, made where there is none, and what it has. */
  async #begin(): Promise<Told> {
    const run = this.#source.run()
    const { experiment: ours, started } = mlflowFacts(run)
    const experiment = await this.#client.experiment(this.#experiment ?? ours)
    const found = await this.#client.find(experiment, { key: RUN_TAG, value: run.run })
    // asked for a run that is known too: one that goes on has its parent go on
    const below = this.#parent === null ? [] : [await this.#parent.tag(experiment)]
    const made = found ?? (await this.#client.create(experiment, { name: run.name, start: started, tags: [...tagsOf(run), ...below] }))
    return toldOf(found === null ? made : await this.#client.get(made.info.run_id))
  }

  /** Once steps have begun a run's settings are settled, and MLflow lets nobody change a param. */
  async #params(told: Told, run: TrackedRun): Promise<void> {
    const missing = mlflowFacts(run).params.filter(({ key }) => !told.params.has(key))
    for (const params of pieces(missing, NAMED)) {
      await this.#client.log(told.id, { params })
      for (const { key } of params) told.params.add(key)
    }
  }

  async #end(told: Told, run: TrackedRun): Promise<void> {
    const status = STATUS[run.state]
    const fresh = endMetrics(run, timeOf(run, 1)).filter(({ key, value }) => told.latest.get(key) !== value)
    if (status === told.status && fresh.length === 0) return
    for (const metrics of pieces<Measured>(fresh, METRICS)) await this.#client.log(told.id, { metrics })
    for (const tags of pieces<Named>(tagsOf(run), NAMED)) await this.#client.log(told.id, { tags })
    await this.#client.update(told.id, status, status === 'RUNNING' || status === 'SCHEDULED' ? undefined : timeOf(run, 1))
    told.status = status
    if (fresh.length > 0)
      this.#told = { ...told, latest: new Map([...told.latest, ...fresh.map(({ key, value }) => [key, value] as const)]) }
  }
}

function toldOf({ info, data }: MlflowRun): Told {
  const stepOf = (key: string): number => data.metrics.find((each) => each.key === key)?.step ?? -1
  return {
    id: info.run_id,
    step: stepOf(STEP_LOSS),
    epoch: stepOf(EPOCH_LOSS),
    params: new Set(data.params.map(({ key }) => key)),
    status: info.status,
    latest: new Map(data.metrics.map(({ key, value }) => [key, value])),
  }
}

/** Milliseconds since 1970: of a run that trains now; of one that has ended, when this share of it was done, about. */
function timeOf({ state, createdAt, seconds }: TrackedRun, share: number): number {
  return state === 'running' ? Date.now() : Math.round(Date.parse(createdAt) + 1000 * seconds * Math.min(1, share))
}

function* pieces<T>(all: readonly T[], most: number): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += most) yield all.slice(at, at + most)
}
