/** Verbs about the machine and the program: version, native libraries, health of the workspace (`doctor`). */
import { z } from 'zod'
import { readPath } from '../paths.ts'
import { copyReportSchema, repairReportSchema, workspaceReportSchema } from '../shapes/workspace.ts'
import { job, nothing, type VerbDefinition } from './common.ts'

export const aboutResult = z.strictObject({
  pylon: z.string(),
  node: z.string(),
  platform: z.string(),
  cpu: z.string(),
  cores: z.int(),
  memoryBytes: z.number(),
  freeDiskBytes: z.number(),
  home: z.string(),
  viewed: z.string().nullable().describe('why the workspace is open for reading only; null where it is not'),
})

export const doctorResult = aboutResult.extend({
  libraries: z.array(z.strictObject({ name: z.string(), version: z.string(), works: z.boolean(), note: z.string() })),
  executors: z.array(z.strictObject({ name: z.string(), works: z.boolean(), note: z.string() })),
  workspace: workspaceReportSchema,
  /** null: no repair was asked for */
  repaired: repairReportSchema.nullable(),
  /** strays that were moved to the trash, as asked */
  tidied: z.array(z.string()),
})

export type DoctorResult = z.infer<typeof doctorResult>

export const systemVerbs = {
  'system.about': {
    summary: 'Versions, cores, memory, free disk, the workspace; at once, as nothing is tried out',
    input: nothing,
    output: aboutResult,
  },
  'system.doctor': {
    cli: 'doctor',
    summary: 'What is installed, which executors work, cores, memory, free disk; whether the workspace is sound',
    unopened: true,
    input: z.strictObject({
      repair: z.boolean().default(false).describe('make the database anew from the folders and the daily copies'),
      tidy: z.boolean().default(false).describe('move what no row of the database knows to the trash'),
    }),
    output: doctorResult,
  },
  'workspace.restore': {
    cli: 'restore',
    summary: 'Copy a backup to where no workspace is yet (--home)',
    unopened: true,
    positional: 'from',
    input: z.strictObject({ from: readPath().describe('the folder of a backup') }),
    output: job,
    result: copyReportSchema,
  },
} as const satisfies Record<string, VerbDefinition>
