/** The searches that this engine drives: what is needed to stop one, or all at the engine's end. How one is driven is in verbs/search. */
import { notFound } from '../contract/errors.ts'

export interface Driven {
  /** asks its trials to stop; it ends when they have */
  cancel(): void
  readonly ended: Promise<void>
}

export class SearchDrivers {
  readonly #driven = new Map<string, Driven>()

  /** Of a search until it has ended. */
  add(search: string, driven: Driven): void {
    this.#driven.set(search, driven)
    void driven.ended.finally(() => this.#driven.delete(search))
  }

  /** @param id of the search, or of its job */
  cancel(id: string): void {
    const driven = this.#driven.get(searchOfJob(id) ?? id)
    if (driven === undefined) throw notFound(`Search ${id} is not under way here.`)
    driven.cancel()
  }

  async close(): Promise<void> {
    const all = [...this.#driven.values()]
    for (const driven of all) driven.cancel()
    await Promise.all(all.map(({ ended }) => ended))
  }
}

const PREFIX = 'search-'
/** The name of a search among the jobs. */
export const jobOfSearch = (search: string): string => `${PREFIX}${search}`
export const searchOfJob = (job: string): string | null => (job.startsWith(PREFIX) ? job.slice(PREFIX.length) : null)
