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
    summary: 'Take a deleted run, dataset, search, backtest or segment back',
    changes: true,
    positional: 'entry',
    input: z.strictObject({ entry }),
    output: z.strictObject({
      kind: trashEntrySchema.shape.kind,
      what: z.string(),
      runs: z.array(z.string()).describe('of a search: its trials that came back with it'),
    }),
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
  'workspace.sql': {
    cli: 'sql',
    summary: 'Ask the workspace in SQL: one SELECT over documented views; without one, what the views hold',
    positional: 'sql',
    input: z.strictObject({
      sql: z
        .string()
        .max(100_000)
        .default('')
        .describe("such as: SELECT name, value FROM runs JOIN metrics USING (run) WHERE metric = 'recall@20'"),
      limit: z.int().min(1).max(1_000_000).default(10_000).describe('rows at most'),
      csv: z.boolean().default(false).describe('print CSV'),
    }),
    output: z.strictObject({
      columns: z.array(z.string()),
      rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))),
      more: z.boolean().describe('whether there were more rows'),
      csv: z.boolean(),
    }),
  },
} as const satisfies Record<string, VerbDefinition>
