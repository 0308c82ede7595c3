/** Skew: how what a server is asked differs from what its run was measured on, and what each difference costs. */
import { z } from 'zod'
import { readPath } from '../paths.ts'
import { protocolSchema } from '../shapes/protocol.ts'
import { job, run, type VerbDefinition } from './common.ts'

/** What a column, or the ids of a role, differ by most. */
export const SKEWS = ['none', 'unknown', 'missing', 'scaled', 'shifted', 'distribution', 'stale'] as const

const beforeAndNow = z.strictObject({ before: z.number(), now: z.number() })

/** Of the same queries as they are and with the same skew put into them: value as it is less value with it, mean and interval of 95 % over users. */
const costSchema = z.strictObject({ drop: z.number(), low: z.number(), high: z.number() })

export const skewRowSchema = z.strictObject({
  /** `index`: items that are asked for and are not in it */
  side: z.enum(['user', 'item', 'index']),
  /** a column, `id`, or the name of a history */
  name: z.string(),
  skew: z.enum(SKEWS),
  /** values in the log, and in what they are held against */
  values: z.int(),
  reference: z.int(),
  /** share that the model does not know; null where a column has no such */
  unknown: beforeAndNow.nullable(),
  missing: beforeAndNow.nullable(),
  /** medians of numbers and times (seconds) */
  median: beforeAndNow.nullable(),
  /** whether `median` and the size of `shifted` are seconds */
  isTime: z.boolean(),
  /** of `scaled`: the factor; of `shifted`: the difference; of others null */
  size: z.number().nullable(),
  /** population stability index over tenths, categories, missing and unknown: below 0.1 little, above 0.25 much */
  psi: z.number(),
  /** permutation test, and corrected over the rows (Benjamini & Hochberg 1995) */
  p: z.number(),
  adjusted: z.number(),
  /** null: none was found, or it cannot be put into the held-out queries */
  cost: costSchema.nullable(),
})
export type SkewRow = z.infer<typeof skewRowSchema>

export const skewInput = z.strictObject({
  log: readPath().describe('what `pylon serve --log-requests` wrote; FILE.1 … beside it are read too'),
  run: run.optional().describe('the run that was served; default: the one that the log names'),
  metric: z.string().default('recall@20').describe('metric of a query: recall@K, ndcg@K, hit@K, mrr@K, map@K, precision@K'),
  users: z.int().min(10).max(1_000_000).default(3000).describe('held-out users whose lists are made, drawn once'),
  seed: z.int().min(0).default(1).describe('of what is drawn'),
})
export type SkewInput = z.output<typeof skewInput>

export const skewResult = z.strictObject({
  run: z.string(),
  metric: z.string(),
  protocol: protocolSchema,
  /** held-out users, and the metric of the run as it is */
  users: z.int(),
  value: z.number(),
  requests: z.int(),
  /** that a server answered with 4xx or 5xx */
  refused: z.int(),
  /** that a server could not write, and lines that are none */
  lost: z.int(),
  unread: z.int(),
  /** ISO; null: no request */
  from: z.string().nullable(),
  to: z.string().nullable(),
  /** from the latest interaction that the model has learned from to the last request; null where the data has no time */
  ageDays: z.number().nullable(),
  /** some items that are asked for and not in the index, those asked for most often first */
  absentItems: z.array(z.strictObject({ item: z.string(), times: z.int() })),
  /** findings first, by what they cost */
  rows: z.array(skewRowSchema),
})
export type SkewResult = z.infer<typeof skewResult>

export const skewVerbs = {
  'serving.skew': {
    cli: 'skew',
    summary: 'How the requests of a server differ from what its run was measured on, and what each difference costs',
    changes: false,
    positional: 'log',
    input: skewInput,
    output: job,
    result: skewResult,
  },
} as const satisfies Record<string, VerbDefinition>
