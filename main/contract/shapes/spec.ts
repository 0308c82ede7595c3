/**
 * The spec of a run: plain, versioned data from which the same model can be trained again. A config file may leave out what has a
 * default; `features: "auto"` is resolved against the dataset before the run starts, so a stored spec is always complete.
 */
import { z } from 'zod'
import { featureSchema } from './features.ts'

export const SPEC_VERSION = 1

export const towerSchema = z.strictObject({
  features: z.union([z.literal('auto'), z.array(featureSchema).min(1)]).default('auto'),
  hidden: z.array(z.int().min(1).max(8192)).max(16).default([]).describe('widths of the hidden layers; [] for none'),
  activation: z.enum(['relu', 'gelu', 'tanh', 'silu', 'linear']).default('relu'),
  layerNorm: z.boolean().default(false).describe('layer normalisation before each activation'),
  dropout: z.number().min(0).lt(1).default(0).describe('after each hidden layer'),
  residual: z.boolean().default(false).describe('add the input of a hidden layer to its output where the widths agree'),
  output: z.int().min(1).max(4096).nullable().default(64).describe('width of the final linear projection; null: the concatenated features or last hidden layer as they are'),
})
export type TowerSpec = z.infer<typeof towerSchema>

export const temperatureSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('fixed'), value: z.number().gt(0) }),
  z.strictObject({ kind: z.literal('learned'), initial: z.number().gt(0), minimum: z.number().gt(0).default(0.01) }),
])

export const matchSchema = z.strictObject({
  kind: z.enum(['cosine', 'dot']).default('cosine').describe('cosine: both vectors L2-normalised; dot: as they are'),
  temperature: temperatureSchema.default({ kind: 'fixed', value: 0.1 }).describe('scores are divided by it in the loss; ranking is not affected'),
})
export type MatchSpec = z.infer<typeof matchSchema>

const logQ = z.number().min(-1).max(1).default(1).describe('weight of the correction s(u,v) - log q(v) (Yi et al. 2019, eq. 3): 1 corrects, 0 is off, -1 inverts it and must hurt')
const weightDecay = z.number().min(0).default(0)

export const samplerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('uniform') }),
  z.strictObject({ kind: z.literal('popularity'), alpha: z.number().min(0).max(2).default(0.75).describe('q(v) proportional to count(v)^alpha') }),
])
export type SamplerSpec = z.infer<typeof samplerSchema>

export const lossSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('in-batch-softmax'), logQ }),
  z.strictObject({
    kind: z.literal('sampled-softmax'),
    negatives: z.int().min(1).max(1_000_000).default(2048).describe('drawn once a batch and shared by its rows'),
    sampler: samplerSchema.default({ kind: 'uniform' }),
    logQ,
  }),
])
export type LossSpec = z.infer<typeof lossSchema>

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
  z.strictObject({ kind: z.literal('step'), warmupSteps: z.int().min(0).default(0), everyEpochs: z.int().min(1), factor: z.number().gt(0).max(1) }),
])
export type ScheduleSpec = z.infer<typeof scheduleSchema>

export const trainingSchema = z.strictObject({
  epochs: z.int().min(1).max(100_000).default(20),
  batchSize: z.int().min(2).max(1_000_000).default(1024),
  seed: z.int().min(0).max(2 ** 31 - 1).default(1),
  events: z.array(z.string()).default([]).describe('event types that are positives; empty: all'),
  embeddingSd: z.number().gt(0).default(0.1).describe('standard deviation of the initial embeddings'),
  embeddingDropout: z.number().min(0).lt(1).default(0).describe('on the concatenated feature embeddings of both towers'),
  tables: optimizerSchema.default({ kind: 'adam', learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 }).describe('lazy: only rows of the batch are touched'),
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

export const evaluationSchema = z.strictObject({
  k: z.array(z.int().min(1).max(10_000)).min(1).default([5, 10, 20, 50]),
  seen: z.enum(['masked', 'included']).default('masked'),
  events: z.array(z.string()).default([]).describe('event types whose held-out interactions count; empty: all'),
})
export type EvaluationSpec = z.infer<typeof evaluationSchema>

export const indexSchema = z.strictObject({
  connectivity: z.int().min(2).max(512).default(16),
  expansionAdd: z.int().min(1).max(10_000).default(128),
  expansionSearch: z.int().min(1).max(10_000).default(64),
  scalar: z.enum(['f32', 'f16', 'i8']).default('f32').describe('i8 only with cosine'),
})
export type IndexSpec = z.infer<typeof indexSchema>

/** `prefault` fills in a whole section's defaults when a config leaves it out. */
export const twoTowerSchema = z.strictObject({
  version: z.literal(SPEC_VERSION).default(SPEC_VERSION),
  model: z.literal('two-tower').default('two-tower'),
  recipe: z.string().nullable().default(null).describe('the recipe it came from'),
  user: towerSchema.prefault({}),
  item: towerSchema.prefault({}),
  match: matchSchema.prefault({}),
  loss: lossSchema.default({ kind: 'in-batch-softmax', logQ: 1 }),
  training: trainingSchema.prefault({}),
  evaluation: evaluationSchema.prefault({}),
  index: indexSchema.prefault({}),
})
export type TwoTowerSpec = z.infer<typeof twoTowerSchema>

export const mostPopularSchema = z.strictObject({
  version: z.literal(SPEC_VERSION).default(SPEC_VERSION),
  model: z.literal('most-popular'),
  recipe: z.string().nullable().default(null),
  evaluation: evaluationSchema.prefault({}),
})
export type MostPopularSpec = z.infer<typeof mostPopularSchema>

/** A config that names no model is a two-tower. */
export const specSchema = z.preprocess(
  (value) => (typeof value === 'object' && value !== null && !Array.isArray(value) && !('model' in value) ? { model: 'two-tower', ...value } : value),
  z.discriminatedUnion('model', [twoTowerSchema.extend({ model: z.literal('two-tower') }), mostPopularSchema]),
)
export type RunSpec = z.infer<typeof specSchema>

/** The JSON a config file may hold: {@link RunSpec} with everything that has a default left out at will. */
export type RunConfig = z.input<typeof twoTowerSchema> | z.input<typeof mostPopularSchema>
