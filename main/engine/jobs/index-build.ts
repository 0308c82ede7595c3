/** Builds an ANN index of a run's items beside its own. Only when it is whole does it take its place. */
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { IndexShow } from '../../contract/shapes/ann.ts'
import { buildIndex } from '../ann/usearch.ts'
import { OpenModel } from '../serving/model.ts'
import { indexPath, showIndex, writeAbout } from '../serving/indexes.ts'
import { asFacts } from './training/facts.ts'
import type { IndexJob, JobContext, JobFact } from './types.ts'

export async function* indexJob(
  { runFolder, datasetFolder, spec, name, index: indexSpec }: IndexJob,
  { threads, signal }: JobContext,
): AsyncGenerator<JobFact, IndexShow> {
  const model = await OpenModel.open(runFolder, datasetFolder, spec, threads)
  try {
    const { dim, metric, vectors } = model
    const started = performance.now()
    const index = yield* asFacts(buildIndex(vectors.item, { dim, metric, spec: indexSpec }, { threads }), signal)
    const buildSeconds = (performance.now() - started) / 1000
    await mkdir(dirname(indexPath(runFolder, name)), { recursive: true })
    await index.save(indexPath(runFolder, name))
    index.dispose()
    await writeAbout(runFolder, name, { version: 1, buildSeconds, builtAt: new Date().toISOString(), added: [] })
    return await showIndex(runFolder, name, vectors.item.length / dim)
  } finally {
    await model.dispose()
  }
}
