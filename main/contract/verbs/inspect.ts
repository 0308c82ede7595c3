/** What a finished run retrieves, with what a person needs to judge it: marks, ranks of held-out items, what a history contributes. */
import { z } from 'zod'
import { cellSchema, entityEventSchema, sideSchema } from '../shapes/entity.ts'
import { columnKindSchema } from '../shapes/dataset.ts'
import { hitSchema } from '../shapes/run.ts'
import { metricSchema } from '../shapes/spec.ts'
import { run, type VerbDefinition } from './common.ts'

const side = sideSchema.describe('user: items for a user; item: items like an item')
const without = z.array(z.int().min(0)).max(1000).default([]).describe("positions of the user's history that are left out")

export const inspectInput = z.strictObject({
  run,
  side,
  id: z.string().optional().describe('a known user or item'),
  features: z.string().max(200_000).optional().describe('a typed-in user or item as JSON, columns by name'),
  k: z.int().min(1).max(500).default(20),
  includeSeen: z.boolean().default(false),
  ann: z.boolean().default(false),
  index: z.string().nullable().default(null).describe("name of an index beside the run's own, for ann"),
  without,
  columns: z.array(z.string()).max(24).default([]).describe('item columns to return for each hit'),
})

export const inspectedHitSchema = hitSchema.extend({
  /** dense index; null for an item that was added to the index only */
  index: z.int().nullable(),
  /** in which part the user first interacted with it: in training, in validation, or held out in test; null: not at all */
  seenIn: z.enum(['train', 'validation', 'test']).nullable(),
  /** values of the asked columns, in their order */
  values: z.array(cellSchema),
})
export type InspectedHit = z.infer<typeof inspectedHitSchema>

export const inspectResult = z.strictObject({
  run: z.string(),
  search: z.enum(['exact', 'ann']),
  /** what a score is: a cosine, an inner product, or a sum of item-item weights */
  metric: z.enum([...metricSchema.options, 'weights']),
  hits: z.array(inspectedHitSchema),
  /** with ann: the exact hits that it missed, with their exact ranks */
  missed: z.array(inspectedHitSchema),
  recallVsExact: z.number().nullable(),
  /**
   * every held-out item of a known user with its exact rank among all candidates; rank null: seen before, so no candidate, or without a
   * score; score null: the model gives it none
   */
  heldOut: z.array(
    z.strictObject({
      item: z.string(),
      title: z.string().nullable(),
      popularity: z.int(),
      rank: z.int().nullable(),
      score: z.number().nullable(),
    }),
  ),
  /** items that could be retrieved */
  candidates: z.int(),
  /** whether the user tower reads a history, so that leaving out an interaction changes its vector */
  readsHistory: z.boolean(),
  /** what of a typed-in query the model does not know, a sentence each */
  warnings: z.array(z.string()),
  milliseconds: z.number(),
})
export type InspectResult = z.infer<typeof inspectResult>

export const contributionsResult = z.strictObject({
  run: z.string(),
  /** the hit whose score is explained */
  item: z.string(),
  /** its score by the kept history */
  score: z.number(),
  history: z.array(
    entityEventSchema.extend({
      kept: z.boolean(),
      /** score by the kept history less the score without this one; null where it is left out already or the model does not read it */
      change: z.number().nullable(),
      /** 1 - cosine of the user's vector with and without it */
      turn: z.number().nullable(),
    }),
  ),
  /** the model reads at most so many of the most recent */
  maxLength: z.int(),
})
export type ContributionsResult = z.infer<typeof contributionsResult>

export const formFieldSchema = z.strictObject({
  /** property of the features JSON */
  name: z.string(),
  /** how it is typed in: a column's kind, `history` for a list of item ids, `request-time` for the time of the request */
  kind: z.union([columnKindSchema, z.enum(['history', 'request-time'])]),
  samples: z.array(z.string()),
  minimum: z.number().nullable(),
  maximum: z.number().nullable(),
  /** numbers of a vector */
  width: z.int().nullable(),
  /** for categories and tags: values by frequency, at most 200 */
  options: z.array(z.string()),
  /** for tags: what stands between the parts of a typed text */
  separator: z.string().nullable(),
})
export type FormField = z.infer<typeof formFieldSchema>

export const inspectVerbs = {
  'neighbours.inspect': {
    summary: 'What a run retrieves for a user or beside an item, with marks, ranks of held-out items and what ANN missed',
    input: inspectInput,
    output: inspectResult,
  },
  'neighbours.contributions': {
    summary: 'What each interaction of a user contributes to the score of a hit, by leaving it out',
    input: z.strictObject({ run, id: z.string().describe('a known user'), without, item: z.string().describe('the hit to explain') }),
    output: contributionsResult,
  },
  'neighbours.form': {
    summary: 'What a typed-in user or item may say to a run: its properties with their kinds and common values',
    input: z.strictObject({ run, side: sideSchema }),
    output: z.strictObject({ fields: z.array(formFieldSchema) }),
  },
} as const satisfies Record<string, VerbDefinition>
