/** What a verb is, inputs that many take, and what a job's call answers. */
import { z } from 'zod'

export const dataset = z.string().min(1).describe('name of a dataset in the workspace')
export const run = z.string().min(1).describe('id or name of a run (the newest of that name)')
export const k = z.int().min(1).max(10_000)
export const forever = z.boolean().default(false).describe('remove it for good, instead of moving it to the trash')
/** of a verb that takes or answers nothing */
export const nothing = z.strictObject({})
export const job = z.strictObject({ job: z.string() })

/** One verb: its word on the command line, its shapes. One with a `result` is a job, any other a query. */
export interface VerbDefinition {
  /** without it the verb is for pages only */
  readonly cli?: string
  readonly summary: string
  readonly input: z.ZodObject
  /** what the call itself answers */
  readonly output: z.ZodType
  /** for jobs: what `job.finished` carries */
  readonly result?: z.ZodType
  /** the input property that the command line takes without a flag */
  readonly positional?: string
  /** whether it writes into the workspace: by default a job does and a query does not */
  readonly changes?: boolean
  /** whether it is there to free space: nothing may stand in its way on a full disk */
  readonly frees?: boolean
  /** whether it works without an opened workspace, and so also on one that cannot be opened */
  readonly unopened?: boolean
  /** of a check: the property of its result that is false where it did not hold, at which a command ends with 1 */
  readonly holds?: string
}
