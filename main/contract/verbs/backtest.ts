/** Rolling backtests of a dataset: models trained up to a cut, measured on the periods after it. */
import { z } from 'zod'
import { dataset, forever, job, type VerbDefinition } from './common.ts'

/**
 * never: the model of the first fold, over the items that were there then. items: the same weights, and vectors of new items from their
 * features. warm: trained further in each fold from the model before, some epochs. full: trained anew in each fold.
 */
export const RETRAINING = ['never', 'items', 'warm', 'full'] as const
export type Retraining = (typeof RETRAINING)[number]

const measuredSchema = z.strictObject({
  /** users with something to find in the period */
  users: z.int(),
  value: z.number(),
  /** interval of 95 % over users */
  low: z.number(),
  high: z.number(),
})
export type PeriodValue = z.infer<typeof measuredSchema>

export const backtestResult = z.strictObject({
  dataset: z.string(),
  metric: z.string(),
  /** seconds since 1970: a model of fold f has seen what is before `cut`, and is asked for what lies from there to `end` */
  folds: z.array(
    z.strictObject({ cut: z.number(), end: z.number(), trained: z.int(), held: z.int(), protocol: z.string().describe('hash') }),
  ),
  recipes: z.array(
    z.strictObject({
      recipe: z.string(),
      policies: z.array(
        z.strictObject({
          policy: z.enum(RETRAINING),
          /** one a fold */
          values: z.array(measuredSchema),
          mean: z.number(),
          /** of training in all folds */
          seconds: z.number(),
          /** the mean less that of `never`, an interval over users of all periods */
          gain: z.strictObject({ mean: z.number(), low: z.number(), high: z.number() }),
        }),
      ),
      /** of the models trained anew, each left alone: their value by age in periods, as a share of the fresh model's of the same period */
      decay: z.array(z.strictObject({ age: z.int(), days: z.number(), share: z.number(), pairs: z.int() })),
      /** days after which half is left, by a line through the logarithms; null where nothing is lost */
      halfLifeDays: z.number().nullable(),
    }),
  ),
})
export type BacktestResult = z.infer<typeof backtestResult>

export const backtestInput = z.strictObject({
  dataset,
  recipe: z.array(z.string()).min(1).max(8).describe('recipes to train in each fold; `recipes` lists them'),
  set: z.array(z.string()).default([]).describe('override a value of each spec, repeatable'),
  folds: z.int().min(2).max(50).default(5).describe('periods of equal length'),
  start: z.number().gt(0).lt(1).default(0.5).describe('share of all interactions that lies before the first cut'),
  epochs: z
    .int()
    .min(1)
    .max(1000)
    .default(5)
    .describe('of each training of a two-tower (a closed form has none); there is no validation part to choose them by'),
  warmEpochs: z.int().min(1).max(1000).default(1).describe('of each warm start'),
  policy: z.array(z.enum(RETRAINING)).default([]).describe('never, items, warm, full; default: all that the model has'),
  metric: z.string().default('ndcg@20').describe('metric of a query: recall@K, ndcg@K, hit@K, mrr@K, map@K, precision@K'),
})

export type BacktestInput = z.infer<typeof backtestInput>

const backtestStateSchema = z.enum(['running', 'finished', 'cancelled', 'failed', 'interrupted'])
export type BacktestState = z.infer<typeof backtestStateSchema>

const backtestSummarySchema = z.strictObject({
  backtest: z.string(),
  dataset: z.string(),
  recipes: z.array(z.string()),
  metric: z.string(),
  folds: z.int(),
  state: backtestStateSchema,
  createdAt: z.string(),
  /** folds of recipes that are done, of how many */
  done: z.int(),
  total: z.int(),
  error: z.string().nullable(),
})
export type BacktestSummary = z.infer<typeof backtestSummarySchema>

const backtest = z.string().min(1).describe('id of a backtest, or its beginning; `backtests` lists them')

export const backtestVerbs = {
  'datasets.backtest': {
    cli: 'backtest',
    summary: 'Train recipes up to one date after another, and measure how they hold and what retraining brings',
    positional: 'dataset',
    input: backtestInput,
    output: job.extend({ backtest: z.string() }),
    result: backtestResult,
  },
  'backtests.list': {
    cli: 'backtests',
    summary: 'List the backtests, finished and stopped ones',
    input: z.strictObject({ dataset: dataset.optional() }),
    output: z.strictObject({ backtests: z.array(backtestSummarySchema) }),
  },
  'backtests.show': {
    cli: 'backtests show',
    summary: 'Show what a backtest found',
    positional: 'backtest',
    input: z.strictObject({ backtest }),
    output: backtestSummarySchema.extend({
      ask: backtestInput,
      isCurrent: z.boolean().describe('whether the dataset is still the one it was made of'),
      result: backtestResult.nullable(),
    }),
  },
  'backtests.resume': {
    cli: 'backtests resume',
    summary: 'Go on with a stopped or interrupted backtest, from the folds that are done',
    positional: 'backtest',
    input: z.strictObject({ backtest }),
    output: job.extend({ backtest: z.string() }),
    result: backtestResult,
  },
  'backtests.delete': {
    cli: 'backtests delete',
    summary: 'Move a backtest to the trash',
    changes: true,
    frees: true,
    positional: 'backtest',
    input: z.strictObject({ backtest, forever }),
    output: z.strictObject({ deleted: z.string(), forever: z.boolean() }),
  },
} as const satisfies Record<string, VerbDefinition>
