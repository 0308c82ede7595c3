/**
 * How a two-tower is trained: which examples, what each weighs and what it predicts, batches, where the weights start (at random, in closed
 * form, from a run), optimizers of the embedding tables and of the dense layers, schedules, regularisation, when to stop, and the final fit
 * on train + validation. What each field does stands in its description.
 */
import { z } from 'zod'
import { choice, flag, modelSeed, orNull, variant } from '../parts.ts'

const weightDecay = z
  .number()
  .min(0)
  .default(0)
  .describe('decoupled (AdamW, Loshchilov & Hutter 2019); on tables only for the rows that occur')

export const optimizerSchema = z.discriminatedUnion('kind', [
  variant('adam', 'steps by running means of the gradient and its square (Kingma & Ba 2015)', {
    learningRate: z.number().gt(0).default(0.001).describe('size of a step: too high diverges, too low crawls'),
    beta1: z.number().min(0).lt(1).default(0.9).describe('memory of the gradient'),
    beta2: z.number().min(0).lt(1).default(0.999).describe('memory of its square'),
    epsilon: z.number().gt(0).default(1e-8).describe('keeps steps finite where gradients vanish'),
    weightDecay,
  }),
  variant('adagrad', 'steps that shrink as squared gradients add up (Duchi et al. 2011)', {
    learningRate: z.number().gt(0).default(0.05).describe('size of the first steps; they shrink as gradients add up'),
    initialAccumulator: z.number().min(0).default(0.1).describe('what the squares start from: higher makes the first steps smaller'),
    epsilon: z.number().gt(0).default(1e-8).describe('keeps steps finite where gradients vanish'),
    weightDecay,
  }),
])
export type OptimizerSpec = z.infer<typeof optimizerSchema>

const warmupSteps = z.int().min(0).default(0).describe('steps over which the learning rate rises from 0')

export const scheduleSchema = z.discriminatedUnion('kind', [
  variant('constant', 'stays as it is after the warm-up', { warmupSteps }),
  variant('cosine', 'falls along half a cosine to the end of training', {
    warmupSteps,
    finalFraction: z.number().min(0).max(1).default(0).describe('of the learning rate, at the last step'),
  }),
  variant('step', 'falls by a factor every few epochs', {
    warmupSteps,
    everyEpochs: z.int().min(1).describe('epochs between two falls'),
    factor: z.number().gt(0).max(1).describe('the learning rate is multiplied by it'),
  }),
])
export type ScheduleSpec = z.infer<typeof scheduleSchema>

/** From which earlier state of a user an example is predicted. */
export const objectiveSchema = z.discriminatedUnion('kind', [
  variant('next', 'from the moment before it', {}),
  variant(
    'all-action',
    'from an earlier interaction of the user within so many days before it, drawn once an example (PinnerFormer, Pancha et al. 2022)',
    { horizonDays: z.number().gt(0).default(14).describe('days ahead that are foretold') },
  ),
])

/** How much an example counts; the weights are scaled to a mean of 1. */
export const weightsSchema = z.strictObject({
  users: choice(['by-examples', 'equal'], 'equal: every user counts alike however many examples they have (PinnerFormer)'),
  reward: flag("multiply by the interaction's weight, as with watch time (Yi et al. 2019)"),
  events: z
    .record(z.string(), z.number().min(0))
    .default({})
    .describe('event type → weight of its examples; types that are not named weigh 1'),
  eventMean: flag('multi-task: each event type is a loss of its own, the mean over its examples, and the weights above add these up'),
})
export type WeightsSpec = z.infer<typeof weightsSchema>

/** What the tables of ids and histories hold before the first step. */
const initSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('random') }).describe('normal numbers of the standard deviation embeddingSd'),
  z
    .strictObject({
      kind: z.literal('spectral'),
      rank: z
        .int()
        .min(1)
        .max(4096)
        .nullable()
        .default(null)
        .describe(
          'leading directions that count; null: chosen on the validation part, by how the start itself ranks unless choose names it',
        ),
      filter: z
        .number()
        .min(-20)
        .max(20)
        .nullable()
        .default(null)
        .describe('s of the weight e^(s·σ) of a direction; null: chosen on the validation part'),
      gamma: z
        .number()
        .min(-2)
        .max(2)
        .nullable()
        .default(null)
        .describe("exponent of an item's frequency in its length; null: chosen on the validation part"),
      shrinkage: z
        .number()
        .min(0)
        .nullable()
        .default(null)
        .describe(
          "κ: interactions at which an item's own vector counts as much as what its features foretell, where its tower reads any; null: chosen on the validation part",
        ),
      coldScale: z
        .number()
        .min(0)
        .nullable()
        .default(null)
        .describe(
          'what the vectors that features foretell are multiplied by: a regression foretells short ones; null: chosen on the validation part with a fifth of the items made new, and so low that the lists of known items lose next to nothing; 0: new items stand last',
        ),
      memoryGb: z.number().gt(0).max(4096).default(8).describe('refuse where the decomposition would need more'),
    })
    .describe('singular vectors of the interactions, in closed form; with epochs 0 they are the model'),
])

