/**
 * The runs as a page of columns, for a table of 10,000 of them: numbers as typed arrays, texts as codes into their distinct values. And
 * what a table edits: name, folder, tags, notes, the pinned baseline; and deletes.
 */
import { z } from 'zod'
import { protocolSchema } from '../shapes/protocol.ts'
import { runStateSchema } from '../shapes/run.ts'
import { dataset, run, type VerbDefinition } from './common.ts'

const ints = z.instanceof(Int32Array<ArrayBufferLike>)
const doubles = z.instanceof(Float64Array<ArrayBufferLike>)

/** One text a run: `values[codes[i]]`; -1 where it has none. */
export const codedSchema = z.strictObject({ values: z.array(z.string()), codes: ints })
export type Coded = z.infer<typeof codedSchema>

export const runColumnsSchema = z.strictObject({
  /** ids, oldest first; every other column is as long */
  run: z.array(z.string()),
  name: codedSchema,
  dataset: codedSchema,
  model: codedSchema,
  recipe: codedSchema,
  state: codedSchema.extend({ values: z.array(runStateSchema) }),
  folder: codedSchema,
  note: codedSchema,
  /** all tags of a run, sorted, as one JSON list */
  tags: codedSchema,
  protocol: codedSchema,
  /** seconds since 1970 */
  createdAt: doubles,
  /** NaN where there is none, here and below */
  seed: doubles,
  /** epochs trained so far */
  epochs: ints,
  /** -1 where no epoch was evaluated */
  bestEpoch: ints,
  /** the validation metric `best` at that epoch */
  best: doubles,
  /** of work, so far */
  seconds: doubles,
  examplesPerSecond: doubles,
  /** 1: the baseline of its protocol */
  pinned: z.instanceof(Uint8Array<ArrayBufferLike>),
  /** runs of one number differ only in their seed; present where asked for */
  family: ints.optional(),
  /** test metrics by name, as asked for */
  metrics: z.record(z.string(), doubles),
  /** values of spec paths as JSON texts, as asked for */
  spec: z.record(z.string(), codedSchema),
})
export type RunColumns = z.infer<typeof runColumnsSchema>

const metric = z.string().min(1).max(200)
const path = z
  .string()
  .max(200)
  .regex(/^[A-Za-z]\w*(\.[A-Za-z]\w*|\[\d+\])*$/, 'a path of the spec such as training.epochs')
const many = z.array(run).min(1).max(100_000)
const folder = z
  .string()
  .max(200)
  .regex(/^[^/]+(\/[^/]+)*$|^$/, 'names with / between them; empty: none')
const tag = z.string().min(1).max(64)

export const runTableVerbs = {
  'runs.table': {
    cli: null,
    summary: 'The runs as columns',
    kind: 'query',
    input: z.strictObject({
      dataset: dataset.optional(),
      runs: many.optional().describe('only these; those that do not exist are left out'),
      metrics: z.array(metric).max(100).default([]).describe('test metrics'),
      best: metric.default('ndcg@20').describe('validation metric of the best epoch'),
      spec: z.array(path).max(100).default([]).describe('paths of the spec'),
      families: z.boolean().default(false).describe('also say which runs differ only in their seed'),
    }),
    output: z.strictObject({ columns: runColumnsSchema, protocols: z.array(protocolSchema) }),
  },
  'runs.fields': {
    cli: null,
    summary: 'What runs can be shown, sorted and searched by: metrics, spec paths, tags, folders',
    kind: 'query',
    input: z.strictObject({}),
    output: z.strictObject({
      metrics: z.array(z.string()),
      spec: z.array(z.string()),
      tags: z.array(z.string()),
      folders: z.array(z.string()),
    }),
  },
  'runs.edit': {
    cli: null,
    summary: 'Change the name, folder, tags or note of runs; all of them or none',
    kind: 'query',
    input: z.strictObject({
      runs: many,
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
    cli: null,
    summary: 'Make a run the baseline of its protocol, or no longer',
    kind: 'query',
    input: z.strictObject({ run, pinned: z.boolean() }),
    output: z.strictObject({}),
  },
  'runs.remove': {
    cli: null,
    summary: 'Delete runs; those that somebody works on stay',
    kind: 'query',
    input: z.strictObject({ runs: many }),
    output: z.strictObject({
      deleted: z.array(z.string()),
      kept: z.array(z.strictObject({ run: z.string(), reason: z.string() })),
    }),
  },
} as const satisfies Record<string, VerbDefinition>
