/** How a user's history becomes one vector (or several): a table of encoders. What they read is most recent first. */
import { z } from 'zod'
import { variant } from './parts.ts'

const attentionWidth = z.int().min(1).max(1024).default(32).describe('width of the layer that scores items')

export const historyEncoderSchema = z.discriminatedUnion('kind', [
  variant('mean', 'mean of the items; pooled before the graph, so the cheapest', {}),
  variant('recency', 'mean weighted by recency', {
    halfLife: z.number().gt(0).default(10).describe('an item so many places back counts half'),
  }),
  variant('attention', 'additive attention: softmax of v·tanh(W x + b) over the items (Bahdanau et al. 2015)', {
    hidden: attentionWidth,
  }),
  variant('self-attention', 'causal pre-norm transformer; the output at the most recent item (SASRec 2018, PinnerFormer 2022)', {
    layers: z.int().min(1).max(8).default(2).describe('of the transformer'),
    heads: z.int().min(1).max(32).default(2).describe('must divide dim'),
    feedForward: z.int().min(1).max(16).default(2).describe('width of the inner layer, in dims'),
  }),
  variant('gru', 'gated recurrent unit, oldest to newest; the last state (GRU4Rec 2016)', {
    hidden: z.int().min(1).max(1024).default(32).describe('width of the state'),
  }),
  variant('short-long', 'attention over the most recent items beside the mean of all', {
    short: z.int().min(1).max(200).default(5).describe('most recent items that are the short term'),
    hidden: attentionWidth,
  }),
  variant('interests', 'several user vectors, one a learned query; an item is matched by the nearest (ComiRec-SA 2020)', {
    count: z.int().min(2).max(16).default(4).describe('vectors of a user'),
    hidden: attentionWidth,
  }),
])
export type HistoryEncoderSpec = z.infer<typeof historyEncoderSchema>

/** What is added to each item's embedding before it is encoded. */
export const sequenceInputSchema = z.enum(['position', 'age', 'event'])
export type SequenceInput = z.infer<typeof sequenceInputSchema>
