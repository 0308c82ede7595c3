/** Losses, and where their negatives come from. */
import { z } from 'zod'

const logQ = z
  .number()
  .min(-1)
  .max(1)
  .default(1)
  .describe('weight of the correction s(u,v) - log q(v) (Yi et al. 2019, eq. 3): 1 corrects, 0 is off, -1 inverts it and must hurt')

export const samplerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('uniform') }),
  z.strictObject({
    kind: z.literal('popularity'),
    alpha: z.number().min(0).max(2).default(0.75).describe('q(v) proportional to count(v)^alpha'),
  }),
])
export type SamplerSpec = z.infer<typeof samplerSchema>

export const lossSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('in-batch-softmax'), logQ }),
  z.strictObject({
    kind: z.literal('sampled-softmax'),
    negatives: z.int().min(1).max(1_000_000).default(2048).describe('drawn once a batch and shared by its rows'),
    sampler: samplerSchema.default({ kind: 'uniform' }),
    logQ,
  }),
])
export type LossSpec = z.infer<typeof lossSchema>
