/** What was published on the split that a run was measured on, and the evaluator held against it. */
import { z } from 'zod'
import { metricsSchema, protocolSchema } from '../shapes/protocol.ts'
import { dataset, job, run, type VerbDefinition } from './common.ts'

export const publishedResultSchema = z.strictObject({
  model: z.string(),
  /** by the protocol of the split: all items ranked, items of train masked */
  metrics: metricsSchema,
  /** paper, table or log */
  source: z.string(),
})
export type PublishedResult = z.infer<typeof publishedResultSchema>

export const publishedSplitSchema = z.strictObject({
  name: z.string(),
  source: z.string(),
  /** the best first */
  results: z.array(publishedResultSchema),
})
export type PublishedSplit = z.infer<typeof publishedSplitSchema>

/** A model without chance in it, and what an evaluator that is right finds of it on a published split. */
export interface ProofOf {
  readonly model: 'most-popular' | 'ease'
  /** L2 regularisation of EASE; of most popular 0 */
  readonly lambda: number
  readonly metrics: z.infer<typeof metricsSchema>
  readonly source: string
}

export const proofInput = z.strictObject({
  dataset,
  models: z
    .array(z.enum(['most-popular', 'ease']))
    .default([])
    .describe('most-popular, ease; default: both. EASE takes minutes'),
  memoryGb: z.number().gt(0).max(4096).default(8).describe('refuse where the inverse of EASE would need more'),
})
export type ProofInput = z.output<typeof proofInput>

export const proofResult = z.strictObject({
  dataset: z.string(),
  split: z.string(),
  protocol: protocolSchema,
  checks: z.array(
    z.strictObject({
      model: z.string(),
      /** with which settings */
      settings: z.string(),
      /** of the figures it is held to */
      source: z.string(),
      seconds: z.number(),
      /** equal: to four digits */
      figures: z.array(z.strictObject({ metric: z.string(), published: z.number(), found: z.number(), isEqual: z.boolean() })),
    }),
  ),
  /** whether every figure is equal */
  isProved: z.boolean(),
})
export type ProofResult = z.infer<typeof proofResult>

export const publishedVerbs = {
  'runs.published': {
    cli: 'published',
    summary: 'Results published on the split of a run, and how far the run is from them',
    positional: 'run',
    input: z.strictObject({ run }),
    output: z.strictObject({
      run: z.string(),
      metrics: metricsSchema,
      /** null: no split that is known, or the run was measured by another protocol */
      split: publishedSplitSchema.nullable(),
    }),
  },
  'datasets.published': {
    summary: 'The published split that a dataset is, and what was published on it',
    input: z.strictObject({ dataset }),
    output: z.strictObject({ split: publishedSplitSchema.nullable() }),
  },
  'datasets.prove': {
    cli: 'prove',
    summary: 'Hold the evaluator to figures that were published on the split of a dataset: most popular and EASE, to four digits',
    changes: false,
    positional: 'dataset',
    input: proofInput,
    output: job,
    result: proofResult,
    holds: 'isProved',
  },
} as const satisfies Record<string, VerbDefinition>
