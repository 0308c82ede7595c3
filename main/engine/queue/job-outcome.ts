/** How a job's process ended, and the error that stands for it. */
import { Cancelled, type ErrorShape, fromErrorShape } from '../../contract/errors.ts'
import type { JobName, Jobs } from './job-types.ts'

/** How a job's process ended, before the starter has dealt with it. `crash` is a sentence without its remedy. */
export type JobOutcome<J extends JobName> =
  | { readonly state: 'done'; readonly result: Jobs[J]['result'] }
  | { readonly state: 'cancelled' }
  | { readonly state: 'failed'; readonly error: ErrorShape }
  | { readonly state: 'crashed'; readonly error: ErrorShape; readonly cancelled: boolean }

/** The error that an outcome other than done stands for. */
export function errorOfOutcome(outcome: Exclude<JobOutcome<JobName>, { state: 'done' }>): Error {
  if (outcome.state === 'cancelled' || (outcome.state === 'crashed' && outcome.cancelled)) return new Cancelled()
  return fromErrorShape(outcome.error)
}

/** How a body's error ends its job. */
export function failed(error: ErrorShape): JobOutcome<JobName> {
  return error.code === 'cancelled' ? { state: 'cancelled' } : { state: 'failed', error }
}

/** What is known of a process that died: that it wanted memory, where a stack says nothing, or else how, and the end of what it printed. */
export function crash(reason: string, printed: string): ErrorShape {
  const memory = /heap out of memory|bad_alloc|Cannot allocate memory|Failed to allocate/i.test(printed)
  if (memory || reason === 'SIGKILL') {
    const how = memory ? 'ran out of memory' : 'was killed (SIGKILL), perhaps for want of memory'
    return { code: 'bug', message: `The job's process ${how}.` }
  }
  return { code: 'bug', message: `The job's process died (${reason}).`, ...(printed.trim() === '' ? {} : { stack: printed.trim() }) }
}
