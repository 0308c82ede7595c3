/**
 * A search: which fields of a run spec vary and how, what draws the next trial, what ends one early, when the search is over. It is plain
 * data in one JSON file; with its seed and the trials so far it says which trial comes next.
 */
import { z } from 'zod'
import { flag, interval, orNull, seed, variant } from './parts.ts'

const tied = z
  .array(z.string().min(1))
  .default([])
  .describe('further paths that get the same value, such as item.output beside user.output')
const when = orNull(
  z.strictObject({
    path: z.string().min(1).describe('another field of the space, a choice'),
    in: z.array(z.unknown()).min(1).describe('its values with which this field is there'),
  }),
  'only with some values of another field; null: always',
)

/** How one field of the spec varies. */
export const dimensionSchema = z
  .discriminatedUnion('kind', [
    variant('range', 'any number from low to high', {
      low: z.number(),
      high: z.number(),
      log: flag('drawn evenly over orders of magnitude'),
      integer: flag('whole numbers only'),
      tied,
      when,
    }),
    variant('choice', 'one of a list: numbers, words, lists of features, anything a spec may hold there', {
      values: z.array(z.unknown()).min(1).max(1000),
      tied,
      when,
    }),
  ])
  .superRefine((dimension, issues) => {
    if (dimension.kind !== 'range') return
    const { low, high, log, integer } = dimension
    if (low > high) issues.addIssue({ code: 'custom', message: `low (${low}) is above high (${high})`, path: ['low'] })
    if (log && low <= 0) issues.addIssue({ code: 'custom', message: 'a range over orders of magnitude starts above 0', path: ['low'] })
    if (integer && !(Number.isInteger(low) && Number.isInteger(high)))
      issues.addIssue({ code: 'custom', message: 'a range of whole numbers has whole ends', path: ['low'] })
  })
export type Dimension = z.infer<typeof dimensionSchema>
/** Fields by their paths in the spec. */
export const spaceSchema = z.record(z.string().min(1), dimensionSchema)
export type Space = z.infer<typeof spaceSchema>

const samplerSchema = z.discriminatedUnion('kind', [
  variant('tpe', 'tree-structured Parzen estimator, multivariate, trials under way counted as bad (Bergstra et al. 2011; Watanabe 2023)', {
    startup: z.int().min(1).max(10_000).default(10).describe('trials at random before the first that learns from others'),
    candidates: z.int().min(1).max(10_000).default(24).describe('draws of which the most promising is taken'),
  }),
  variant('random', 'each field by itself', {}),
  variant('grid', 'every combination, in order', {
    points: z.int().min(2).max(100).default(5).describe('of a range that is not listed'),
  }),
])
const stopSchema = z.discriminatedUnion('kind', [
  variant('none', 'every trial is trained to its end', {}),
  variant('median', 'a trial ends at an epoch where its best so far is below the median of the trials before it', {
    startup: z.int().min(1).max(10_000).default(5).describe('trials trained to their end before any is stopped'),
    warmup: z.int().min(0).max(100_000).default(2).describe('epochs that every trial gets'),
  }),
  variant('asha', 'few epochs for all, more for the best: trials pause at rungs and the best of a rung go on (Li et al. 2018)', {
    minEpochs: z.int().min(1).max(100_000).default(2).describe('epochs up to the first rung'),
    factor: z.int().min(2).max(16).default(3).describe('one of so many goes on, to so many times the epochs'),
  }),
])
export type StopSpec = z.infer<typeof stopSchema>

const budgetSchema = z.strictObject({
  trials: z.int().min(1).max(100_000).nullable().default(40).describe('trials that are begun; null: any number'),
  minutes: orNull(z.number().gt(0), 'of training, all trials together, after which none begins or goes on; null: any'),
  diskGb: orNull(z.number().gt(0), 'that the runs of the search may fill, after which no trial begins; null: any'),
  withoutGain: orNull(z.int().min(1).max(100_000), 'trials in a row that do not beat the best, after which none begins; null: any'),
})

export const searchSchema = z.strictObject({
  version: z.literal(1).default(1),
  name: z.string().min(1).max(200),
  dataset: z.string().min(1),
  /** complete but for what the space fills in */
  spec: z.record(z.string(), z.unknown()).describe('the run spec that every trial starts from'),
  space: spaceSchema,
  metric: z.string().default('ndcg@20').describe('of the validation part, to be made as good as it gets'),
  sampler: samplerSchema.default({ kind: 'tpe', startup: 10, candidates: 24 }),
  stop: stopSchema.default({ kind: 'none' }),
  budget: budgetSchema.prefault({}),
  finals: z
    .strictObject({
      top: z.int().min(0).max(20).default(3).describe('of the best trials; 0: none'),
      seeds: z.int().min(1).max(20).default(3).describe('fresh ones, each trained with each; of a model without chance by default 1'),
    })
    .prefault({})
    .describe('the best trials again, compared by a paired test on the validation part'),
  keep: z
    .strictObject({
      checkpoints: z.int().min(1).max(10_000).default(10).describe('of paused trials, the best'),
      diskGb: z.number().gt(0).default(5).describe('that these may fill; a trial without one that goes on is trained from its start again'),
    })
    .prefault({}),
  parallel: z.int().min(1).max(256).default(1).describe('trials at once, which share the threads'),
  seed: seed.describe('of what the sampler draws'),
  ablates: orNull(z.string(), 'the run whose columns its trials leave out or shuffle, for its ledger'),
})
export type SearchSpec = z.infer<typeof searchSchema>

