/**
 * The protocol of an evaluation: everything that makes two numbers comparable. Two numbers whose protocol hashes differ are
 * never ranked together. K is in a metric's own name (`recall@20`), so it is not part of the hash.
 */
import { z } from 'zod'
import { type Part, splitSchema } from './dataset.ts'
import { preparedSchema } from './preparation.ts'

export const protocolSchema = z.strictObject({
  version: z.literal(2),
  datasetName: z.string(),
  datasetChecksum: z.string(),
  split: splitSchema,
  /** what was done to the interactions before; not there where nothing was */
  preparation: preparedSchema.optional(),
  part: z.enum(['validation', 'test']),
  /** what the measured model learned from: one that has seen the validation part too knows more, and later, of every user */
  fittedOn: z.enum(['train', 'train+validation']),
  candidates: z.literal('all-items'),
  /** masked: items of the user's earlier parts are neither candidates nor counted as held out */
  seen: z.enum(['masked', 'included']),
  /** event types whose held-out interactions count; empty: all */
  events: z.array(z.string()),
  ties: z.literal('item-order'),
  search: z.enum(['exact', 'ann']),
  /** first 12 hex digits of the sha256 of the canonical JSON of all the fields above */
  hash: z.string(),
})
export type Protocol = z.infer<typeof protocolSchema>

/** As it may be stored: before 0.4 it did not say what the model was fitted on, see `upgradedProtocol` of the engine. */
export const storedProtocolSchema = z.discriminatedUnion('version', [
  protocolSchema,
  protocolSchema.omit({ fittedOn: true }).extend({ version: z.literal(1) }),
])

/** The parts that come before a held-out part: what a user has seen, and what is known of the items, when it is predicted. */
export const EARLIER_PARTS = { validation: ['train'], test: ['train', 'validation'] } as const satisfies Record<
  Protocol['part'],
  readonly Part[]
>

/**
 * Metric values by name: `recall@20`, `ndcg@20`, `hit@20`, `mrr@20`, `map@20`, `precision@20`, `ips@20`, `coverage@20`, `gini@20`,
 * `novelty@20`, `popularity@20`, `similarity@20`; a slice is a prefix: `cold.recall@20`.
 */
export const metricsSchema = z.record(z.string(), z.number())
export type Metrics = z.infer<typeof metricsSchema>
