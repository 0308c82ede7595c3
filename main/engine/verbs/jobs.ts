/** Verb handlers of the job queue: list its jobs, ask one to stop. */
import type { EngineContext, Handlers } from '../engine-context.ts'

export function jobVerbs({ queue }: EngineContext): Handlers<'jobs.list' | 'jobs.cancel'> {
  return {
    'jobs.list': async () => ({ jobs: queue.list() }),
    'jobs.cancel': async ({ job }) => {
      queue.cancel(job)
      return {}
    },
  }
}
