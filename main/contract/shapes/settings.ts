/** Settings of the workspace: what the engine needs to know, whoever asks. What only a page needs is kept by the page. */
import { z } from 'zod'

export const settingsSchema = z.strictObject({
  threads: z.int().min(1).max(256).nullable().describe('threads of a job that asks for none; null: all cores'),
})
export type Settings = z.infer<typeof settingsSchema>
