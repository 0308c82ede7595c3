/** The negative laboratory: what one batch of a trained model learns from, and what another mix of negatives would do. */
import { z } from 'zod'
import { floats } from '../shapes/parts.ts'
import { job, run, type VerbDefinition } from './common.ts'

const share = z.number().min(0).max(1)

export const mixSchema = z.strictObject({
  sampler: z.enum(['uniform', 'popularity']).optional().describe('how items are drawn, instead of as the run did'),
  alpha: z.number().min(0).max(2).optional().describe('of the popularity sampler: q(v) proportional to count(v)^alpha'),
  drawn: z.int().min(1).max(100_000).optional().describe('negatives drawn for a batch, or for a row where rows have their own'),
  hard: share
    .optional()
    .describe("of four negatives a row has for itself, the share from the user's own list (ranks 11 to 200); the others are uniform"),
  temperature: z.number().min(0.001).max(100).optional().describe('fixed, instead of the one of the run'),
})
export type Mix = z.output<typeof mixSchema>

export const negativesInput = z.strictObject({
  run,
  ...mixSchema.shape,
  batch: z.int().min(1).max(1_000_000).default(1).describe('which batch of its first epoch'),
  trial: z
    .int()
    .min(0)
    .max(5000)
    .default(0)
    .describe('steps to train on with the mix, beside as many as the run is, from the same weights; 200 show a direction'),
  metric: z.string().default('recall@20').describe('of the validation part, for the trial'),
})
export type NegativesInput = z.output<typeof negativesInput>

const bucket = z.strictObject({
  from: z.int(),
  /** null: no end */
  to: z.int().nullable(),
  /** (row, candidate) pairs that are negatives */
  pairs: z.int(),
  /** of the gradient of all negatives' scores, by size */
  share: z.number(),
})

export const negativesResult = z.strictObject({
  run: z.string(),
  /** what was looked at, in the spec's own words */
  mix: z.strictObject({
    loss: z.string(),
    sampler: z.string().nullable(),
    alpha: z.number().nullable(),
    drawn: z.int(),
    hard: share.nullable(),
    temperature: z.number(),
  }),
  /** of the batch's, those looked at: fewer where a matrix of all would not fit */
  rows: z.int(),
  batch: z.int(),
  candidates: z.int(),
  loss: z.number(),
  /** pairs that are kept out of the loss: the row's own positive met again, and other items that its user has met in training */
  masked: z.strictObject({ accidental: z.int(), known: z.int() }),
  negatives: z.int(),
  /** of the scores' gradient, by size: on positives and on negatives */
  pull: z.strictObject({ positives: z.number(), negatives: z.number() }),
  byRank: z.array(bucket),
  /** by training interactions of the item; `correction` is the mean of what is added to the scores: −log q */
  byPopularity: z.array(bucket.extend({ correction: z.number() })),
  falseNegatives: z.strictObject({
    /** negatives that the validation part shows to be liked, their share of all and of the gradient */
    known: z.int(),
    knownShare: z.number(),
    gradientShare: z.number(),
    /** users of the batch with something held out in validation, and how much that is */
    users: z.int(),
    held: z.int(),
    /** of all negatives, those that the model cannot tell from held-out positives; null: too few of them */
    estimate: z.strictObject({ share: z.number(), low: z.number(), high: z.number() }).nullable(),
  }),
  /** a corner of the matrix of scores, with temperature and correction */
  heat: z.strictObject({
    rows: z.array(z.strictObject({ user: z.string(), item: z.string() })),
    columns: z.array(z.strictObject({ item: z.string(), popularity: z.int(), source: z.enum(['batch', 'drawn', 'own']) })),
    /** [rows × columns] */
    scores: floats,
    /** [rows × columns], by size, of the batch's loss */
    gradients: floats,
    /** [rows × columns]: 0 negative, 1 the row's positive, 2 kept out, 3 a negative that validation shows to be liked */
    kinds: z.custom<Uint8Array>((value) => value instanceof Uint8Array),
  }),
  trial: z
    .strictObject({
      steps: z.int(),
      metric: z.string(),
      /** of the validation part, measured */
      users: z.int(),
      points: z.array(z.strictObject({ step: z.int(), run: z.number(), mix: z.number() })),
    })
    .nullable(),
})
export type NegativesResult = z.infer<typeof negativesResult>

export const negativesVerbs = {
  'runs.negatives': {
    cli: 'negatives',
    summary:
      'What one batch of a run learns from: scores, masks, corrections, where the gradient goes, false negatives; and a trial of another mix',
    positional: 'run',
    changes: false,
    input: negativesInput,
    output: job,
    result: negativesResult,
  },
} as const satisfies Record<string, VerbDefinition>
