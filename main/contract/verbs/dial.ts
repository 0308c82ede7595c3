/** The popularity dial: what a run would retrieve, did the popularity of items count for more or less. Nothing is trained. */
import { z } from 'zod'
import { metricsSchema, protocolSchema } from '../shapes/protocol.ts'
import { job, run, type VerbDefinition } from './common.ts'

/** From favouring what few know to favouring what many do. */
const LAMBDAS = [-1, -0.5, -0.3, -0.2, -0.1, -0.05, 0, 0.05, 0.1, 0.2, 0.3, 0.5, 1]

export const dialInput = z.strictObject({
  run,
  lambdas: z
    .array(z.number().min(-10).max(10))
    .min(1)
    .max(50)
    .default(LAMBDAS)
    .describe('values of λ to measure; 0, the run as it is, is always measured'),
  users: z.int().min(10).max(1_000_000).default(10_000).describe('users of the validation part whose lists are measured, at most'),
})
export type DialInput = z.output<typeof dialInput>

export const dialResult = z.strictObject({
  run: z.string(),
  protocol: protocolSchema,
  /** measured */
  users: z.int(),
  /** by λ, rising */
  points: z.array(
    z.strictObject({
      lambda: z.number(),
      metrics: metricsSchema,
      /** whether no other λ has both a higher ndcg@20 and a higher coverage@20, or one of them higher and the other alike */
      isPareto: z.boolean(),
    }),
  ),
})
export type DialResult = z.infer<typeof dialResult>

export const dialVerbs = {
  'runs.dial': {
    cli: 'dial',
    summary: 'Recall, coverage and tail of a run by how much the popularity of items counts; nothing is trained',
    changes: false,
    positional: 'run',
    input: dialInput,
    output: job,
    result: dialResult,
  },
} as const satisfies Record<string, VerbDefinition>
