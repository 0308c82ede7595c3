/** How a user's history becomes one vector (or several): a table of encoders. What they read is most recent first. */
import { z } from 'zod'

export const historyEncoderSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('mean') }).describe('mean of the items; pooled before the graph, so the cheapest'),
  z
    .strictObject({
      kind: z.literal('recency'),
      halfLife: z.number().gt(0).default(10).describe('an item so many places back counts half'),
    })
    .describe('mean weighted by recency'),
  z
    .strictObject({ kind: z.literal('attention'), hidden: z.int().min(1).max(1024).default(32) })
    .describe('additive attention: softmax of v·tanh(W x + b) over the items (Bahdanau et al. 2015)'),
  z
    .strictObject({
      kind: z.literal('self-attention'),
      layers: z.int().min(1).max(8).default(2),
      heads: z.int().min(1).max(32).default(2).describe('must divide dim'),
      feedForward: z.int().min(1).max(16).default(2).describe('width of the inner layer, in dims'),
    })
    .describe('causal pre-norm transformer; the output at the most recent item (SASRec 2018, PinnerFormer 2022)'),
  z
    .strictObject({ kind: z.literal('gru'), hidden: z.int().min(1).max(1024).default(32) })
    .describe('gated recurrent unit, oldest to newest; the last state (GRU4Rec 2016)'),
  z
    .strictObject({
      kind: z.literal('short-long'),
      short: z.int().min(1).max(200).default(5).describe('most recent items that are the short term'),
      hidden: z.int().min(1).max(1024).default(32),
    })
    .describe('attention over the most recent items beside the mean of all'),
  z
    .strictObject({
      kind: z.literal('interests'),
      count: z.int().min(2).max(16).default(4),
      hidden: z.int().min(1).max(1024).default(32),
    })
    .describe('several user vectors, one a learned query; an item is matched by the nearest (ComiRec-SA 2020)'),
])
export type HistoryEncoderSpec = z.infer<typeof historyEncoderSchema>

/** What is added to each item's embedding before it is encoded. */
export const sequenceInputSchema = z.enum(['position', 'age', 'event'])
export type SequenceInput = z.infer<typeof sequenceInputSchema>
