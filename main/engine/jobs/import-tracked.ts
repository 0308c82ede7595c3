/** Reads what another tracker knows of runs; the engine keeps it. */
import { Cancelled } from '../../contract/errors.ts'
import { readTracked } from '../import/tracked/read.ts'
import type { JobContext, JobFact, Jobs } from '../queue/job-types.ts'

export async function* importTrackedJob(
  ask: Jobs['import-tracked']['input'],
  { signal }: JobContext,
): AsyncGenerator<JobFact, Jobs['import-tracked']['result']> {
  const reading = readTracked(ask)
  try {
    for (;;) {
      const next = reading.next()
      if (next.done === true) return next.value
      yield { kind: 'progress', progress: next.value }
      if (signal.aborted) throw new Cancelled()
    }
  } finally {
    // its files are closed
    reading.return(undefined as never)
  }
}
