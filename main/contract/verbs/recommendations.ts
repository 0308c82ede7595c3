/** What a run retrieves for every user of its dataset, in one file. */
import { z } from 'zod'
import { writePath } from '../paths.ts'
import { job, k, run, type VerbDefinition } from './common.ts'

export const recommendationsInput = z.strictObject({
  run,
  out: writePath().describe('Parquet file to write: user, rank, item, score'),
  k: k.default(100).describe('items of each user'),
  includeSeen: z.boolean().optional().describe('also items the user interacted with before; default: as the run was evaluated'),
})

export const recommendationsResult = z.strictObject({
  run: z.string(),
  out: z.string(),
  users: z.int(),
  rows: z.int(),
  k: z.int(),
  bytes: z.int(),
})
export type RecommendationsResult = z.infer<typeof recommendationsResult>

export const recommendationVerbs = {
  'recommendations.write': {
    cli: 'recommend-all',
    summary: 'Write what a run recommends to every user as one Parquet file',
    changes: false,
    positional: 'run',
    input: recommendationsInput,
    output: job,
    result: recommendationsResult,
  },
} as const satisfies Record<string, VerbDefinition>
