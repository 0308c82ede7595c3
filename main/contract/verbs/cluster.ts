/** A run that is trained elsewhere: written as a job for a cluster, and followed until it comes back. */
import { z } from 'zod'
import { readPath, writePath } from '../paths.ts'
import { startedResultSchema } from '../shapes/run.ts'
import { job, run, type VerbDefinition } from './common.ts'
import { trainInput } from './runs.ts'

export const clusterExportInput = trainInput
  .pick({ dataset: true, config: true, spec: true, recipe: true, set: true, seed: true, name: true })
  .extend({
    out: writePath().describe('folder to write the job into, new or empty'),
    engine: z.enum(['ray']).default('ray').describe('what runs it: Ray; the same folder runs under torchrun and alone'),
    files: z.int().min(1).max(10_000).default(16).describe('files of interactions: as many workers as this can share them'),
    record: z.int().min(0).max(1000).default(0).describe('steps to write down, which the program must repeat to the same losses'),
  })

export const clusterExportResult = z.strictObject({
  out: z.string(),
  name: z.string(),
  dataset: z.string(),
  bytes: z.int(),
  tableBytes: z.number().describe('of all shards: tables with what the optimizer keeps'),
  featureBytes: z.number().describe('of each worker: encoded features'),
  interactionBytes: z.number().describe('of all workers: interactions'),
  stepsPerEpoch: z.int(),
  batch: z.int(),
  traffic: z.array(
    z.strictObject({
      workers: z.int(),
      tables: z.number().describe('bytes at a step, all workers: rows of tables and their gradients'),
      vectors: z.number().describe('bytes at a step, each worker: item vectors and their gradients'),
      dense: z.number().describe('bytes at a step, each worker: gradients of dense weights'),
    }),
  ),
})
export type ClusterExportResult = z.infer<typeof clusterExportResult>

export const clusterVerbs = {
  'cluster.export': {
    cli: 'export-job',
    summary: 'Write a training as a job for a Ray cluster, with its data',
    changes: false,
    input: clusterExportInput,
    output: job,
    result: clusterExportResult,
  },
  'cluster.follow': {
    cli: 'follow',
    summary: 'Follow a job that is trained elsewhere, and take it in as a run when it has ended',
    positional: 'path',
    input: z.strictObject({
      path: readPath().describe("the job's folder"),
      name: z.string().max(200).optional().describe("a name for people; default: the job's"),
    }),
    output: job.extend({ run }),
    result: startedResultSchema,
  },
} as const satisfies Record<string, VerbDefinition>
