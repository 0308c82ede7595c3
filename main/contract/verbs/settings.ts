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
  'settings.updates': {
    cli: null,
    summary: 'Whether a newer version exists; asks nobody unless the settings and PYLON_UPDATE_URL say so',
    kind: 'query',
    input: z.strictObject({}),
    output: z.strictObject({
      /** off: by the settings; unset: no address; unknown: for the reason given */
      state: z.enum(['off', 'unset', 'current', 'newer', 'unknown']),
      version: z.string().nullable(),
      /** where it can be had */
      url: z.string().nullable(),
      reason: z.string().nullable(),
    }),
  },
} as const satisfies Record<string, VerbDefinition>
