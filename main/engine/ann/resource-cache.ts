/**
 * A few loaded things (models, indexes) by key, the most recently used kept. What is evicted is disposed of when its last user has
 * finished. Two askers of a key share one load; a load that fails is forgotten, so the next asker tries again.
 */

export interface ResourceCacheOptions<T> {
  /** how many are kept; more are alive only while in use */
  readonly capacity: number
  readonly load: (key: string) => Promise<T>
  readonly dispose: (value: T) => Promise<void> | void
}

interface Entry<T> {
  readonly value: Promise<T>
  users: number
  evicted: boolean
}

/** The cache. */
export class ResourceCache<T> {
  readonly #options: ResourceCacheOptions<T>
  /** least recently used first */
  readonly #entries = new Map<string, Entry<T>>()

  constructor(options: ResourceCacheOptions<T>) {
    this.#options = options
  }

  /** Keys that are kept, least recently used first. */
  get keys(): string[] {
    return [...this.#entries.keys()]
  }

  /** Gives the thing of a key to `use`; it is not disposed of before `use` has settled. */
  async with<R>(key: string, use: (value: T) => Promise<R> | R): Promise<R> {
    const entry = this.#entry(key)
    entry.users++
    try {
      const value = await entry.value
      await this.#evict()
      return await use(value)
    } finally {
      entry.users--
      await this.#disposeIfDone(entry)
    }
  }

  /** Drops a key: its run was deleted or trained further. */
  async forget(key: string): Promise<void> {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    entry.evicted = true
    await this.#disposeIfDone(entry)
  }

  /** Drops all. */
  async clear(): Promise<void> {
    await Promise.all(this.keys.map((key) => this.forget(key)))
  }

  #entry(key: string): Entry<T> {
    const cached = this.#entries.get(key)
    const entry = cached ?? { value: this.#options.load(key), users: 0, evicted: false }
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    if (cached === undefined) {
      entry.value.catch(() => {
        if (this.#entries.get(key) === entry) this.#entries.delete(key)
      })
    }
    return entry
  }

  async #evict(): Promise<void> {
    while (this.#entries.size > this.#options.capacity) await this.forget(this.keys[0]!)
  }

  async #disposeIfDone(entry: Entry<T>): Promise<void> {
    if (!entry.evicted || entry.users > 0) return
    const value = await entry.value.catch(() => undefined)
    if (value !== undefined) await this.#options.dispose(value)
  }
}
