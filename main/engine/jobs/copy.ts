/** Copies a workspace (a backup, or a restore of one), or its database alone. */
import { Database } from '../store/database.ts'
import { copyWorkspace } from '../store/copy-workspace.ts'
import { asFacts } from './training/facts.ts'
import type { JobContext, JobFact, Jobs } from '../queue/job-types.ts'

export async function* copyJob(
  { from, to }: Jobs['copy']['input'],
  { signal }: JobContext,
): AsyncGenerator<JobFact, Jobs['copy']['result']> {
  return yield* asFacts(copyWorkspace(from, to), signal)
}

// eslint-disable-next-line require-yield -- SQLite reports no progress of a copy
export async function* copyDatabaseJob({ from, to }: Jobs['copy-database']['input'], _: JobContext): AsyncGenerator<JobFact, string> {
  const database = new Database(from)
  try {
    database.copyTo(to)
    return to
  } finally {
    database.close()
  }
}
