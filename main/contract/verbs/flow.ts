/** Time travel: the items nearest to one query, epoch by epoch and run by run, as ranks that can be followed. */
import { z } from 'zod'
import { run, type VerbDefinition } from './common.ts'

export const flowInput = z.strictObject({
  runs: z.array(run).min(1).max(8).describe('ids or names of finished runs of one dataset'),
  item: z.string().optional().describe('id of a known item: items like it, by cosine'),
  user: z.string().optional().describe('id of a known user: items for them, as the model matches'),
  k: z.int().min(1).max(100).default(10).describe('length of the lists'),
  epochs: z
    .int()
    .min(0)
    .max(50)
    .default(10)
    .describe('kept epochs of each run to ask, evenly and the best one; 0: the runs as they are served'),
  includeSeen: z.boolean().default(false).describe('also items the user interacted with before the test part'),
  csv: z.boolean().default(false).describe('print CSV'),
})

export const flowResult = z.strictObject({
  query: z.strictObject({ side: z.enum(['user', 'item']), id: z.string(), title: z.string().nullable() }),
  k: z.int(),
  csv: z.boolean(),
  /** of each run its epochs, rising, then the run as it is served */
  columns: z.array(
    z.strictObject({
      run: z.string(),
      name: z.string(),
      /** null: the vectors that the run serves by */
      epoch: z.int().nullable(),
      isBest: z.boolean(),
    }),
  ),
  /** every item that is in any list; those of the last list first, by rank */
  items: z.array(
    z.strictObject({
      item: z.string(),
      title: z.string().nullable(),
      popularity: z.int(),
      /** among all items that could be retrieved, by column, also beyond k; null: it could not */
      ranks: z.array(z.int().nullable()),
      scores: z.array(z.number().nullable()),
    }),
  ),
  /** runs whose epochs cannot be asked */
  without: z.array(
    z.strictObject({
      run: z.string(),
      name: z.string(),
      /** none: it keeps no vectors of epochs; user: the epochs know other users, such as `known` */
      why: z.enum(['none', 'user']),
      known: z.array(z.string()),
    }),
  ),
})
export type FlowResult = z.infer<typeof flowResult>

export const flowVerbs = {
  'neighbours.flow': {
    cli: 'flow',
    summary: 'How the items nearest to a query change from epoch to epoch of a run, and from run to run',
    positional: 'runs',
    input: flowInput,
    output: flowResult,
  },
} as const satisfies Record<string, VerbDefinition>
