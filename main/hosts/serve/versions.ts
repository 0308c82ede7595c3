/**
 * The model that serves, and the one that is about to. A request takes a lease of one version and answers from it alone; a swap loads the
 * next beside it, puts the items that were added or removed meanwhile into it, and lets new requests have it from one moment on. The old
 * one goes when its last lease is given back.
 */
import { PylonError } from '../../contract/errors.ts'
import { openVerified } from '../../engine/export/bundle/read.ts'
import { checkMatch } from '../../engine/export/bundle/write.ts'
import { ServedModel } from '../../engine/serving/served.ts'
import type { ServeSource } from '../../engine/serving/server-messages.ts'
import { drain } from '../../engine/training/embed.ts'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'

export interface Version {
  readonly id: string
  readonly name: string
  readonly model: ServedModel
}

interface Held extends Version {
  leases: number
  retired: boolean
}

/** Milliseconds between two probes of a bundle that is to take over: what serves has the thread meanwhile. */
const PAUSE = 25
/** Items that may be added while it serves: what bounds the memory. */
const MOST_ADDED = 100_000

export class Versions {
  #current: Held
  readonly #options: { threads: number; temp: string }
  /** items added since the start, or removed (null), by id */
  readonly #changes = new Map<string, Readonly<Record<string, unknown>> | null>()
  #swapping = false

  private constructor(first: Version, options: { threads: number; temp: string }) {
    this.#current = { ...first, leases: 0, retired: false }
    this.#options = options
  }

  static async open(source: ServeSource, options: { threads: number; temp: string }): Promise<Versions> {
    return new Versions(await load(source, options), options)
  }

  get current(): Version {
    return this.#current
  }

  /** Gives the version of this moment to `use`; it stays alive until `use` has settled. */
  async with<R>(use: (version: Version) => Promise<R> | R): Promise<R> {
    const held = this.#current
    held.leases++
    try {
      return await use(held)
    } finally {
      held.leases--
      await release(held)
    }
  }

  /** @throws PylonError conflict while another swap is under way; whatever loading it throws. Then the old version stays. */
  async swap(source: ServeSource): Promise<Version> {
    if (this.#swapping) throw new PylonError('conflict', 'A swap is under way: wait for its end.')
    this.#swapping = true
    try {
      const next = await load(source, this.#options, PAUSE)
      const done = new Map<string, Readonly<Record<string, unknown>> | null>()
      // changes that come in while these are made are made in the next round, until there is none
      for (let pending = this.#pending(done); pending.length > 0; pending = this.#pending(done)) {
        for (const [id, row] of pending) {
          await applyChange(next.model, id, row)
          done.set(id, row)
        }
      }
      const old = this.#current
      this.#current = { ...next, leases: 0, retired: false }
      old.retired = true
      await release(old)
      return next
    } finally {
      this.#swapping = false
    }
  }

  #pending(done: ReadonlyMap<string, unknown>): [string, Readonly<Record<string, unknown>> | null][] {
    return [...this.#changes].filter(([id, row]) => !done.has(id) || done.get(id) !== row)
  }

  /**
   * Adds an item, or describes it anew, in the version that serves; where another takes over meanwhile, in that one too.
   * @returns whether it is new
   * @throws PylonError conflict where too many were added; bad-input where the features do not fit
   */
  async put(id: string, row: Readonly<Record<string, unknown>>): Promise<boolean> {
    if (!this.#changes.has(id) && this.#changes.size >= MOST_ADDED)
      throw new PylonError('conflict', `${MOST_ADDED} items were changed since the start: make a new bundle and swap to it.`)
    let isNew = false
    for (let into: Version | null = null; into !== this.#current;) {
      into = this.#current
      isNew = await this.with(({ model }) => model.put(id, row))
    }
    this.#changes.set(id, row)
    return isNew
  }

  remove(version: Version, id: string): void {
    version.model.remove(id)
    this.#changes.set(id, null)
  }

  dispose(): Promise<void> {
    return this.#current.model.dispose()
  }
}

async function release(held: Held): Promise<void> {
  if (held.retired && held.leases === 0) await held.model.dispose()
}

/** An item that the next model does not have, or cannot describe, is left as it is there. */
async function applyChange(model: ServedModel, id: string, row: Readonly<Record<string, unknown>> | null): Promise<void> {
  try {
    if (row === null) model.remove(id)
    else await model.put(id, row)
  } catch (error) {
    if (!(error instanceof PylonError)) throw error
  }
}

async function load(source: ServeSource, { threads, temp }: { threads: number; temp: string }, pause = 0): Promise<Version> {
  if (source.kind === 'run') {
    if (source.spec.model !== 'two-tower') throw new PylonError('bad-input', `A run of ${source.spec.model} has no towers to serve.`, 'run')
    checkMatch(source.spec)
    return { id: source.run, name: source.name, model: await ServedModel.open({ ...source, spec: source.spec, threads }) }
  }
  const { bundle, model } = await drain(openVerified(source.path, await mkdtemp(join(temp, 'bundle-')), threads, pause))
  const { manifest } = bundle
  return { id: `${manifest.run.id}@${manifest.createdAt}`, name: manifest.run.name, model }
}
