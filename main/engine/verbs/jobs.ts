/** Verb handlers of the job queue: list its jobs, ask one to stop. */
import { searchOfJob } from '../search-drivers.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'

export function jobVerbs({ store, queue, searches }: EngineContext): Handlers<'jobs.list' | 'jobs.cancel'> {
  return {
    'jobs.list': async () => ({
      jobs: queue.list().map((job) => ({ ...job, name: job.run === null ? null : store.runs.nameOf(job.run) })),
    }),
    'jobs.cancel': async ({ job }) => {
      if (searchOfJob(job) === null) queue.cancel(job)
      else searches.cancel(job)
      return {}
    },
  }
}
