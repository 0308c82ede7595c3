/** The query-level difference of two runs: for whom the second is better, for whom worse, and whether that is more than chance. */
import { z } from 'zod'
import { SLICE_NAMES } from '../metrics.ts'
import { doubles, interval } from '../shapes/parts.ts'
import { protocolSchema } from '../shapes/protocol.ts'
import { job, run, type VerbDefinition } from './common.ts'

const pair = z.array(run).length(2).describe('two finished runs of one protocol: the first is what the second is measured against')
const metric = z.string().default('ndcg@20').describe('metric of a query: recall@K, ndcg@K, hit@K, mrr@K, map@K, precision@K')

export const DIFFERENCE_SLICES = ['all', ...SLICE_NAMES] as const
export type DifferenceSlice = (typeof DIFFERENCE_SLICES)[number]

/** A user of the comparison. `change` is the first run's rank less the second's: positive where the second is better. */
export const differenceUserSchema = z.strictObject({
  user: z.string(),
  /** dense index */
  index: z.int(),
  /** earlier interactions */
  history: z.int(),
  /** held-out items */
  held: z.int(),
  /** the held-out item whose rank changed most */
  item: z.strictObject({ id: z.string(), title: z.string().nullable(), popularity: z.int() }),
  /** ranks of that item; null: without a score, or not retrieved */
  rankA: z.int().nullable(),
  rankB: z.int().nullable(),
  change: z.int().nullable().describe('null where one of them is no rank'),
  valueA: z.number(),
  valueB: z.number(),
})
export type DifferenceUser = z.infer<typeof differenceUserSchema>

const outcomes = { wins: z.int().describe('users for whom the second run is better'), losses: z.int(), ties: z.int() }

export const differenceResult = z.strictObject({
  a: z.strictObject({ run: z.string(), name: z.string(), seed: z.int().nullable() }),
  b: z.strictObject({ run: z.string(), name: z.string(), seed: z.int().nullable() }),
  protocol: protocolSchema,
  metric: z.string(),
  users: z.int(),
  ...outcomes,
  meanA: z.number(),
  meanB: z.number(),
  /** mean over users of the second's value less the first's */
  difference: z.number(),
  interval: interval.extend({ samples: z.int() }).describe('paired bootstrap'),
  randomisation: z.strictObject({ p: z.number(), samples: z.int() }).describe('paired sign-flip test, two-sided'),
  seed: z.int(),
  /** by the rank of the held-out item that changed most */
  ranks: z.strictObject({
    better: z.int(),
    worse: z.int(),
    same: z.int(),
    unranked: z.int().describe('users whose item has no rank in one of the runs, or in both'),
    medianA: z.number().nullable().describe('of those it ranks; null where it ranks none'),
    medianB: z.number().nullable(),
  }),
  /** the metric restricted to held-out items of a slice; users without any are not in it */
  slices: z.array(
    z.strictObject({
      slice: z.enum(DIFFERENCE_SLICES),
      users: z.int(),
      meanA: z.number(),
      meanB: z.number(),
      difference: z.number(),
      ...outcomes,
      interval: interval.describe('Student, paired'),
      adjusted: z.number().describe('p-value, corrected over the slices (Benjamini & Hochberg)'),
    }),
  ),
  /** users by change of rank: from ≤ change ≤ to, ascending, without gaps */
  histogram: z.array(z.strictObject({ from: z.int(), to: z.int(), users: z.int() })),
  /** the greatest changes, as many as asked for */
  gained: z.array(differenceUserSchema),
  lost: z.array(differenceUserSchema),
})
export type DifferenceResult = z.infer<typeof differenceResult>

export const DIFFERENCE_SORTS = ['change', 'value', 'rankA', 'rankB', 'history', 'user'] as const

export const differenceUsersInput = z.strictObject({
  runs: pair,
  metric,
  outcome: z.enum(['all', 'win', 'loss', 'tie']).default('all').describe('by the metric'),
  slice: z.enum(DIFFERENCE_SLICES).default('all').describe('users with a held-out item of that slice'),
  text: z.string().max(200).default('').describe('part of a user id, or of the id or title of the held-out item'),
  changeFrom: z.int().nullable().default(null).describe('only users whose change of rank is at least this, for a bar of the histogram'),
  changeTo: z.int().nullable().default(null),
  sort: z.enum(DIFFERENCE_SORTS).default('change'),
  descending: z.boolean().default(true),
  offset: z.int().min(0).default(0),
  limit: z.int().min(1).max(500).default(100),
})
export type DifferenceUsersInput = z.output<typeof differenceUsersInput>

export const rankCurveSchema = z.strictObject({
  run: z.string(),
  name: z.string(),
  seed: z.int().nullable(),
  protocolHash: z.string(),
  /** means over users at K = 1, 2, … */
  recall: doubles,
  ndcg: doubles,
  hit: doubles,
})

export const differenceVerbs = {
  'runs.difference': {
    cli: 'difference',
    summary: 'For whom the second of two runs is better: wins, losses, a paired test, the greatest changes of rank',
    positional: 'runs',
    input: z.strictObject({
      runs: pair,
      metric,
      seed: z.int().min(0).default(1).describe('of the bootstrap and the randomisation test'),
      users: z.int().min(0).max(1_000).default(10).describe('how many of the greatest changes to list, each way'),
    }),
    output: job,
    result: differenceResult,
  },
  'difference.users': {
    summary: 'Users of a comparison, filtered and sorted; runs.difference has to have been there before',
    input: differenceUsersInput,
    output: z.strictObject({ total: z.int(), users: z.array(differenceUserSchema) }),
  },
  'runs.rank': {
    cli: 'rank',
    summary: 'Compute and keep the ranks of the held-out items of finished runs, for marks, curves over K and differences',
    positional: 'runs',
    input: z.strictObject({ runs: z.array(run).min(1).max(200) }),
    output: job,
    result: z.strictObject({ runs: z.array(z.string()) }),
  },
  'curves.ranks': {
    summary: 'Recall, NDCG and hit rate over K = 1, 2, …; runs whose ranks are not there yet are missing',
    input: z.strictObject({ runs: z.array(run).min(1).max(200), maxK: z.int().min(1).max(1_000).default(200) }),
    output: z.strictObject({ curves: z.array(rankCurveSchema), missing: z.array(z.string()) }),
  },
} as const satisfies Record<string, VerbDefinition>
