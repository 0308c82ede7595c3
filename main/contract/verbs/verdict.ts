/** Two runs or recipes: different, the same within a margin, or nobody can say yet. And which figures of a table are the best beyond chance. */
import { z } from 'zod'
import { interval } from '../shapes/parts.ts'
import { protocolSchema } from '../shapes/protocol.ts'
import { job, run, type VerbDefinition } from './common.ts'
import { DIFFERENCE_SLICES } from './difference.ts'

const side = z.strictObject({
  family: z.string(),
  name: z.string(),
  runs: z.array(z.string()),
  seeds: z.array(z.int()).describe('one a run; none of a model without a seed'),
  mean: z.number(),
  sd: z.number().nullable().describe('over seeds; null for one'),
})

export const verdictResult = z.strictObject({
  a: side,
  b: side,
  protocol: protocolSchema,
  metric: z.string(),
  users: z.int(),
  verdict: z.enum(['different', 'same', 'unknown']),
  /** whether it holds of recipes, other seeds counted in, or of these runs alone */
  of: z.enum(['recipes', 'runs']),
  /** B less A */
  difference: z.number(),
  interval: interval.describe('of the difference, from users and seeds'),
  inner: interval.describe('the same at 90 %: where it lies within the margin, the two are the same'),
  standardError: z.number(),
  df: z.number(),
  p: z.number().describe('two-sided, of no difference'),
  within: z.number().describe('the margin of "the same"'),
  pWithin: z.number().describe('of a difference as great as the margin, either way (two one-sided tests)'),
  seedShare: z.number().describe('share of the uncertainty that other seeds make'),
  needed: z
    .strictObject({
      power: z.number(),
      users: z.int().nullable().describe('with the seeds there are; null: no number would do'),
      seeds: z.int().nullable().describe('of each side, with the users there are; null: no number would do, or nothing is known of seeds'),
    })
    .describe('what tells a true difference of the margin'),
  slices: z.array(
    z.strictObject({
      slice: z.enum(DIFFERENCE_SLICES),
      users: z.int(),
      meanA: z.number(),
      meanB: z.number(),
      difference: z.number(),
      interval,
      adjusted: z.number().describe('p-value, corrected over the slices (Holm 1979)'),
    }),
  ),
})
export type VerdictResult = z.infer<typeof verdictResult>

/** Rows of one protocol, each the runs that differ only in their seed, and the best of each metric where a test tells it from all others. */
export const marksSchema = z.strictObject({
  groups: z.array(
    z.strictObject({
      protocol: z.string(),
      rows: z.array(z.array(z.string())).describe('runs of each row'),
      best: z.record(z.string(), z.int()).describe('by metric, the row; metrics without a clear best are left out'),
    }),
  ),
  unranked: z.array(z.string()).describe('runs whose ranks are not there yet (runs.rank): no mark stands in their tables'),
})

export const verdictVerbs = {
  'runs.verdict': {
    cli: 'verdict',
    summary: 'Two runs or recipes: different, the same within a margin, or nobody can say yet; from users and seeds together',
    positional: 'runs',
    input: z.strictObject({
      runs: z
        .array(run)
        .length(2)
        .describe('two finished runs of one protocol, each with all that differ from it only in their seed; or ids of such families'),
      metric: z.string().default('ndcg@20').describe('metric of a query: recall@K, ndcg@K, hit@K, mrr@K, map@K, precision@K'),
      within: z
        .string()
        .regex(/^\d*\.?\d+(e-?\d+)? ?%?$/, 'a number above 0, or a percentage of the better one: 0.002 or 2%')
        .default('2%')
        .describe('the margin of "the same": a number, or a percentage of the better one'),
      alone: z.boolean().default(false).describe('compare these two runs, without the others of their seeds'),
    }),
    output: job,
    result: verdictResult,
  },
  'runs.marks': {
    summary: 'Which figures of a table of runs are the best beyond chance, corrected over the table (Benjamini & Hochberg)',
    input: z.strictObject({
      runs: z.array(run).min(1).max(200),
      metrics: z.array(z.string()).min(1).max(200),
      families: z.boolean().default(true).describe('a row is all runs that differ only in their seed, else each run is one'),
    }),
    output: marksSchema,
  },
} as const satisfies Record<string, VerbDefinition>
