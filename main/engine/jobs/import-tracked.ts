/** Reads what another tracker knows of runs; the engine keeps it. */
import { readTracked } from '../import/tracked/read.ts'
import type { JobFact, Jobs } from '../queue/job-types.ts'

export async function* importTrackedJob(ask: Jobs['import-tracked']['input']): AsyncGenerator<JobFact, Jobs['import-tracked']['result']> {
  yield { kind: 'progress', progress: { stage: 'read runs', done: 0, total: null, unit: 'runs' } }
  return readTracked(ask)
}
