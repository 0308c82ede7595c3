/** Segments: items of a dataset under a name, drawn around on the map or listed, on which runs are measured beside all other items. */
import { z } from 'zod'
import { readPath, writePath } from '../paths.ts'
import { entitySchema } from '../shapes/entity.ts'
import { ints } from '../shapes/parts.ts'
import { metricsSchema, protocolSchema } from '../shapes/protocol.ts'
import { dataset, forever, job, run, type VerbDefinition } from './common.ts'

/** Items that a segment, or a measurement, may have. */
export const MOST_ITEMS = 1_000_000

const segment = z.string().min(1).describe('id or name of a segment (the newest of that name)')
const name = z.string().trim().min(1).max(200)
const tags = z.array(z.string().trim().min(1).max(64)).max(100)
const indices = z.array(z.int().min(0)).min(1).max(MOST_ITEMS)

export const segmentSummarySchema = z.strictObject({
  segment: z.string(),
  name: z.string(),
  dataset: z.string(),
  tags: z.array(z.string()),
  /** how many */
  items: z.int(),
  createdAt: z.string(),
})
export type SegmentSummary = z.infer<typeof segmentSummarySchema>

const kind = z.strictObject({
  /** with a held-out item of this kind */
  users: z.int(),
  /** held-out items of this kind */
  held: z.int(),
  /** each query's held-out items restricted to this kind; empty where nobody has any */
  metrics: metricsSchema,
})
/** How runs do on some items and on all others; `name` of a segment, null where the items have none. */
const measured = z.strictObject({
  name: z.string().nullable(),
  items: z.int(),
  /** of all of the runs */
  protocol: protocolSchema,
  runs: z.array(z.strictObject({ run: z.string(), name: z.string(), inside: kind, outside: kind })),
})
export type MeasuredSegment = z.infer<typeof measured>

export const segmentVerbs = {
  'segments.list': {
    cli: 'segments',
    summary: 'List the segments: items of a dataset under a name',
    input: z.strictObject({ dataset: dataset.optional() }),
    output: z.strictObject({ segments: z.array(segmentSummarySchema) }),
  },
  'segments.save': {
    cli: 'segments save',
    summary: 'Keep some items of a dataset under a name, for runs to be measured on',
    changes: true,
    positional: 'name',
    input: z.strictObject({
      name: name.describe('a name, which no other segment of the dataset has'),
      dataset,
      ids: z.array(z.string().min(1)).max(MOST_ITEMS).default([]).describe('ids of its items'),
      file: readPath().optional().describe('a text or CSV file: the first cell of each line is the id of an item'),
      items: indices.optional().describe('its items by their positions in the dataset, in place of ids'),
      tags: tags.default([]),
    }),
    output: segmentSummarySchema,
  },
  'segments.show': {
    cli: 'segments show',
    summary: 'Show a segment and its items, the most popular first',
    positional: 'segment',
    input: z.strictObject({ segment, limit: z.int().min(0).max(1000).default(20).describe('items at most') }),
    output: segmentSummarySchema.extend({
      entities: z.array(entitySchema),
      missing: z.int().describe('items that the dataset no longer has'),
    }),
  },
  'segments.items': {
    summary: 'The items of a segment, by their positions in the dataset',
    input: z.strictObject({ segment }),
    output: segmentSummarySchema.extend({ indices: ints, missing: z.int() }),
  },
  'segments.edit': {
    cli: 'segments edit',
    summary: 'Rename a segment, or replace its tags',
    changes: true,
    positional: 'segment',
    input: z.strictObject({
      segment,
      name: name.optional().describe('its new name'),
      tags: tags.optional().describe('replaces the tags'),
    }),
    output: segmentSummarySchema,
  },
  'segments.measure': {
    cli: 'segments measure',
    summary: 'How runs do on the items of a segment, and on all others',
    positional: 'segment',
    input: z.strictObject({
      segment: segment.optional(),
      runs: z.array(run).min(1).max(8).describe('ids or names of finished runs of its dataset, measured by one protocol'),
      items: indices.optional().describe('items by their positions in the dataset, in place of a segment'),
    }),
    output: job,
    result: measured,
  },
  'segments.export': {
    cli: 'segments export',
    summary: 'Write the items of a segment as CSV: id, title, popularity',
    positional: 'segment',
    input: z.strictObject({ segment, out: writePath().describe('new file, such as items.csv') }),
    output: z.strictObject({ path: z.string(), items: z.int() }),
  },
  'segments.delete': {
    cli: 'segments delete',
    summary: 'Move a segment to the trash',
    changes: true,
    frees: true,
    positional: 'segment',
    input: z.strictObject({ segment, forever }),
    output: z.strictObject({ deleted: z.string(), forever: z.boolean() }),
  },
} as const satisfies Record<string, VerbDefinition>
