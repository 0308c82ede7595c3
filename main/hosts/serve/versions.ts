/**
 * The model that serves, and the one that is about to, each in a thread of its own. A request takes a lease of one version and is answered
 * by it alone; a swap loads the next beside it, puts the items that were added or removed meanwhile into it, and lets new requests have it
 * from one moment on. The old one goes when its last lease is given back.
 */
import { conflict, PylonError } from '../../contract/errors.ts'
import type { ChangeReport } from '../../contract/shapes/serving.ts'
import type { ServeSource } from '../../engine/serving/server-messages.ts'
import { Changes, type Row, type UserEvents } from './changes.ts'
import type { LogOptions } from './change-log.ts'
import { ModelHandle, type PutResult } from './model-handle.ts'
import type { ModelInfo } from './model-messages.ts'

interface Held {
  readonly model: ModelHandle
  readonly source: ServeSource
  leases: number
  retired: boolean
}

export interface VersionsOptions {
  /** of one tower */
  readonly threads: number
  /** a folder for what is unpacked; it is the caller's to remove */
  readonly temp: string
  /** hears of a model that can answer no more */
  readonly onDeath: (error: Error) => void
  /** the module of a model's thread: this program's own entry, wherever it lies */
  readonly entry?: URL
  /** where changes are kept for the next start; without it they are in memory only */
  readonly log?: Omit<LogOptions, 'version'> | null
}

export class Versions {
  #current: Held
  /** the one before, by its source and id: what a roll back goes back to */
  #previous: { readonly source: ServeSource; readonly id: string } | null = null
  readonly #load: (source: ServeSource) => Promise<ModelHandle>
  readonly #changes: Changes
  readonly #report: ChangeReport | null
  #swapping = false

  private constructor(first: Held, load: (source: ServeSource) => Promise<ModelHandle>, changes: Changes, unfit: number) {
    this.#current = first
    this.#load = load
    this.#changes = changes
    this.#report = changes.report(unfit)
  }

  /** Loads the model and makes the changes of its log again. @throws whatever loading the model or opening the log throws */
  static async open(source: ServeSource, { log = null, ...options }: VersionsOptions): Promise<Versions> {
    const entry = options.entry ?? new URL('../serve.ts', import.meta.url)
    const load = (next: ServeSource): Promise<ModelHandle> => ModelHandle.open({ ...options, entry, source: next })
    const model = await load(source)
    try {
      const changes = await Changes.open(log === null ? null : { ...log, version: model.facts.id })
      let unfit = 0
      for (const [id, row] of changes.items) if (!(await repeat(model, id, row))) unfit++
      return new Versions({ model, source, leases: 0, retired: false }, load, changes, unfit)
    } catch (error) {
      await model.dispose()
      throw error
    }
  }

  /** What was found in the log at the start; null without one. */
  get replayed(): ChangeReport | null {
    return this.#report
  }

  /** The version that serves now: its id, what it is called, and how much it knows. */
  get current(): ModelInfo {
    return this.#current.model.facts
  }

  /** Gives the version of this moment to `use`; it stays alive until `use` has settled. */
  async with<R>(use: (model: ModelHandle) => Promise<R>): Promise<R> {
    const held = this.#current
    held.leases++
    try {
      return await use(held.model)
    } finally {
      held.leases--
      release(held)
    }
  }

  /** @throws PylonError conflict while another swap is under way; whatever loading it throws. Then the old version stays. */
  swap(source: ServeSource): Promise<ModelInfo> {
    return this.#goOver(source, null)
  }

  /**
   * Goes back to the version before the last swap, with what was changed since; once more goes forward again.
   * @throws PylonError conflict where there was no swap, or another model lies in the place of the one before
   */
  rollback(): Promise<ModelInfo> {
    if (this.#previous === null) throw conflict('There is nothing to go back to: no swap was made since the start.')
    return this.#goOver(this.#previous.source, this.#previous.id)
  }

  async #goOver(source: ServeSource, expected: string | null): Promise<ModelInfo> {
    if (this.#swapping) throw conflict('A swap is under way: wait for its end.')
    this.#swapping = true
    try {
      const model = await this.#load(source)
      const { id } = model.facts
      if (expected !== null && id !== expected) {
        await model.dispose()
        throw conflict(`Where ${expected} was there is ${id} now: the server stays with what it has. Swap to a bundle by its path.`)
      }
      const done = new Map<string, Row | null>()
      // changes that come in while these are made are made in the next round, until there is none
      for (let pending = this.#pending(done); pending.length > 0; pending = this.#pending(done)) {
        for (const [item, row] of pending) {
          await repeat(model, item, row)
          done.set(item, row)
        }
      }
      const old = this.#current
      this.#current = { model, source, leases: 0, retired: false }
      this.#previous = { source: old.source, id: old.model.facts.id }
      old.retired = true
      release(old)
      this.#changes.swappedTo(id)
      await this.saved()
      return model.facts
    } finally {
      this.#swapping = false
    }
  }

  #pending(done: ReadonlyMap<string, unknown>): [string, Row | null][] {
    return [...this.#changes.items].filter(([id, row]) => !done.has(id) || done.get(id) !== row)
  }

  /**
   * Adds an item, or describes it anew; it outlives a restart once {@link saved} has resolved.
   * @returns whether it is new, and what of it the model does not know
   * @throws PylonError conflict where too many were added; bad-input where the features do not fit
   */
  async put(id: string, row: Row): Promise<PutResult> {
    this.#changes.checkRoom(id)
    return this.#change(id, row, (model) => model.put(id, row))
  }

  /** @throws PylonError not-found */
  remove(id: string): Promise<void> {
    this.#changes.checkRoom(id)
    return this.#change(id, null, (model) => model.remove(id))
  }

  /** Extends the histories of users, oldest first. */
  addEvents(events: readonly { readonly user: string; readonly item: string }[]): void {
    for (const [user, own] of Map.groupBy(events, (event) => event.user))
      this.#changes.addEvents(
        user,
        own.map(({ item }) => item),
      )
  }

  /** The events of those users that have any, by user. */
  eventsOf(users: readonly string[]): UserEvents {
    const entries = users.map((user) => [user, this.#changes.eventsOf(user)] as const).filter(([, items]) => items.length > 0)
    return new Map(entries)
  }

  /** Resolves when all changes are on the disk. @throws PylonError unavailable where they cannot be written */
  saved(): Promise<void> {
    return this.#changes.saved()
  }

  /** Ends the thread of the version that serves. */
  async dispose(): Promise<void> {
    await this.#current.model.dispose()
    await this.#changes.close()
  }

  /** Makes a change in the version that serves; where another took over meanwhile, in that one too. */
  async #change<R>(id: string, row: Row | null, make: (model: ModelHandle) => Promise<R>): Promise<R> {
    const held = this.#current
    const result = await this.with(make)
    this.#changes.setItem(id, row)
    if (this.#current !== held) await this.with((model) => repeat(model, id, row))
    return result
  }
}

function release(held: Held): void {
  if (held.retired && held.leases === 0) void held.model.dispose()
}

/**
 * An item that the next model does not have, or cannot describe, is left as it is there.
 * @returns whether it could be changed
 */
async function repeat(model: ModelHandle, id: string, row: Row | null): Promise<boolean> {
  try {
    if (row === null) await model.remove(id)
    else await model.put(id, row)
    return true
  } catch (error) {
    if (!(error instanceof PylonError)) throw error
    return row === null && error.code === 'not-found' // it is not there, as it is to be
  }
}
