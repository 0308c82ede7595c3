/** A look at a workspace: it copies and reads through the whole database, which may be hundreds of megabytes. */
import type { JobContext, JobFact, Jobs } from '../queue/job-types.ts'
import { workspaceReport } from '../store/report.ts'

// eslint-disable-next-line require-yield -- a job that has nothing to report on the way
export async function* reportJob(
  { home, askingEngine }: Jobs['report']['input'],
  _: JobContext,
): AsyncGenerator<JobFact, Jobs['report']['result']> {
  return workspaceReport(home, askingEngine)
}
