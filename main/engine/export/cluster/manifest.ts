/** What a job for a cluster says of itself, and where its files lie. */
import { z } from 'zod'
import { specSchema } from '../../../contract/shapes/spec.ts'

export const CLUSTER_FILES = {
  manifest: 'job.json',
  metrics: 'metrics.jsonl',
  result: 'result/result.json',
  weights: 'result/weights.safetensors',
  /** of the pass that chose the epoch, where another one follows it */
  chosen: 'result/choose.safetensors',
} as const

const pass = z.strictObject({
  parts: z.array(z.enum(['train', 'validation'])),
  /** tables whose unknown row starts at 0 */
  unknownIsZero: z.array(z.string()),
})

export const clusterManifestSchema = z.strictObject({
  format: z.literal('pylon-job'),
  version: z.literal(1),
  pylon: z.string(),
  name: z.string(),
  dataset: z.strictObject({ name: z.string(), checksum: z.string() }),
  users: z.int(),
  items: z.int(),
  interactions: z.int(),
  files: z.int(),
  spec: specSchema,
  passes: z.strictObject({ choose: pass, final: pass.optional() }),
})
export type ClusterManifest = z.infer<typeof clusterManifestSchema>
export type PassName = keyof ClusterManifest['passes']

/** Of some entities: which, and a vector each. */
const vectors = z
  .strictObject({ rows: z.array(z.int().min(0)).min(1), vectors: z.array(z.array(z.number())) })
  .refine(({ rows, vectors: given }) => rows.length === given.length, 'as many vectors as rows')

const metrics = z.record(z.string(), z.number())

export const clusterResultSchema = z.strictObject({
  engine: z.string(),
  workers: z.int(),
  shards: z.int(),
  bestEpoch: z.int().min(0),
  epochs: z.int().min(0),
  steps: z.int().min(0),
  batch: z.int().min(1),
  seconds: z.number(),
  probes: z.strictObject({ user: vectors, item: vectors }),
  /** what the job measured itself, its items in shards: on how many users of the test part at most */
  test: z.strictObject({ users: z.int().min(0), metrics }).optional(),
  /** and by an index in place of exact search; `found`: the share of the 20 best that it finds, null where nobody was asked for */
  index: z.strictObject({ factory: z.string(), nprobe: z.int(), bytes: z.int().min(0), found: z.number().nullable(), metrics }).optional(),
})
export type ClusterResult = z.infer<typeof clusterResultSchema>

/** A line of metrics.jsonl. */
export const clusterLineSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('begin'), engine: z.string(), workers: z.int(), shards: z.int() }),
  z.object({ kind: z.literal('resumed'), step: z.int().min(0), epoch: z.int().min(0) }),
  z.object({
    kind: z.literal('steps'),
    step: z.int().min(1),
    epoch: z.int().min(1),
    loss: z.number(),
    learningRate: z.number(),
    examplesPerSecond: z.number(),
  }),
  z.object({
    kind: z.literal('epoch'),
    epoch: z.int().min(1),
    loss: z.number(),
    learningRate: z.number(),
    examplesPerSecond: z.number(),
    validation: z.record(z.string(), z.number()),
  }),
  z.object({ kind: z.literal('message'), level: z.enum(['info', 'warn']), text: z.string() }),
  z.object({ kind: z.literal('done') }),
])
export type ClusterLine = z.infer<typeof clusterLineSchema>
