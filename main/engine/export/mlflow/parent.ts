/**
 * The run of MLflow that the trials of a search lie below. Found again by its tag, so that whoever goes on with the search goes on below the
 * same one.
 */
import type { MlflowClient, MlflowStatus } from './client.ts'

/** The tag that a search is found again by. */
const SEARCH_TAG = 'pylon.search'
/** The tag by which MLflow shows a run below another. */
const PARENT_TAG = 'mlflow.parentRunId'

export interface ParentFacts {
  readonly search: string
  readonly name: string
  readonly dataset: string
  /** ISO 8601 */
  readonly createdAt: string
}

export interface ParentEnd {
  readonly status: MlflowStatus
  /** of the validation part; null: no trial was measured */
  readonly best: { readonly metric: string; readonly value: number; readonly trial: number } | null
}

export class MlflowParent {
  readonly #client: MlflowClient
  readonly #facts: ParentFacts
  #id: Promise<string> | null = null

  constructor(client: MlflowClient, facts: ParentFacts) {
    this.#client = client
    this.#facts = facts
  }

  /** The tag of a run of this experiment that lies below. @throws Unreachable where it may be tried again, PylonError where not */
  async tag(experiment: string): Promise<{ key: string; value: string }> {
    // one for all trials, also those that begin at once
    this.#id ??= this.#begin(experiment).catch((error: unknown) => {
      this.#id = null
      throw error
    })
    return { key: PARENT_TAG, value: await this.#id }
  }

  /** Tells how the search ended, where any of its trials was told. @throws as {@link tag} */
  async ended({ status, best }: ParentEnd): Promise<void> {
    const id = await this.#id
    if (id === null) return
    if (best !== null) {
      const metric = { key: `best/${best.metric.replace('@', '_at_')}`, value: best.value, timestamp: Date.now(), step: best.trial }
      await this.#client.log(id, { metrics: [metric] })
    }
    await this.#client.update(id, status, Date.now())
  }

  async #begin(experiment: string): Promise<string> {
    const { search, name, dataset, createdAt } = this.#facts
    const found = await this.#client.find(experiment, { key: SEARCH_TAG, value: search })
    if (found !== null) {
      await this.#client.update(found.info.run_id, 'RUNNING')
      return found.info.run_id
    }
    const tags = Object.entries({ [SEARCH_TAG]: search, 'pylon.dataset': dataset, 'mlflow.source.name': 'pylon' })
    const made = await this.#client.create(experiment, {
      name,
      start: Date.parse(createdAt),
      tags: tags.map(([key, value]) => ({ key, value })),
    })
    return made.info.run_id
  }
}