/** complete: trained to its end. paused: stopped at a rung or by the median, its numbers as of there. failed: it could not be trained, or diverged. */
export const trialStateSchema = z.enum(['waiting', 'running', 'paused', 'complete', 'failed', 'interrupted'])
export type TrialState = z.infer<typeof trialStateSchema>

/** Why a trial is as it is: what drew it, and from how much. */
export const drawnSchema = z.strictObject({
  /** given: the values that the spec has without the search */
  by: z.enum(['given', 'tpe', 'random', 'grid', 'final']),
  /** finished and paused trials that were known */
  known: z.int(),
  /** log l(x)/g(x) of the trial among the candidates; of TPE alone */
  acquisition: z.number().nullable(),
  /** what the sampler did other than usual. startup: at random, as too few trials are known; redrawn: its first draws had been tried;
   * exhausted: it gave only what had been tried, so at random */
  note: z.enum(['startup', 'redrawn', 'exhausted']).nullable(),
})
export type Drawn = z.infer<typeof drawnSchema>

/** One trial of a search: values by their paths in the spec, and what they reached on the validation part. The test part is not looked at. */
export const searchTrialSchema = z.strictObject({
  number: z.int(),
  run: z.string().nullable().describe('null where that run was deleted'),
  params: z.record(z.string(), z.unknown()),
  /** number of the trial that it repeats with another seed; null: it is none of the finals */
  finalOf: z.int().nullable(),
  seed: z.int().nullable(),
  state: trialStateSchema,
  /** of the best epoch so far; null where there is none */
  value: z.number().nullable(),
  epochs: z.int(),
  bestEpoch: z.int().nullable(),
  seconds: z.number(),
  /** best value up to each epoch, from epoch 1 on; null before the first that was measured */
  curve: z.array(z.number().nullable()),
  drawn: drawnSchema,
  error: z.string().nullable(),
})
export type SearchTrial = z.infer<typeof searchTrialSchema>

/** The finals compared: their values over seeds, and each against the winner over users and seeds of the validation part. */
export const searchVerdictSchema = z.strictObject({
  /** number of the trial of the highest mean */
  winner: z.int(),
  users: z.int(),
  finals: z.array(
    z.strictObject({
      trial: z.int(),
      runs: z.array(z.string()),
      mean: z.number(),
      /** over the seeds; null where there is one */
      sd: z.number().nullable(),
    }),
  ),
  /** the winner minus each other one */
  pairs: z.array(
    z.strictObject({
      trial: z.int(),
      difference: z.number(),
      interval,
      /** by users and seeds (see docs/verdicts.md), and corrected for the number of pairs (Holm 1979) */
      p: z.number(),
      adjusted: z.number(),
    }),
  ),
})
export type SearchVerdict = z.infer<typeof searchVerdictSchema>

export const searchStateSchema = z.enum(['running', 'finished', 'cancelled', 'interrupted', 'failed'])
export type SearchState = z.infer<typeof searchStateSchema>

/** A rule of the budget; space: every combination was tried. stopped: by somebody; died: its process ended in the middle. */
export const searchOverSchema = z.enum(['trials', 'minutes', 'disk', 'gain', 'space', 'stopped', 'died', 'failed'])
export type SearchOver = z.infer<typeof searchOverSchema>

export const searchSummarySchema = z.strictObject({
  search: z.string().describe('short unique id'),
  name: z.string(),
  dataset: z.string(),
  recipe: z.string().nullable(),
  state: searchStateSchema,
  /** why it ended; null while it runs */
  over: searchOverSchema.nullable(),
  /** of one that failed */
  error: z.string().nullable(),
  createdAt: z.string(),
  metric: z.string(),
  sampler: z.string(),
  stop: z.string(),
  /** begun, finals left out */
  trials: z.int(),
  /** as many as it may begin; null: it ends by another rule */
  ofTrials: z.int().nullable(),
  /** of training */
  seconds: z.number(),
  best: z.strictObject({ trial: z.int(), value: z.number() }).nullable(),
})
export type SearchSummary = z.infer<typeof searchSummarySchema>

export const searchDetailSchema = searchSummarySchema.extend({
  spec: searchSchema,
  list: z.array(searchTrialSchema),
  /** shares of the fields by PED-ANOVA, 1 in all; empty before there are enough complete trials */
  importance: z.record(z.string(), z.number()),
  verdict: searchVerdictSchema.nullable(),
  /** runs that were fitted again for the winner and looked at the test part */
  promoted: z.array(z.string()),
})
export type SearchDetail = z.infer<typeof searchDetailSchema>
