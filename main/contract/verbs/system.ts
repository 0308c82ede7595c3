/** The machine. */
import { z } from 'zod'
import type { VerbDefinition } from './common.ts'

export const doctorResult = z.strictObject({
  pylon: z.string(),
  node: z.string(),
  platform: z.string(),
  cpu: z.string(),
  cores: z.int(),
  memoryBytes: z.number(),
  freeDiskBytes: z.number(),
  home: z.string(),
  libraries: z.array(z.strictObject({ name: z.string(), version: z.string(), works: z.boolean(), note: z.string() })),
  executors: z.array(z.strictObject({ name: z.string(), works: z.boolean(), note: z.string() })),
})

export type DoctorResult = z.infer<typeof doctorResult>

export const systemVerbs = {
  'system.doctor': {
    cli: 'doctor',
    summary: 'What is installed, which executors work, cores, memory, free disk',
    kind: 'query',
    input: z.strictObject({}),
    output: doctorResult,
  },
} as const satisfies Record<string, VerbDefinition>
