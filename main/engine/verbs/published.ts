/** Verb handler of what was published on the split of a run. */
import type { PublishedSplit } from '../../contract/verbs/published.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'
import { mayBePublished, publishedSplit } from '../evaluation/published.ts'

export function publishedVerbs({ store, opened }: EngineContext): Handlers<'runs.published'> {
  /** by the checksum of a dataset */
  const known = new Map<string, Promise<PublishedSplit | null>>()
  const splitOf = (name: string): Promise<PublishedSplit | null> => {
    const { checksum } = store.datasets.get(name)
    const found = known.get(checksum) ?? opened.catalogue(name, ({ dataset }) => publishedSplit(dataset))
    known.set(checksum, found)
    found.catch(() => known.delete(checksum))
    return found
  }
  return {
    'runs.published': async ({ run }) => {
      const row = store.runs.resolveFinished(run)
      const { metrics } = store.results.summary(row)
      const protocol = row.protocol === null ? null : store.results.protocol(row.protocol)
      // the papers' protocol: the test part, whole, without what was seen
      const isTheirs = protocol !== null && protocol.part === 'test' && protocol.seen === 'masked' && protocol.events.length === 0
      const split = isTheirs && mayBePublished(store.datasets.get(row.dataset)) ? await splitOf(row.dataset) : null
      return { run: row.id, metrics, split }
    },
  }
}
