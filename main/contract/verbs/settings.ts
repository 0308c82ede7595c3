/** The workspace's settings: read and changed. */
import { z } from 'zod'
import { settingsSchema } from '../shapes/settings.ts'
import { nothing, type VerbDefinition } from './common.ts'

export const settingsVerbs = {
  'settings.get': {
    summary: "The workspace's settings",
    input: nothing,
    output: settingsSchema,
  },
  'settings.set': {
    summary: "Change some of the workspace's settings; what is left out stays",
    changes: true,
    input: settingsSchema.partial(),
    output: settingsSchema,
  },
  'settings.updates': {
    summary: 'Whether a newer version exists; asks nobody unless the settings and PYLON_UPDATE_URL say so',
    input: nothing,
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
