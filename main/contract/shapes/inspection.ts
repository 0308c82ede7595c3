/** What files look like before they are imported: what each of them is, which column plays which role, and what is wrong. */
import { z } from 'zod'
import { columnKindSchema } from './dataset.ts'
import { findingSchema } from './finding.ts'
import { apartSchema, preparationStepSchema } from './preparation.ts'

/** What a file is to an import. */
export const FILE_ROLES = ['interactions', 'users', 'items', 'test'] as const
export type FileRole = (typeof FILE_ROLES)[number]

/** Roles of columns: of interactions, then of metadata files. */
export const COLUMN_ROLES = ['user', 'item', 'time', 'weight', 'event', 'userId', 'itemId', 'title'] as const
export type ColumnRole = (typeof COLUMN_ROLES)[number]

export const inspectedColumnSchema = z.strictObject({
  name: z.string(),
  role: z.enum(COLUMN_ROLES).nullable().describe('the role it plays; null: none'),
  confidence: z
    .enum(['said', 'high', 'medium', 'low'])
    .nullable()
    .describe('how sure its role is; low: it is for a person to say; null: it has none'),
  reason: z.string().describe('why it is guessed to have its role; empty where it was said'),
  describes: z.enum(['user', 'item']).optional().describe('of interactions: whom or what it describes, where there is no table of them'),
  left: z.string().optional().describe('of interactions: why it describes nobody'),
  kind: columnKindSchema.nullable().describe('of columns that describe: what it is to a model; null for others and ids'),
  how: z.string().describe('how its cells are read: "epoch seconds", "separated by |"; empty where there is nothing to say'),
  samples: z.array(z.string()).describe('up to five distinct values, as the file has them'),
  missing: z.number().describe('share of empty cells in the sample'),
})

export const inspectedFileSchema = z.strictObject({
  role: z.enum(FILE_ROLES).nullable().describe('null: not used'),
  also: z.boolean().optional().describe('true: further interactions, joined with those of the first file'),
  path: z.string(),
  shown: z.string().describe('its name, as messages have it'),
  reader: z.string(),
  bytes: z.int(),
  rows: z.int(),
  rowsExact: z.boolean().describe('false: estimated from the size of the first rows'),
  named: z.boolean().describe('whether its columns have names of their own'),
  columns: z.array(inspectedColumnSchema),
})
export type InspectedFile = z.infer<typeof inspectedFileSchema>

/** A problem stands where it belongs: at a column of a file, at a file, or (both null) at the import. */
export const inspectionProblemSchema = z.strictObject({
  level: z.enum(['error', 'warning', 'info']),
  file: z.string().nullable().describe('`shown` of the file'),
  column: z.string().nullable(),
  role: z.enum(COLUMN_ROLES).nullable().describe('the role that no column could be found for'),
  message: z.string(),
})
export type InspectionProblem = z.infer<typeof inspectionProblemSchema>

export const fileInspectionSchema = z.strictObject({
  format: z.string(),
  /** what `datasets.import` is given to import what was looked at, but its name, split and corrections */
  source: z.strictObject({
    path: z.string().optional(),
    format: z.string(),
    interactions: z.string().optional(),
    users: z.string().optional(),
    items: z.string().optional(),
    test: z.string().optional(),
    also: z.array(z.string()).optional(),
  }),
  files: z.array(inspectedFileSchema),
  problems: z.array(inspectionProblemSchema),
  findings: z.array(findingSchema).describe('what the counts warn of, and the split that fits; empty where the file was not read whole'),
  counts: z
    .strictObject({ users: z.int(), items: z.int(), interactions: z.int() })
    .nullable()
    .describe('distinct ids and rows of the interactions; null where they were not read whole'),
  preparation: z
    .array(preparationStepSchema)
    .describe('what the preparation would remove, step by step; empty where none is asked for or the interactions were not read whole'),
  apart: apartSchema.nullable().describe('what is kept and is no positive; null where all are, or the interactions were not read whole'),
  hasTime: z.boolean(),
  hasWeight: z.boolean(),
  events: z.array(z.string()).describe('event types, before any preparation'),
  hasOrder: z.boolean().describe('whether rows are in order of time, with or without a time'),
  /** interactions in at most 60 equal bins of the span; null without time, or where the file was not read whole */
  activity: z.strictObject({ from: z.number(), to: z.number(), counts: z.array(z.int()) }).nullable(),
})
export type FileInspection = z.infer<typeof fileInspectionSchema>
