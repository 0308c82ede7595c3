/**
 * The model that serves, and the one that is about to, each in a thread of its own. A request takes a lease of one version and is answered
 * by it alone; a swap loads the next beside it, puts the items that were added or removed meanwhile into it, and lets new requests have it
 * from one moment on. The old one goes when its last lease is given back.
 */
import { conflict, PylonError } from '../../contract/errors.ts'
import type { ServeSource } from '../../engine/serving/server-messages.ts'
import { ModelHandle, type PutResult } from './model-handle.ts'
import type { ModelInfo } from './model-messages.ts'

interface Held {
  readonly model: ModelHandle
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
}

type Row = Readonly<Record<string, unknown>>

/** Items that may be added while it serves: what bounds the memory. */
const MAX_CHANGED = 100_000

export class Versions {
  #current: Held
  readonly #load: (source: ServeSource) => Promise<ModelHandle>
  /** items added since the start, or removed (null), by id */
  readonly #changes = new Map<string, Row | null>()
  #swapping = false

  private constructor(first: ModelHandle, load: (source: ServeSource) => Promise<ModelHandle>) {
    this.#current = { model: first, leases: 0, retired: false }
    this.#load = load
  }

  /** @throws whatever loading the model throws */
  static async open(source: ServeSource, options: VersionsOptions): Promise<Versions> {
    const entry = options.entry ?? new URL('../serve.ts', import.meta.url)
    const load = (next: ServeSource): Promise<ModelHandle> => ModelHandle.open({ ...options, entry, source: next })
    return new Versions(await load(source), load)
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
  async swap(source: ServeSource): Promise<ModelInfo> {
    if (this.#swapping) throw conflict('A swap is under way: wait for its end.')
    this.#swapping = true
    try {
      const model = await this.#load(source)
      const done = new Map<string, Row | null>()
      // changes that come in while these are made are made in the next round, until there is none
      for (let pending = this.#pending(done); pending.length > 0; pending = this.#pending(done)) {
        for (const [id, row] of pending) {
          await repeat(model, id, row)
          done.set(id, row)
        }
      }
      const old = this.#current
      this.#current = { model, leases: 0, retired: false }
      old.retired = true
      release(old)
      return model.facts
    } finally {
      this.#swapping = false
    }
  }

  #pending(done: ReadonlyMap<string, unknown>): [string, Row | null][] {
    return [...this.#changes].filter(([id, row]) => !done.has(id) || done.get(id) !== row)
  }

  /**
   * Adds an item, or describes it anew.
   * @returns whether it is new, and what of it the model does not know
   * @throws PylonError conflict where too many were added; bad-input where the features do not fit
   */
  async put(id: string, row: Row): Promise<PutResult> {
    if (!this.#changes.has(id) && this.#changes.size >= MAX_CHANGED)
      throw conflict(`${MAX_CHANGED} items were changed since the start: make a new bundle and swap to it.`)
    return this.#change(id, row, (model) => model.put(id, row))
  }

  /** @throws PylonError not-found */
  remove(id: string): Promise<void> {
    return this.#change(id, null, (model) => model.remove(id))
  }

  /** Ends the thread of the version that serves. */
  dispose(): Promise<void> {
    return this.#current.model.dispose()
  }

  /** Makes a change in the version that serves; where another took over meanwhile, in that one too. */
  async #change<R>(id: string, row: Row | null, make: (model: ModelHandle) => Promise<R>): Promise<R> {
    const held = this.#current
    const result = await this.with(make)
    this.#changes.set(id, row)
    if (this.#current !== held) await this.with((model) => repeat(model, id, row))
    return result
  }
}

function release(held: Held): void {
  if (held.retired && held.leases === 0) void held.model.dispose()
}

/** An item that the next model does not have, or cannot describe, is left as it is there. */
async function repeat(model: ModelHandle, id: string, row: Row | null): Promise<void> {
  try {
    if (row === null) await model.remove(id)
    else await model.put(id, row)
  } catch (error) {
    if (!(error instanceof PylonError)) throw error
  }
}
