/** What an ANN index of a run will cost at other numbers of items, and what filters do to a search. */
import { z } from 'zod'
import { indexSchema, metricSchema } from '../shapes/spec.ts'
import { job, k, run, type VerbDefinition } from './common.ts'

export const planInput = z.strictObject({
  run,
  items: z
    .array(z.int().min(1).max(10_000_000_000))
    .min(1)
    .max(20)
    .default([100_000, 1_000_000, 10_000_000])
    .describe('numbers of items to say the cost of'),
  k: k.max(1000).default(20).describe('hits of a query'),
  scalar: indexSchema.shape.scalar.optional().describe("f32, f16, i8; default: the own index's"),
  connectivity: z.int().min(2).max(512).optional().describe("links a node; default: the own index's"),
  expansionSearch: z.int().min(1).max(10_000).optional().describe("candidates looked at; default: the own index's"),
  shares: z
    .array(z.number().gt(0).max(1))
    .min(1)
    .max(20)
    .default([1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01])
    .describe('shares of the items that filters let through, drawn at random'),
  queries: z.int().min(10).max(10_000).default(300).describe('user vectors, evenly spaced over all users'),
})
export type PlanInput = z.output<typeof planInput>

const cost = z.strictObject({
  items: z.int(),
  /** of the file, which is mapped into memory */
  bytes: z.number(),
  /** of one query, one thread */
  p50Ms: z.number(),
  buildSeconds: z.number(),
})
export type IndexCost = z.infer<typeof cost>

const both = z.strictObject({ predicted: z.number(), measured: z.number() })
const way = z.strictObject({ recall: z.number(), p50Ms: z.number() })

export const planResult = z.strictObject({
  run: z.string(),
  k: z.int(),
  queries: z.int(),
  dim: z.int(),
  metric: metricSchema,
  spec: indexSchema,
  /** at N/8, N/4, N/2 and N items of the run */
  measured: z.array(cost),
  /** what the first three say of N, and what was found */
  check: z.strictObject({ bytes: both, p50Ms: both, buildSeconds: both }),
  /** of the items asked for, from all four; exact search grows with the items */
  asked: z.array(cost.extend({ exactP50Ms: z.number() })),
  exactP50Ms: z.number(),
  /** by falling share */
  filters: z.array(
    z.strictObject({
      share: z.number(),
      items: z.int(),
      /** as Pylon serves: the index, or all items that fit, whichever is quicker and finds enough */
      served: way,
      /** all items that fit are compared */
      scan: way,
      /** the K nearest of the index, those that do not fit left out */
      index: way,
    }),
  ),
})
export type PlanResult = z.infer<typeof planResult>

export const planVerbs = {
  'index.plan': {
    cli: 'plan',
    summary: 'What an index will cost at N items, predicted from parts of the run and checked on all of it, and searches under filters',
    positional: 'run',
    changes: false,
    input: planInput,
    output: job,
    result: planResult,
  },
} as const satisfies Record<string, VerbDefinition>
