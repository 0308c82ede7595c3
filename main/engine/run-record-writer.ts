/** Keeps the record beside each run's files up to date: written shortly after a run changed, and at the latest when the engine closes. */
import type { EventListener } from '../contract/rpc.ts'
import type { Store } from './store/store.ts'

/** Changes that come together are written once. */
const AFTER_MS = 500

export class RunRecordWriter {
  readonly #store: Store
  readonly #changed = new Set<string>()
  #timer: NodeJS.Timeout | undefined

  constructor(store: Store) {
    this.#store = store
  }

  /** Hears the engine's announcements. */
  readonly listener: EventListener = (event, payload) => {
    if (event !== 'runs.changed') return
    this.#changed.add((payload as { run: string }).run)
    this.#timer ??= setTimeout(() => this.flush(), AFTER_MS).unref()
  }

  /** Writes what has changed. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const changed = [...this.#changed]
    this.#changed.clear()
    for (const run of changed) this.#store.writeRecord(run)
  }
}
