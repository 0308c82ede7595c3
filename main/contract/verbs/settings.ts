/** The workspace's settings: read and changed. */
import { z } from 'zod'
import { settingsSchema } from '../shapes/settings.ts'
import type { VerbDefinition } from './common.ts'

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
    changes: true,
    input: settingsSchema.partial(),
    output: settingsSchema,
  },
} as const satisfies Record<string, VerbDefinition>
