/** The jobs of the engine: what runs, what waits, and asking one to stop. */
import { z } from 'zod'
import type { Progress } from '../shapes/progress.ts'
import { nothing, type VerbDefinition } from './common.ts'

export const jobInfoSchema = z.strictObject({
  job: z.string(),
  kind: z.string().describe('import, train, evaluate, export, …'),
  run: z.string().nullable().describe('id of the run it works on'),
  name: z.string().nullable().describe('name of that run'),
  state: z.enum(['waiting', 'running', 'stopping']).describe('stopping: it was asked to, and ends at its next step'),
  beside: z.boolean().describe('a light job that does not wait for the heavy ones'),
  queuedAt: z.string(),
  startedAt: z.string().nullable(),
  /** as in the last `job.progress`; null before the first */
  progress: z.custom<Progress>().nullable(),
  perSecond: z.number().nullable(),
  etaSeconds: z.number().nullable(),
})
export type JobInfo = z.infer<typeof jobInfoSchema>

export const jobVerbs = {
  'jobs.list': {
    summary: 'The jobs that run and wait, in the order of their turns',
    input: nothing,
    output: z.strictObject({ jobs: z.array(jobInfoSchema) }),
  },
  'jobs.cancel': {
    cli: 'cancel',
    summary: 'Ask a job to stop at its next step',
    positional: 'job',
    input: z.strictObject({ job: z.string() }),
    output: nothing,
  },
} as const satisfies Record<string, VerbDefinition>
