/** The second stage after retrieval: how much a re-ranker with cross features adds to a run's lists. */
import { z } from 'zod'
import { seed } from '../shapes/parts.ts'
import { metricsSchema, protocolSchema } from '../shapes/protocol.ts'
import { job, run, type VerbDefinition } from './common.ts'

export const rerankInput = z.strictObject({
  run,
  top: z.int().min(2).max(1000).default(100).describe('candidates of the retriever that are ranked again'),
  hidden: z.int().min(1).max(1024).default(32).describe('width of the hidden layer'),
  epochs: z.int().min(1).max(1000).default(20),
  seed,
})
export type RerankInput = z.infer<typeof rerankInput>

export const rerankResult = z.strictObject({
  run: z.string(),
  top: z.int(),
  features: z.array(z.string()).describe('cross features of a user and a candidate'),
  trainedOn: z.int().describe('users whose validation item was among their candidates'),
  users: z.int().describe('evaluated users of the test part'),
  retrieved: metricsSchema.describe('in the order of the retriever'),
  reranked: metricsSchema.describe('in the order of the second stage; recall at the top is the same'),
  protocol: protocolSchema,
})
export type RerankResult = z.infer<typeof rerankResult>

export const rerankVerbs = {
  'runs.rerank': {
    cli: 'rerank',
    summary: 'Train a second stage on the lists of a run, and measure both stages on the test part',
    input: rerankInput,
    output: job,
    result: rerankResult,
  },
  'runs.reranked': {
    summary: 'The newest measurement of the second stage of a run; null where there is none',
    input: z.strictObject({ run }),
    output: rerankResult.nullable(),
  },
} as const satisfies Record<string, VerbDefinition>
