/** A stage's progress as a job's facts, and the trials of a fit in one count. */
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

/** Drains a fit, its trials numbered through: each search for settings in it counts from 0. */
export async function* numbered<R>(fit: AsyncGenerator<JobFact, R>): AsyncGenerator<JobFact, R> {
  let trials = 0
  try {
    for (;;) {
      const { done, value } = await fit.next()
      if (done === true) return value
      yield value.kind === 'trial' ? { ...value, number: trials++ } : value
    }
  } finally {
    await fit.return(undefined as never)
  }
}
