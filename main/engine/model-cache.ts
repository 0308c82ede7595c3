/**
 * What questions need in memory, loaded once and shared by all verbs: the last few datasets and models that were asked about. The code
 * that reads them comes with the first of them.
 */
import { ResourceCache } from './ann/resource-cache.ts'
import type { Catalogue } from './serving/catalogue.ts'
import type { OpenModel } from './serving/open-model.ts'
import { runLocation } from './run-location.ts'
import type { Store } from './store/store.ts'

/** Models kept: two runs side by side, and one more. */
const MODELS = 3
const CATALOGUES = 3
/** Threads of a question's matrix product: it reads memory faster than one core can, and a training job has the others. */
const THREADS = 1

export class ModelCache {
  readonly #store: Store
  readonly #catalogues: ResourceCache<Catalogue>
  readonly #models: ResourceCache<OpenModel>

  constructor(store: Store) {
    this.#store = store
    this.#catalogues = new ResourceCache({
      capacity: CATALOGUES,
      load: async (key) => {
        const name = nameOf(key)
        return (await import('./serving/catalogue.ts')).Catalogue.open(store.workspace.dataset(name), store.datasets.get(name))
      },
      dispose: () => {},
    })
    this.#models = new ResourceCache({
      capacity: MODELS,
      load: async (id) => {
        const row = store.runs.resolve(id)
        const catalogue = await this.catalogue(row.dataset, (opened) => opened)
        const { OpenModel } = await import('./serving/open-model.ts')
        return OpenModel.open(runLocation(store, row), THREADS, catalogue)
      },
      dispose: (model) => model.dispose(),
    })
  }

  /** Gives a dataset to `use`. @throws PylonError not-found */
  catalogue<R>(dataset: string, use: (catalogue: Catalogue) => Promise<R> | R): Promise<R> {
    return this.#catalogues.with(keyOf(this.#store.datasets.get(dataset)), use)
  }

  /** Gives the model of a finished run, by id or name, to `use`. @throws PylonError not-found; conflict where it is not finished */
  model<R>(run: string, use: (model: OpenModel, id: string) => Promise<R> | R): Promise<R> {
    const { id } = this.#store.runs.resolveFinished(run)
    return this.#models.with(id, (model) => use(model, id))
  }

  /** Lets the model of a run go that is about to be deleted: its index is mapped, and some systems keep a mapped file from going. */
  forget(run: string): Promise<void> {
    return this.#models.forget(run)
  }

  /** Lets everything go. */
  async close(): Promise<void> {
    await this.#models.clear()
    await this.#catalogues.clear()
  }
}

/** A dataset that was replaced is another one. */
const keyOf = ({ name, createdAt }: { name: string; createdAt: string }): string => `${createdAt} ${name}`
const nameOf = (key: string): string => key.slice(key.indexOf(' ') + 1)
