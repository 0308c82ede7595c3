/** The workspace as a whole: what was deleted from it, and its copies. */
import { z } from 'zod'
import { writePath } from '../paths.ts'
import { copyReportSchema, trashEntrySchema } from '../shapes/workspace.ts'
import { job, nothing, type VerbDefinition } from './common.ts'

const entry = z.string().min(1).describe('id of an entry of the trash, or the id or name of what was deleted (the newest of that name)')

export const workspaceVerbs = {
  'trash.list': {
    cli: 'trash',
    summary: 'What was deleted and can be taken back',
    input: nothing,
    output: z.strictObject({ entries: z.array(trashEntrySchema) }),
  },
  'trash.restore': {
    cli: 'trash restore',
    summary: 'Take a deleted run or dataset back',
    changes: true,
    positional: 'entry',
    input: z.strictObject({ entry }),
    output: z.strictObject({ kind: trashEntrySchema.shape.kind, what: z.string() }),
  },
  'trash.empty': {
    cli: 'trash empty',
    summary: 'Remove what is in the trash for good',
    changes: true,
    frees: true,
    positional: 'entries',
    input: z.strictObject({ entries: z.array(z.string().min(1)).max(1000).default([]).describe('entries by id or name; default: all') }),
    output: z.strictObject({ removed: z.int(), bytes: z.number() }),
  },
  'workspace.backup': {
    cli: 'backup',
    summary: 'Copy the workspace into a folder, also while jobs run',
    changes: false,
    positional: 'out',
    input: z.strictObject({ out: writePath().describe('a folder that is new or empty, outside the workspace') }),
    output: job,
    result: copyReportSchema,
  },
} as const satisfies Record<string, VerbDefinition>
