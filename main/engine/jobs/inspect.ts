/** Looks at files before an import, away from the engine: reading them takes seconds and memory, and a damaged one may crash a reader. */
import { join } from 'node:path'
import type { FileInspection } from '../../contract/shapes/inspection.ts'
import { inspectFiles } from '../import/inspect-files.ts'
import type { JobContext, JobFact, Jobs } from '../queue/job-types.ts'
import { asFacts } from './training/facts.ts'

export function inspectJob(
  { input, threads, kindsBefore }: Jobs['inspect']['input'],
  { temp, signal, guard }: JobContext,
): AsyncGenerator<JobFact, FileInspection> {
  return asFacts(inspectFiles({ input, threads, guard, scratch: join(temp, 'inspect'), ...(kindsBefore && { kindsBefore }) }), signal)
}
