/** Builds an ANN index of a run's items beside its own. Only when it is whole does it take its place. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { IndexInfo } from '../../contract/shapes/ann.ts'
import type { Artefact } from '../../contract/shapes/artefact.ts'
import { buildIndex } from '../ann/usearch.ts'
import { OpenModel } from '../serving/open-model.ts'
import { type IndexAbout, showIndex, writeIndexFiles } from '../serving/indexes.ts'
import { INDEXES } from '../model/run-files.ts'
import { asFacts } from './training/facts.ts'
import type { IndexJob, JobContext, JobFact } from '../queue/job-types.ts'

export async function* indexJob(
  { name, index: indexSpec, ...place }: IndexJob,
  { threads, signal }: JobContext,
): AsyncGenerator<JobFact, IndexInfo> {
  const model = await OpenModel.open(place, threads)
  try {
    const { dim, metric, vectors } = model
    const started = performance.now()
    const index = yield* asFacts(buildIndex(vectors.item, { dim, metric, spec: indexSpec }, { threads }), signal)
    const buildSeconds = (performance.now() - started) / 1000
    const files: Artefact[] = []
    const about: IndexAbout = { version: 1, buildSeconds, builtAt: new Date().toISOString(), added: [] }
    await mkdir(join(place.runFolder, INDEXES), { recursive: true })
    await writeIndexFiles(place.runFolder, name, { index, about }, (file) => files.push(file))
    index.dispose()
    for (const artefact of files) yield { kind: 'artefact', artefact }
    return await showIndex({ ...place, fileRecords: files }, name, vectors.item.length / dim)
  } finally {
    await model.dispose()
  }
}
