/** A stage's progress as a job's facts, and a fit's facts changed on their way: its trials in one count. */
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
export function numbered<R>(fit: AsyncGenerator<JobFact, R>): AsyncGenerator<JobFact, R> {
  let trials = 0
  return changed(fit, (fact) => (fact.kind === 'trial' ? { ...fact, number: trials++ } : fact))
}

/** Drains a fit, each fact as `change` has it; null: left out. */
export async function* changed<R>(fit: AsyncGenerator<JobFact, R>, change: (fact: JobFact) => JobFact | null): AsyncGenerator<JobFact, R> {
  try {
    for (;;) {
      const { done, value } = await fit.next()
      if (done === true) return value
      const fact = change(value)
      if (fact !== null) yield fact
    }
  } finally {
    await fit.return(undefined as never)
  }
}
