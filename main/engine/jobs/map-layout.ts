/** Lays the items of a run out in the plane; the newest layout is kept in the run's folder. */
import { join } from 'node:path'
import { sha256File } from '../files/atomic.ts'
import { writeJsonFile } from '../files/json-file.ts'
import { writeNpy } from '../files/npy.ts'
import { RUN_FILES } from '../model/run-files.ts'
import { mapLayout } from '../serving/map/layout.ts'
import { OpenModel } from '../serving/open-model.ts'
import type { JobContext, JobFact, Jobs, MapLayoutJob } from '../queue/job-types.ts'
import { asFacts } from './training/facts.ts'

export async function* mapLayoutJob(
  { run, ask, ...place }: MapLayoutJob,
  { threads, signal }: JobContext,
): AsyncGenerator<JobFact, Jobs['map-layout']['result']> {
  const model = await OpenModel.open(place, threads)
  try {
    const { facts, places } = yield* asFacts(mapLayout(model, ask, threads), signal)
    const path = RUN_FILES.mapPlaces
    await writeNpy(join(place.runFolder, path), 'float32', [places.length / 2, 2], places as Float32Array<ArrayBuffer>)
    yield { kind: 'artefact', artefact: { path, ...(await sha256File(join(place.runFolder, path))) } }
    const about = RUN_FILES.mapFacts
    yield { kind: 'artefact', artefact: { path: about, ...(await writeJsonFile(join(place.runFolder, about), facts)) } }
    const { version: _, placedUsers, ...told } = facts
    return { ...told, run, users: placedUsers.length }
  } finally {
    await model.dispose()
  }
}
