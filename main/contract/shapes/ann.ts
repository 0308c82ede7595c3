/** Shapes of ANN (approximate nearest neighbour) indexes of a run, and of the recall that one costs. */
import { z } from 'zod'
import { indexSchema, metricSchema } from './spec.ts'

/** The run's own index: the one that was built with it and is evaluated. */
export const BUILT_IN_INDEX = 'own'

/** An index of a run's item vectors. */
export const indexInfoSchema = z.strictObject({
  /** `own`: built with the run, and the one that is evaluated */
  name: z.string(),
  metric: metricSchema,
  dim: z.int(),
  spec: indexSchema,
  /** items that can be found */
  count: z.int(),
  /** catalogue items that were taken out */
  removed: z.int(),
  /** items that were typed in */
  added: z.array(z.strictObject({ id: z.string(), title: z.string().nullable(), addedAt: z.string() })),
  /** of the file, and estimated in memory */
  bytes: z.int(),
  memoryBytes: z.int(),
  /** null where they were not kept */
  buildSeconds: z.number().nullable(),
  builtAt: z.string().nullable(),
})
export type IndexInfo = z.infer<typeof indexInfoSchema>

/**
 * Where exact hits that ANN missed were lost: their item is not near enough once vectors are quantised, or the graph
 * did not lead there.
 */
export const missedHitsSchema = z.strictObject({ hits: z.int(), quantisation: z.int(), graph: z.int() })
export type MissedHits = z.infer<typeof missedHitsSchema>

const range = z.tuple([z.number(), z.number()])

export const annCurvePointSchema = z.strictObject({
  scalar: indexSchema.shape.scalar,
  expansionSearch: z.int(),
  /** mean share of the exact top K that ANN returns in its own */
  recall: z.number(),
  /** in which the mean over all users lies with 95 %, by the spread over the queries; null in curves of before 0.9 */
  recallRange: range.nullable().default(null),
  /** the same mean where items are the queries, among which the graph was built; null as above */
  itemRecall: z.number().nullable().default(null),
  /** of one query, one thread: the median of rounds, and the least and greatest round */
  p50Ms: z.number(),
  p50Range: range.nullable().default(null),
  p99Ms: z.number(),
  loss: missedHitsSchema,
  /** by the popularity of the exact hit: ten groups of items, most popular first */
  deciles: z.array(missedHitsSchema),
})
export type AnnCurvePoint = z.infer<typeof annCurvePointSchema>

export const annCurveSchema = z.strictObject({
  run: z.string(),
  measuredAt: z.string(),
  k: z.int(),
  queries: z.int(),
  items: z.int(),
  dim: z.int(),
  metric: metricSchema,
  connectivity: z.int(),
  expansionAdd: z.int(),
  /** exact search over all items, one query at a time */
  exactP50Ms: z.number(),
  /** the recall that was asked for, and the fastest setting that reaches it */
  target: z.number().nullable().default(null),
  tuned: annCurvePointSchema.pick({ scalar: true, expansionSearch: true }).nullable().default(null),
  builds: z.array(z.strictObject({ scalar: indexSchema.shape.scalar, bytes: z.int(), buildSeconds: z.number() })),
  points: z.array(annCurvePointSchema),
  /** fewest and most training interactions of the items of each decile */
  decileRanges: z.array(z.tuple([z.int(), z.int()])),
})
export type AnnCurve = z.infer<typeof annCurveSchema>
