/** A search told to other programs while it runs: each of its trials as a run is, at MLflow below one run for the whole search. */
import { toErrorShape } from '../../contract/errors.ts'
import type { EngineContext } from '../engine-context.ts'
import { MlflowClient } from '../export/mlflow/client.ts'
import { MlflowParent, type ParentEnd } from '../export/mlflow/parent.ts'
import { ranked } from '../search/next.ts'
import type { RunRow } from '../store/runs.ts'
import { type LiveLog, liveLogs } from './live-log.ts'

export class SearchLogs {
  readonly #context: EngineContext
  readonly #search: string
  readonly #trackers: readonly string[]
  /** by the server's URI */
  readonly #parents = new Map<string, MlflowParent>()
  readonly #under = new Set<Promise<void>>()

  /** @param trackers checked by {@link checkTrackers} */
  constructor(context: EngineContext, search: string, trackers: readonly string[]) {
    this.#context = context
    this.#search = search
    this.#trackers = trackers
  }

  /** What hears of a trial's next stretch. */
  of(row: RunRow, job: () => string): LiveLog[] {
    return liveLogs(this.#context, row, this.#trackers, job, (uri) => this.#parentAt(uri))
  }

  /** The stretch is stored: the rest of it is told. Never rejects. */
  async stretchEnded(logs: readonly LiveLog[]): Promise<void> {
    const told = Promise.all(logs.map((log) => log.ended(null))).then(() => undefined)
    this.#under.add(told)
    await told
    this.#under.delete(told)
  }

  /** Tells what became of the search, when its trials are told. @param warn hears what could not be told */
  async ended(status: ParentEnd['status'], warn: (text: string) => void): Promise<void> {
    await Promise.all(this.#under)
    const { searches } = this.#context.store
    const { spec } = searches.resolve(this.#search)
    const [first] = ranked(searches.trials(this.#search))
    const best = first === undefined ? null : { metric: spec.metric, value: first.value!, trial: first.number }
    for (const [uri, parent] of this.#parents)
      try {
        await parent.ended({ status, best })
      } catch (error) {
        warn(`MLflow at ${uri} has not heard how the search ended: ${toErrorShape(error).message}`)
      }
  }

  #parentAt(uri: string): MlflowParent {
    const { id, spec, created_at: createdAt } = this.#context.store.searches.resolve(this.#search)
    const parent =
      this.#parents.get(uri) ?? new MlflowParent(new MlflowClient(uri), { search: id, name: spec.name, dataset: spec.dataset, createdAt })
    this.#parents.set(uri, parent)
    return parent
  }
}
