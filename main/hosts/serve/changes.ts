/**
 * What was changed while a server runs, in memory and in its log: items that were put or deleted, and events that extend the histories of
 * users. It outlives the models: the next version is given all of it. Its size is bounded.
 */
import { conflict } from '../../contract/errors.ts'
import type { ChangeReport } from '../../contract/shapes/serving.ts'
import { type Change, ChangeLog, type Live, type LogOptions } from './change-log.ts'

export type Row = Readonly<Record<string, unknown>>

/** Later events of the users of a request, by user; who has none is not there. */
export type UserEvents = ReadonlyMap<string, readonly string[]>

/** Items that may be changed while it serves, users whose events are kept, and events of each: what bounds the memory. */
const MAX_ITEMS = 100_000
const MAX_USERS = 100_000
const MAX_EVENTS = 1000

export class Changes implements Live {
  /** what items were put with; null: deleted */
  readonly items = new Map<string, Row | null>()
  /** items that users interacted with since the model was trained, oldest first; the user of the latest event is last */
  readonly #events = new Map<string, readonly string[]>()
  readonly #log: ChangeLog | null
  #torn = false

  private constructor(log: ChangeLog | null) {
    this.#log = log
  }

  /** With what a log holds; null: in memory only. @throws as {@link ChangeLog.open} */
  static async open(options: LogOptions | null): Promise<Changes> {
    if (options === null) return new Changes(null)
    const { log, changes, torn } = await ChangeLog.open(options)
    const opened = new Changes(log)
    opened.#torn = torn
    for (const each of changes) opened.#take(each)
    return opened
  }

  get size(): number {
    return this.items.size + this.#events.size
  }

  *changes(): Generator<Change> {
    for (const [item, features] of this.items) yield features === null ? { kind: 'delete', item } : { kind: 'put', item, features }
    for (const [user, items] of this.#events) yield { kind: 'events', user, items: [...items] }
  }

  /** What was found in the log. */
  report(unfit: number): ChangeReport | null {
    if (this.#log === null) return null
    const deleted = this.items.values().reduce((count, row) => count + Number(row === null), 0)
    return { log: this.#log.path, put: this.items.size - deleted, deleted, users: this.#events.size, unfit, torn: this.#torn }
  }

  /** @throws PylonError conflict where one more item would be too many */
  checkRoom(item: string): void {
    if (!this.items.has(item) && this.items.size >= MAX_ITEMS)
      throw conflict(`${MAX_ITEMS} items were changed since the model was trained: make a new bundle and swap to it.`)
  }

  setItem(item: string, features: Row | null): void {
    this.#made(features === null ? { kind: 'delete', item } : { kind: 'put', item, features })
  }

  addEvents(user: string, items: readonly string[]): void {
    this.#made({ kind: 'events', user, items: [...items] })
  }

  swappedTo(version: string): void {
    this.#log?.add({ kind: 'version', version })
  }

  /** Empty where there are none. */
  eventsOf(user: string): readonly string[] {
    return this.#events.get(user) ?? []
  }

  /** Resolves when all of it is on the disk. @throws PylonError unavailable where it cannot be written */
  async saved(): Promise<void> {
    await this.#log?.saved(this)
  }

  async close(): Promise<void> {
    await this.#log?.close()
  }

  #made(change: Change): void {
    this.#take(change)
    this.#log?.add(change)
  }

  #take(change: Change): void {
    if (change.kind === 'put') this.items.set(change.item, change.features)
    else if (change.kind === 'delete') this.items.set(change.item, null)
    else if (change.kind === 'events') {
      const { user } = change
      const all = [...this.eventsOf(user), ...change.items].slice(-MAX_EVENTS)
      this.#events.delete(user) // it goes to the end
      this.#events.set(user, all)
      if (this.#events.size > MAX_USERS) this.#events.delete(this.#events.keys().next().value!)
    }
  }
}
