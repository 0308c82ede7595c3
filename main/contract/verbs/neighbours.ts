/** Verbs of retrieval: items for a user, and items like an item, by a finished run. */
import { z } from 'zod'
import { hitSchema } from '../shapes/run.ts'
import { k, run, type VerbDefinition } from './common.ts'

export const recommendInput = z.strictObject({
  run,
  user: z.string().optional().describe('id of a known user'),
  features: z.string().optional().describe('a new user as JSON: columns by name, "history": [item ids], "time": seconds or ISO date'),
  k: k.default(10),
  includeSeen: z.boolean().default(false).describe('also return items the user interacted with in training'),
  ann: z.boolean().default(false).describe('search the index instead of all items'),
})

export const similarInput = z.strictObject({
  run,
  item: z.string().optional().describe('id of a known item'),
  features: z.string().optional().describe('a new item as JSON: columns by name'),
  k: k.default(10),
  ann: z.boolean().default(false).describe('search the index instead of all items'),
})

export const neighboursResult = z.strictObject({
  run: z.string(),
  query: z.strictObject({
    kind: z.enum(['user', 'item', 'features']),
    id: z.string().nullable(),
    title: z.string().nullable(),
    popularity: z.int(),
  }),
  search: z.enum(['exact', 'ann']),
  /** with ANN: its recall against exact search for this query at this K */
  recallVsExact: z.number().nullable(),
  hits: z.array(hitSchema),
  /** what of a typed-in query the model does not know, a sentence each */
  warnings: z.array(z.string()),
})

export type NeighboursResult = z.infer<typeof neighboursResult>

export const neighbourVerbs = {
  'neighbours.recommend': {
    cli: 'recommend',
    summary: 'Items for a known user or a typed-in profile',
    input: recommendInput,
    output: neighboursResult,
  },
  'neighbours.similar': {
    cli: 'similar',
    summary: 'Items like a known or a new item',
    input: similarInput,
    output: neighboursResult,
  },
} as const satisfies Record<string, VerbDefinition>
