/** The machine. */
import { z } from 'zod'
import type { VerbDefinition } from './common.ts'

export const aboutResult = z.strictObject({
  pylon: z.string(),
  node: z.string(),
  platform: z.string(),
  cpu: z.string(),
  cores: z.int(),
  memoryBytes: z.number(),
  freeDiskBytes: z.number(),
  home: z.string(),
})

export const doctorResult = aboutResult.extend({
  libraries: z.array(z.strictObject({ name: z.string(), version: z.string(), works: z.boolean(), note: z.string() })),
  executors: z.array(z.strictObject({ name: z.string(), works: z.boolean(), note: z.string() })),
})

export type DoctorResult = z.infer<typeof doctorResult>

export const systemVerbs = {
  'system.about': {
    cli: null,
    summary: 'Versions, cores, memory, free disk, the workspace; at once, as nothing is tried out',
    kind: 'query',
    input: z.strictObject({}),
    output: aboutResult,
  },
  'system.doctor': {
    cli: 'doctor',
    summary: 'What is installed, which executors work, cores, memory, free disk',
    kind: 'query',
    input: z.strictObject({}),
    output: doctorResult,
  },
} as const satisfies Record<string, VerbDefinition>
