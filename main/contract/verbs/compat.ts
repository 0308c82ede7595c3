/** Whether the towers of one run may meet the index of another: what mixing two trainings of one model costs while they are swapped. */
import { z } from 'zod'
import { protocolSchema } from '../shapes/protocol.ts'
import { job, run, type VerbDefinition } from './common.ts'

/** What may be done with two versions: served side by side as they are, after `pylon export --align-to`, or exchanged at one moment alone. */
export const COMPAT_ADVICE = ['mix', 'align', 'together'] as const

const measure = z.strictObject({
  value: z.number(),
  /** less the first run's own, mean over users with a paired bootstrap interval */
  difference: z.number(),
  low: z.number(),
  high: z.number(),
})

/** A user tower that meets an index. */
export const compatCellSchema = z.strictObject({
  users: z.enum(['a', 'b']),
  items: z.enum(['a', 'b']),
  /** the second run's vectors were rotated onto the first's */
  isAligned: z.boolean(),
  recall: measure,
  ndcg: measure,
})
export type CompatCell = z.infer<typeof compatCellSchema>

const spread = z.strictObject({ mean: z.number(), p10: z.number(), p50: z.number(), p90: z.number() })

const side = z.strictObject({
  run: z.string(),
  name: z.string(),
  dataset: z.string(),
  dim: z.int(),
})

export const compatInput = z.strictObject({
  runs: z.array(run).length(2).describe('the run that is served and the one that takes its place; measured by the protocol of the second'),
  k: z.int().min(1).max(1000).default(20).describe('cut-off of recall, NDCG and of the lists that are compared'),
  margin: z.number().min(0).max(1).default(0.05).describe("share of the first run's recall and NDCG that a mixture may lose"),
  users: z.int().min(10).max(10_000_000).default(20_000).describe('held-out users that are measured at most, drawn once'),
  seed: z.int().min(0).default(1).describe('of the users drawn and of the intervals'),
})
export type CompatInput = z.output<typeof compatInput>

export const compatResult = z.strictObject({
  a: side,
  b: side,
  protocol: protocolSchema,
  k: z.int(),
  margin: z.number(),
  /** measured */
  users: z.int(),
  /** of the second run's dataset; what one does not know, the other has alone */
  items: z.strictObject({ both: z.int(), onlyA: z.int(), onlyB: z.int() }),
  cells: z.array(compatCellSchema),
  /** why there is no mixture, or none after a rotation; null where there is */
  unmixed: z.string().nullable(),
  unaligned: z.string().nullable(),
  /** of the lists of both runs, each by itself */
  churn: z.strictObject({
    /** items of a user's list that are new */
    replaced: spread,
    /** |A ∩ B| / |A ∪ B| */
    jaccard: spread,
    /** rank-biased overlap (Webber, Moffat & Zobel 2010), extrapolated from k, p 0.9 */
    rbo: spread,
    /** users by how many items of their list are new, from 0 to k */
    histogram: z.array(z.int()),
    /** whose lists share least */
    most: z.array(z.strictObject({ user: z.string(), replaced: z.int(), rbo: z.number() })),
  }),
  advice: z.enum(COMPAT_ADVICE),
})
export type CompatResult = z.infer<typeof compatResult>

export const compatVerbs = {
  'runs.compat': {
    cli: 'compat',
    summary: 'Whether the towers of one run may meet the index of its retrain: recall of each pairing, and how far lists change',
    changes: false,
    positional: 'runs',
    input: compatInput,
    output: job,
    result: compatResult,
  },
} as const satisfies Record<string, VerbDefinition>
