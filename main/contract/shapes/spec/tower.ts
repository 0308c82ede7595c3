/** Towers and how their vectors are matched. */
import { z } from 'zod'
import { codePath } from '../../paths.ts'
import { featureSchema } from '../features.ts'
import { choice, flag, orNull, variant } from '../parts.ts'

export const towerSchema = z.strictObject({
  features: z
    .union([z.literal('auto'), z.array(featureSchema).min(1)])
    .default('auto')
    .describe('what the tower reads of its side; auto: chosen by the columns of the dataset'),
  fusion: z
    .discriminatedUnion('kind', [
      variant('concat', 'side by side', {}),
      variant('attention', 'tokens of one transformer layer, of which a summary token goes on (ItemSage 2022)', {
        dim: z.int().min(1).max(1024).default(64).describe('width of the tokens'),
        heads: z.int().min(1).max(32).default(4).describe('must divide dim'),
        feedForward: z.int().min(1).max(16).default(2).describe('width of the inner layer, in dims'),
      }),
    ])
    .default({ kind: 'concat' })
    .describe('how the inputs meet'),
  augment: orNull(
    z.number().gt(0).max(100),
    'weight with which a further vector of each entity learns to mimic the vectors of its positives on the other side, and enters the tower (DAT, Yu et al. 2021); null: none',
  ),
  hidden: z.array(z.int().min(1).max(8192)).max(16).default([]).describe('widths of the hidden layers; [] for none'),
  activation: choice(['relu', 'gelu', 'tanh', 'silu', 'linear'], 'of the hidden layers'),
  layerNorm: flag('layer normalisation before each activation'),
  dropout: z.number().min(0).lt(1).default(0).describe('after each hidden layer'),
  residual: flag('add the input of a hidden layer to its output where the widths agree'),
  output: z
    .int()
    .min(1)
    .max(4096)
    .nullable()
    .default(64)
    .describe('width of the final linear projection; null: the concatenated features or last hidden layer as they are'),
})
export type TowerSpec = z.infer<typeof towerSchema>

export const temperatureSchema = z.discriminatedUnion('kind', [
  variant('fixed', 'stays as it is', { value: z.number().gt(0).describe('lower is sharper: the hardest negatives weigh more') }),
  variant('learned', 'a weight of its own, kept above a floor', {
    initial: z.number().gt(0).describe('where it starts'),
    minimum: z.number().gt(0).default(0.01).describe('floor'),
  }),
  variant('scheduled', 'falls (or rises) over the first epochs', {
    from: z.number().gt(0).describe('at the start'),
    to: z.number().gt(0).describe('at the end'),
    epochs: z.number().gt(0).default(10).describe('epochs from one to the other; constant after'),
    shape: z.enum(['linear', 'exponential']).default('exponential').describe('of the way from one to the other'),
  }),
])
export type TemperatureSpec = z.infer<typeof temperatureSchema>

/**
 * How vectors match: `cosine` of their directions, `dot` product as they are, or minus their squared `euclidean`
 * distance. Higher is better.
 */
export const metricSchema = z.enum(['cosine', 'dot', 'euclidean'])
export type VectorMetric = z.infer<typeof metricSchema>

export const matchSchema = z.strictObject({
  kind: z
    .enum([...metricSchema.options, 'expression', 'module'])
    .default('cosine')
    .describe(
      'cosine: both vectors L2-normalised; dot: as they are; euclidean: minus the squared distance; expression, module: a function of your own',
    ),
  expression: orNull(
    z.string().max(1000),
    'for kind expression: the score from dot = u·v, nu = |u|, nv = |v| and sq = |u-v|², e.g. "dot / (1 + 0.1 * sq)"',
  ),
  module: orNull(
    z.strictObject({
      path: codePath().describe('a JavaScript file on this machine; its default export is (tf, users, items) => scores [users × items]'),
      sha256: orNull(z.string(), 'of the file when the run was made; another content is refused'),
    }),
    'for kind module; runs with your rights, so a run from elsewhere never executes it',
  ),
  retrieve: metricSchema
    .default('dot')
    .describe('for a function of your own: the nearest metric that the index serves; its top N is scored again by the function'),
  temperature: temperatureSchema
    .default({ kind: 'fixed', value: 0.1 })
    .describe('scores are divided by it in the loss; ranking is not affected'),
})
export type MatchSpec = z.infer<typeof matchSchema>
