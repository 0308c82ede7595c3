/** The runs as a page of columns, for a table of 10,000 of them; and what such a table edits and deletes. */
import { z } from 'zod'
import { protocolSchema } from '../shapes/protocol.ts'
import { runColumnsSchema } from '../shapes/run-table.ts'
import { dataset, forever, nothing, run, type VerbDefinition } from './common.ts'

const metric = z.string().min(1).max(200)
const path = z
  .string()
  .max(200)
  .regex(/^[A-Za-z]\w*(\.[A-Za-z]\w*|\[\d+\])*$/, 'a path of the spec such as training.epochs')
const runIds = z.array(run).min(1).max(100_000)
const folder = z
  .string()
  .max(200)
  .regex(/^[^/]+(\/[^/]+)*$|^$/, 'names with / between them; empty: none')
const tag = z.string().min(1).max(64)

export const runTableVerbs = {
  'runs.table': {
    summary: 'The runs as columns',
    input: z.strictObject({
      dataset: dataset.optional(),
      runs: runIds.optional().describe('only these; those that do not exist are left out'),
      metrics: z.array(metric).max(100).default([]).describe('test metrics'),
      best: metric.default('ndcg@20').describe('validation metric of the best epoch'),
      spec: z.array(path).max(100).default([]).describe('paths of the spec'),
    }),
    output: z.strictObject({ columns: runColumnsSchema, protocols: z.array(protocolSchema) }),
  },
  'runs.fields': {
    summary: 'What runs can be shown, sorted and searched by: metrics, spec paths, tags, folders',
    input: nothing,
    output: z.strictObject({
      metrics: z.array(z.string()),
      spec: z.array(z.string()),
      tags: z.array(z.string()),
      folders: z.array(z.string()),
    }),
  },
  'runs.edit': {
    summary: 'Change the name, folder, tags or note of runs; all of them or none',
    changes: true,
    input: z.strictObject({
      runs: runIds,
      name: z.string().min(1).max(200).optional(),
      folder: folder.optional(),
      note: z.string().max(100_000).optional(),
      tags: z.array(tag).max(100).optional().describe('replaces the tags'),
      addTags: z.array(tag).max(100).default([]),
      removeTags: z.array(tag).max(100).default([]),
    }),
    output: z.strictObject({ changed: z.int() }),
  },
  'runs.pin': {
    summary: 'Make a run the baseline of its protocol, or no longer',
    changes: true,
    input: z.strictObject({ run, pinned: z.boolean() }),
    output: nothing,
  },
  'runs.remove': {
    summary: 'Delete runs; those that somebody works on stay',
    changes: true,
    input: z.strictObject({ runs: runIds, forever }),
    output: z.strictObject({
      deleted: z.array(z.string()),
      kept: z.array(z.strictObject({ run: z.string(), reason: z.string() })),
    }),
  },
} as const satisfies Record<string, VerbDefinition>
