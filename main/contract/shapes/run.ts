/** Shapes of a run: its state, summary, details, epochs and metrics, as the store keeps and the verbs answer them. */
import { z } from 'zod'
import { artefactSchema } from './artefact.ts'
import { metricsSchema, protocolSchema } from './protocol.ts'
import { specSchema } from './spec.ts'

/** paused, cancelled and interrupted (its process died) runs have a checkpoint and can be resumed; paused says that somebody means to */
export const runStateSchema = z.enum(['queued', 'running', 'finished', 'paused', 'cancelled', 'interrupted', 'failed'])
export type RunState = z.infer<typeof runStateSchema>

/** What produced the numbers: written when the run starts. */
export const environmentSchema = z.strictObject({
  pylon: z.string(),
  node: z.string(),
  platform: z.string(),
  cpu: z.string(),
  cores: z.int(),
  memoryBytes: z.number(),
  threads: z.int(),
  executor: z.string(),
  executorVersion: z.string(),
  gitCommit: z.string().nullable(),
})
export type Environment = z.infer<typeof environmentSchema>

export const runSummarySchema = z.strictObject({
  run: z.string().describe('short unique id, usable wherever a run is asked for'),
  name: z.string(),
  dataset: z.string(),
  model: z.string(),
  recipe: z.string().nullable(),
  state: runStateSchema,
  createdAt: z.string(),
  seed: z.int().nullable(),
  family: z.string().describe('the same of runs that differ only in their seed'),
  epochs: z.int(),
  bestEpoch: z.int().nullable(),
  seconds: z.number(),
  metrics: metricsSchema.describe('test metrics; empty until finished'),
  protocolHash: z.string().nullable(),
  /** what the model that was measured had learned from; null where nothing was measured */
  fittedOn: protocolSchema.shape.fittedOn.nullable(),
  tags: z.array(z.string()),
  /** of a search: it has no model, and the test part is not looked at; null of any other run */
  trial: z.strictObject({ search: z.string(), number: z.int() }).nullable(),
})
export type RunSummary = z.infer<typeof runSummarySchema>

/** One epoch's row: the training loss (mean over examples), throughput, learning rate, validation metrics. */
export const epochSchema = z.strictObject({
  epoch: z.int(),
  loss: z.number(),
  examplesPerSecond: z.number(),
  learningRate: z.number(),
  validation: metricsSchema,
})
export type EpochRow = z.infer<typeof epochSchema>

/**
 * Settings that were tried before a run was fitted, and what they reached on the validation part: the highest was
 * taken, of equals the first.
 */
export const trialSchema = z.strictObject({
  settings: z.record(z.string(), z.number()).describe('by their paths in the spec'),
  metric: z.string(),
  value: z.number(),
  seconds: z.number(),
})
export type Trial = z.infer<typeof trialSchema>

/** The final facts of a training run. `baseline` is most-popular under the same protocol. */
export const trainResultSchema = z.strictObject({
  run: z.string(),
  epochs: z.int(),
  bestEpoch: z.int(),
  seconds: z.number(),
  examplesPerSecond: z.number(),
  peakRssMb: z.number(),
  metrics: metricsSchema,
  baseline: metricsSchema,
  protocol: protocolSchema,
})
export type TrainResult = z.infer<typeof trainResultSchema>

/** What several runs of a spec come to, which differ only in their seed. */
const seedsResult = z.strictObject({
  family: z.string(),
  runs: z.array(z.strictObject({ run: z.string(), seed: z.int(), metrics: metricsSchema })),
  mean: metricsSchema,
  sd: metricsSchema.describe('over n - 1'),
})
export const startedResultSchema = trainResultSchema.extend({
  family: z.string().describe('the same of runs that differ only in their seed'),
  seeds: seedsResult.optional().describe('where several were asked for; the rest is the last one'),
})
export type StartedResult = z.infer<typeof startedResultSchema>

export const runDetailSchema = runSummarySchema.extend({
  spec: specSchema,
  environment: environmentSchema.nullable(),
  protocol: protocolSchema.nullable(),
  baseline: metricsSchema,
  epochsLog: z.array(epochSchema),
  trials: z.array(trialSchema),
  artefacts: z.array(artefactSchema),
  notes: z.string(),
  error: z.string().nullable(),
  folder: z.string(),
})
export type RunDetail = z.infer<typeof runDetailSchema>

/** One retrieved item. */
export const hitSchema = z.strictObject({
  rank: z.int(),
  item: z.string(),
  score: z.number(),
  title: z.string().nullable(),
  /** training interactions of the item; 0 is a cold item */
  popularity: z.int(),
})
export type Hit = z.infer<typeof hitSchema>

/** One optimizer step: `loss` is the mean over the batch. `step` counts from 1 over the whole run. */
export interface StepRow {
  readonly step: number
  readonly epoch: number
  readonly loss: number
  readonly learningRate: number
  /** over the steps since the row before */
  readonly examplesPerSecond: number
}
