/** Copies a workspace: a backup, or a restore of one. */
import { copyWorkspace } from '../store/copy-workspace.ts'
import { asFacts } from './training/facts.ts'
import type { JobContext, JobFact, Jobs } from './types.ts'

export async function* copyJob(
  { from, to }: Jobs['copy']['input'],
  { signal }: JobContext,
): AsyncGenerator<JobFact, Jobs['copy']['result']> {
  return yield* asFacts(copyWorkspace(from, to), signal)
}
