/** Slices of users and items that explain the difference of two runs. */
import { z } from 'zod'
import { protocolSchema } from '../shapes/protocol.ts'
import { job, run, type VerbDefinition } from './common.ts'

/** Whom a slice holds by a column: a value, numbers from … to, none. */
const sliceTestSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('value'), value: z.string() }),
  z.strictObject({ kind: z.literal('range'), from: z.number(), to: z.number() }),
  /** seconds since 1970 */
  z.strictObject({ kind: z.literal('time'), from: z.number(), to: z.number() }),
  z.strictObject({ kind: z.literal('missing') }),
])
export type SliceTest = z.infer<typeof sliceTestSchema>

export const foundSliceSchema = z.strictObject({
  /** item: users with such a held-out item */
  side: z.enum(['user', 'item']),
  /** of the metadata; or `history` (earlier interactions of a user), `popularity` (of an item) */
  column: z.string(),
  test: sliceTestSchema,
  users: z.int(),
  meanA: z.number(),
  meanB: z.number(),
  /** B less A, of the slice and of all other users */
  difference: z.number(),
  rest: z.number(),
  /** the one less the other, with an interval of 95 % */
  excess: z.number(),
  low: z.number(),
  high: z.number(),
  /** part of the whole change that the slice's users make up; null where the whole is 0 */
  share: z.number().nullable(),
  t: z.number(),
  /** two-sided, and corrected for the slices that were looked at (Benjamini & Hochberg 1995) */
  p: z.number(),
  adjusted: z.number(),
})
export type FoundSlice = z.infer<typeof foundSliceSchema>

export const slicesResult = z.strictObject({
  a: z.strictObject({ run: z.string(), name: z.string() }),
  b: z.strictObject({ run: z.string(), name: z.string() }),
  protocol: protocolSchema,
  metric: z.string(),
  fdr: z.number(),
  users: z.int(),
  /** B less A of all users */
  difference: z.number(),
  /** slices with enough users and items on both sides */
  looked: z.int(),
  /** the surest first */
  found: z.array(foundSliceSchema),
})
export type SlicesResult = z.infer<typeof slicesResult>

export const sliceVerbs = {
  'runs.slices': {
    cli: 'slices',
    summary: 'Slices of users and items by which two runs differ otherwise than by all others',
    positional: 'runs',
    input: z.strictObject({
      runs: z.array(run).length(2).describe('two finished runs of one protocol: the first is what the second is measured against'),
      metric: z.string().default('ndcg@20').describe('metric of a query: recall@K, ndcg@K, hit@K, mrr@K, map@K, precision@K'),
      fdr: z.number().gt(0).max(1).default(0.1).describe('false discovery rate: the share of chance among what is listed'),
    }),
    output: job,
    result: slicesResult,
  },
} as const satisfies Record<string, VerbDefinition>
