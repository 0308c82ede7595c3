/** A stage's progress as a job's facts. */
import { Cancelled } from '../../../contract/errors.ts'
import type { Progress } from '../../../contract/shapes/progress.ts'
import type { JobFact } from '../../queue/job-types.ts'

/** Drains a stage into facts and returns its result; where a cancel was asked the stage is closed and {@link Cancelled} thrown. */
export async function* asFacts<R>(stage: AsyncGenerator<Progress, R>, signal: AbortSignal): AsyncGenerator<JobFact, R> {
  let ended = false
  try {
    for (;;) {
      const next = await stage.next()
      if (next.done === true) {
        ended = true
        return next.value
      }
      yield { kind: 'progress', progress: next.value }
      if (signal.aborted) throw new Cancelled()
    }
  } finally {
    if (!ended) await stage.return(undefined as never)
  }
}
