/** Verb handlers of what was published on a split, and of the evaluator held against it. */
import { conflict } from '../../contract/errors.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'
import { mayBePublished, publishedNames, publishedSplit } from '../evaluation/published.ts'

type Known = Awaited<ReturnType<typeof publishedSplit>>

export function publishedVerbs({
  store,
  opened,
  queue,
  threads,
}: EngineContext): Handlers<'runs.published' | 'datasets.published' | 'datasets.prove'> {
  /** by the checksum of a dataset */
  const known = new Map<string, Promise<Known>>()
  const knownSplit = async (name: string): Promise<Known> => {
    const record = store.datasets.get(name)
    if (!mayBePublished(record)) return null
    const found = known.get(record.checksum) ?? opened.catalogue(name, ({ dataset }) => publishedSplit(dataset))
    known.set(record.checksum, found)
    found.catch(() => known.delete(record.checksum))
    return found
  }
  return {
    'runs.published': async ({ run }) => {
      const row = store.runs.resolveFinished(run)
      const { metrics } = store.results.summary(row)
      const protocol = row.protocol === null ? null : store.results.protocol(row.protocol)
      // the papers' protocol: the test part, whole, without what was seen
      const isTheirs = protocol !== null && protocol.part === 'test' && protocol.seen === 'masked' && protocol.events.length === 0
      return { run: row.id, metrics, split: isTheirs ? ((await knownSplit(row.dataset))?.split ?? null) : null }
    },
    'datasets.published': async ({ dataset }) => ({ split: (await knownSplit(dataset))?.split ?? null }),
    'datasets.prove': async (ask) => {
      const datasetRecord = store.datasets.get(ask.dataset)
      const found = await knownSplit(datasetRecord.name)
      if (found === null)
        throw conflict(
          `There is nothing to hold the evaluator to: dataset ${ask.dataset} is no split whose published figures Pylon knows. Import one: ${publishedNames().join('; ')}.`,
          'dataset',
        )
      const proofs = found.proofs.filter(({ model }) => ask.models.length === 0 || ask.models.includes(model))
      return queue.add({
        job: 'prove',
        threads,
        input: () => ({ ask, split: found.split.name, proofs, datasetFolder: store.workspace.dataset(datasetRecord.name), datasetRecord }),
        settle: (result) => result,
      })
    },
  }
}
