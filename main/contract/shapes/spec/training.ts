/** Training: batches, optimizers, schedules, when to stop. */
import { z } from 'zod'

const weightDecay = z.number().min(0).default(0)

export const optimizerSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('adam'),
    learningRate: z.number().gt(0).default(0.001),
    beta1: z.number().min(0).lt(1).default(0.9),
    beta2: z.number().min(0).lt(1).default(0.999),
    epsilon: z.number().gt(0).default(1e-8),
    weightDecay: weightDecay.describe('decoupled (AdamW, Loshchilov & Hutter 2019); on tables only for the rows that occur'),
  }),
  z.strictObject({
    kind: z.literal('adagrad'),
    learningRate: z.number().gt(0).default(0.05),
    initialAccumulator: z.number().min(0).default(0.1),
    epsilon: z.number().gt(0).default(1e-8),
    weightDecay,
  }),
])
export type OptimizerSpec = z.infer<typeof optimizerSchema>

export const scheduleSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant'), warmupSteps: z.int().min(0).default(0) }),
  z.strictObject({ kind: z.literal('cosine'), warmupSteps: z.int().min(0).default(0), finalFraction: z.number().min(0).max(1).default(0) }),
  z.strictObject({
    kind: z.literal('step'),
    warmupSteps: z.int().min(0).default(0),
    everyEpochs: z.int().min(1),
    factor: z.number().gt(0).max(1),
  }),
])
export type ScheduleSpec = z.infer<typeof scheduleSchema>

export const trainingSchema = z.strictObject({
  epochs: z.int().min(1).max(100_000).default(20),
  batchSize: z.int().min(2).max(1_000_000).default(1024),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1),
  events: z.array(z.string()).default([]).describe('event types that are positives; empty: all'),
  embeddingSd: z.number().gt(0).default(0.1).describe('standard deviation of the initial embeddings'),
  embeddingDropout: z.number().min(0).lt(1).default(0).describe('on the concatenated feature embeddings of both towers'),
  tables: optimizerSchema
    .default({ kind: 'adam', learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 })
    .describe('lazy: only rows of the batch are touched'),
  dense: optimizerSchema.default({ kind: 'adam', learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 }),
  schedule: scheduleSchema.default({ kind: 'constant', warmupSteps: 0 }),
  earlyStopping: z
    .strictObject({
      metric: z.string().default('ndcg@20').describe('on the validation part'),
      patience: z.int().min(1).default(5).describe('evaluations without a better value before it stops'),
      everyEpochs: z.int().min(1).default(1),
      maxUsers: z.int().min(1).default(10_000).describe('validation users drawn once, by the seed'),
    })
    .nullable()
    .default({ metric: 'ndcg@20', patience: 5, everyEpochs: 1, maxUsers: 10_000 })
    .describe('null: train all epochs and keep the last'),
  finalFit: z
    .boolean()
    .default(false)
    .describe('after choosing the best epoch on validation, train again from the start on train + validation for that many epochs'),
})
export type TrainingSpec = z.infer<typeof trainingSchema>
