/** Settings of the workspace: what the engine needs to know, whoever the page or the command line is. */
import { z } from 'zod'
import type { VerbDefinition } from './common.ts'

export const settingsSchema = z.strictObject({
  threads: z.int().min(1).max(256).nullable().describe('threads of a job that asks for none; null: all cores'),
})
export type Settings = z.infer<typeof settingsSchema>

export const settingsVerbs = {
  'settings.get': {
    cli: null,
    summary: "The workspace's settings",
    kind: 'query',
    input: z.strictObject({}),
    output: settingsSchema,
  },
  'settings.set': {
    cli: null,
    summary: "Change some of the workspace's settings; what is left out stays",
    kind: 'query',
    input: settingsSchema.partial(),
    output: settingsSchema,
  },
} as const satisfies Record<string, VerbDefinition>
