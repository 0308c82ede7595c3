/** What was published on the split that a run was measured on. */
import { z } from 'zod'
import { metricsSchema } from '../shapes/protocol.ts'
import { run, type VerbDefinition } from './common.ts'

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
} as const satisfies Record<string, VerbDefinition>
