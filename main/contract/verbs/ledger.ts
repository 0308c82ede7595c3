/** The feature ledger of a run: what each column that a tower reads is worth, and what it costs. */
import { z } from 'zod'
import { protocolSchema } from '../shapes/protocol.ts'
import { searchDetailSchema, searchStateSchema } from '../shapes/search.ts'
import { job, run, type VerbDefinition } from './common.ts'

export const LEDGER_SLICES = ['all', 'cold', 'head', 'tail'] as const

/** shuffled: trained anew with the column's values at other entities. without: trained anew without it */
export const ABLATIONS = ['without', 'shuffled'] as const
export type Ablation = (typeof ABLATIONS)[number]

/** The metric as it is less the metric without what the column says, mean over users: above 0 the column helps. */
export const dropSchema = z.strictObject({
  slice: z.enum(LEDGER_SLICES),
  users: z.int(),
  drop: z.number(),
  /** interval of 95 %, over users and over repeats or seeds */
  low: z.number(),
  high: z.number(),
  /** two-sided, and corrected for the numbers of its kind in the table (Benjamini & Hochberg 1995) */
  p: z.number(),
  adjusted: z.number(),
})
export type Drop = z.infer<typeof dropSchema>

const retrained = z.strictObject({
  /** that both this and the whole spec were trained with */
  seeds: z.array(z.int()),
  drops: z.array(dropSchema),
  /** a training without the column takes so many seconds less an epoch; null where seconds were not kept */
  secondsLess: z.number().nullable(),
  /** why it could not be trained; null where it could */
  error: z.string().nullable(),
})
export type Retrained = z.infer<typeof retrained>

export const ledgerRowSchema = z.strictObject({
  side: z.enum(['user', 'item']),
  /** names of the columns, `id`, or the name of a feature that is made of the interactions */
  column: z.string(),
  /** names and kinds of the features that read it */
  features: z.array(z.strictObject({ name: z.string(), kind: z.string() })),
  /** of its embedding tables, and of what is kept encoded of all entities */
  bytes: z.int(),
  /** to read and encode it for all entities; null where it is made with each request */
  milliseconds: z.number().nullable(),
  permuted: z.array(dropSchema),
  without: retrained.nullable(),
  shuffled: retrained.nullable(),
})
export type LedgerRow = z.infer<typeof ledgerRowSchema>

export const ledgerResult = z.strictObject({
  run: z.string(),
  metric: z.string(),
  protocol: protocolSchema,
  /** whose lists were made, at most as many as asked for */
  users: z.int(),
  repeats: z.int(),
  /** of the run as it is */
  value: z.number(),
  /** the greatest drop first */
  rows: z.array(ledgerRowSchema),
  /** the search whose trials are the retrained ones; null where there is none */
  ablation: z.strictObject({ search: z.string(), state: searchStateSchema, trials: z.int(), ofTrials: z.int() }).nullable(),
})
export type LedgerResult = z.infer<typeof ledgerResult>

export const ledgerInput = z.strictObject({
  run,
  metric: z.string().default('ndcg@20').describe('metric of a query: recall@K, ndcg@K, hit@K, mrr@K, map@K, precision@K'),
  repeats: z.int().min(2).max(100).default(5).describe('permutations of each column'),
  users: z.int().min(10).max(1_000_000).default(3000).describe('users whose lists are made, drawn once'),
  split: z.enum(['validation', 'test']).default('validation').describe('validation: by the towers of train alone'),
  seed: z.int().min(0).default(1).describe('of the permutations and the drawn users'),
})
export type LedgerInput = z.infer<typeof ledgerInput>

export const ledgerVerbs = {
  'runs.ledger': {
    cli: 'ledger',
    summary: 'What each column that the towers of a run read is worth, and what it costs',
    positional: 'run',
    input: ledgerInput,
    output: job,
    result: ledgerResult,
  },
  'runs.ledgered': {
    summary: 'The newest ledger of a run; null where there is none',
    input: z.strictObject({ run }),
    output: ledgerResult.nullable(),
  },
  'runs.ablate': {
    cli: 'ablate',
    summary: 'Train a run anew without each column, and with its values shuffled, as one search; `ledger` tells what came of it',
    positional: 'run',
    input: z.strictObject({
      run,
      columns: z.array(z.string()).default([]).describe('only these, such as item.price or user.id; default: all'),
      how: z.array(z.enum(ABLATIONS)).default([]).describe('without, shuffled; default: both'),
      seeds: z.int().min(1).max(20).default(3).describe('each trained with as many'),
      metric: z.string().default('ndcg@20').describe('of the validation part, by which an epoch is chosen'),
      threads: z.int().min(1).max(256).optional().describe('threads; default: the cores'),
    }),
    output: job.extend({ search: z.string() }),
    result: searchDetailSchema,
  },
} as const satisfies Record<string, VerbDefinition>