/** Settings of a loss, and of a start in closed form, that belong to the data set rather than to the recipe. */
export const TUNABLE_SETTINGS = ['temperature', 'exponent', 'margin', 'rank'] as const
export type TunableSetting = (typeof TUNABLE_SETTINGS)[number]

export const trainingSchema = z.strictObject({
  epochs: z
    .int()
    .min(0)
    .max(100_000)
    .default(20)
    .describe('passes over the training examples at most; early stopping may end sooner; 0: the model stays as it starts'),
  batchSize: z
    .int()
    .min(2)
    .max(1_000_000)
    .default(1024)
    .describe('examples a step; with in-batch negatives also the number of candidates each row is told from'),
  gradientCache: orNull(
    z.int().min(2),
    'rows that pass through the towers at a time; batches larger than memory then cost two forward passes (Gao et al. 2021), same gradients; null: all at once',
  ),
  order: choice(
    ['shuffled', 'time', 'sequences'],
    'shuffled: anew each epoch; time: batches in order of time, the same each epoch (Yi et al. 2019); sequences: the examples of a user together, which share one pass of a self-attention history (SASRec 2018)',
  ),
  perUserCap: orNull(z.int().min(1), 'examples of a user in an epoch at most, drawn anew each epoch (Covington et al. 2016); null: all'),
  objective: objectiveSchema.default({ kind: 'next' }).describe('from which earlier state of a user an example is predicted'),
  weights: weightsSchema.prefault({}).describe('how much an example counts; scaled to a mean of 1'),
  seed: modelSeed,
  events: z.array(z.string()).default([]).describe('event types that are positives; empty: all'),
  init: initSchema.default({ kind: 'random' }).describe('what the tables of ids and histories hold before the first step'),
  choose: z
    .array(z.enum(TUNABLE_SETTINGS))
    .default([])
    .describe(
      'settings of the loss (rank: of a start in closed form) to choose on the validation part by short trials before training; the run keeps what was chosen',
    ),
  embeddingSd: z.number().gt(0).default(0.1).describe('standard deviation of the initial embeddings'),
  embeddingDropout: z.number().min(0).lt(1).default(0).describe('on the concatenated feature embeddings of both towers'),
  tables: optimizerSchema
    .default({ kind: 'adam', learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 })
    .describe('lazy: only rows of the batch are touched'),
  dense: optimizerSchema
    .default({ kind: 'adam', learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 })
    .describe('of the layers and the temperature'),
  schedule: scheduleSchema.default({ kind: 'constant', warmupSteps: 0 }).describe('how the learning rates go over the steps'),
  clipNorm: orNull(
    z.number().gt(0),
    'longest gradient allowed, over all weights and all table rows of the batch together; longer ones are scaled down; null: any',
  ),
  l2: z.number().min(0).default(0).describe('λ: adds λ·row to the gradient of each table row that occurs in the batch'),
  ema: orNull(
    z.number().gt(0).lt(1),
    'decay of an exponential moving average of all weights, e.g. 0.999: it is what gets evaluated and kept; null: the weights themselves',
  ),
  warmStart: orNull(
    z.string().min(1),
    'a finished run to start from: rows of what it knows are taken over, users, items and values that are new start fresh',
  ),
  earlyStopping: z
    .strictObject({
      metric: z.string().default('ndcg@20').describe('on the validation part; of a slice: cold.ndcg@20 chooses the epoch for new items'),
      patience: z.int().min(1).default(5).describe('evaluations without a better value before it stops'),
      everyEpochs: z.int().min(1).default(1).describe('epochs between two evaluations'),
      maxUsers: z.int().min(1).default(10_000).describe('validation users drawn once, by the seed'),
    })
    .nullable()
    .default({ metric: 'ndcg@20', patience: 5, everyEpochs: 1, maxUsers: 10_000 })
    .describe('null: train all epochs and keep the last'),
  finalFit: flag(
    'after choosing the best epoch on validation, train again from the start on train + validation for that many epochs, as baselines are; without it the run is compared with others without it alone',
    true,
  ),
  finalFitShare: orNull(
    z.number().gt(0).lte(1),
    'the final fit goes on from the best epoch’s weights and does the last share of its epochs again, with the validation part; null: it starts anew',
  ),
  matryoshka: z
    .array(z.int().min(1).max(4096))
    .max(8)
    .default([])
    .describe(
      'widths below that of the vectors, rising: their first numbers alone retrieve too, as the loss is the sum of those of each width and of the whole (Kusupati et al. 2022, Matryoshka Representation Learning)',
    ),
})
export type TrainingSpec = z.infer<typeof trainingSchema>
