/**
 * Baselines: models without towers, trained and evaluated like any run. All see binary feedback: a user has interacted
 * with an item or has not.
 */
import { z } from 'zod'
import { flag, modelSeed, orNull, variant } from '../parts.ts'

/** What every baseline's spec has; `version` and `recipe` as in a two-tower's. */
const common = {
  version: z.literal(1).default(1),
  recipe: orNull(z.string(), 'the recipe it came from'),
}
/** What a setting that is not given is. */
const CHOSEN = 'chosen on the validation part, the trials shown with the run'
const events = z.array(z.string()).default([]).describe('event types that are positives; empty: all')

/** How interactions are counted. */
export const popularitySchema = z.discriminatedUnion('kind', [
  variant('global', 'by all training interactions alike', {}),
  variant('market', 'within the market of the user first', {
    column: z.string().min(1).describe("an item category: the items of the user's most frequent value come first, the rest after them"),
  }),
  variant('recency', 'recent interactions count more', {
    halfLifeDays: z.number().gt(0).default(30).describe('an interaction so much before the end of training counts half'),
  }),
])
export type PopularitySpec = z.infer<typeof popularitySchema>

export const mostPopularFields = {
  ...common,
  model: z.literal('most-popular'),
  popularity: popularitySchema.default({ kind: 'global' }).describe('how interactions are counted'),
  events,
}

/** Item-item nearest neighbours. A user's score of item i is the sum of sim(i, j) over the items j they have interacted with. */
export const itemKnnFields = {
  ...common,
  model: z.literal('item-knn'),
  neighbours: orNull(z.int().min(1).max(100_000), `most similar items kept of each item; null: ${CHOSEN}`),
  shrinkage: orNull(z.number().min(0), `s in cooccurrence / (sqrt(n_i n_j) + s): similarities seen few times count less; null: ${CHOSEN}`),
  normalise: flag("divide an item's similarities by their sum"),
  itemMean: flag("predict the deviation from an item's mean: the mean is added, that of the neighbours taken off"),
  events,
}

/** EASE (Steck 2019): the closed-form item-item regression with a zero diagonal. */
export const easeFields = {
  ...common,
  model: z.literal('ease'),
  lambda: orNull(z.number().gt(0), `L2 regularisation; null: ${CHOSEN}`),
  keep: z
    .int()
    .min(1)
    .nullable()
    .default(4000)
    .describe('weights of largest magnitude kept of each item, which costs a little accuracy; null: all (items² × 8 bytes)'),
  memoryGb: z.number().gt(0).max(4096).default(8).describe('refuse where the inverse would need more'),
  events,
}

/** iALS (Hu et al. 2008) with the frequency-scaled regularisation of Rendle et al. 2021. */
export const ialsFields = {
  ...common,
  model: z.literal('ials'),
  dim: orNull(z.int().min(1).max(2048), `width of the vectors; null: ${CHOSEN}`),
  regularisation: orNull(z.number().min(0), `λ; row u is regularised by λ (n_u + α₀ n)^ν; null: ${CHOSEN}`),
  unobservedWeight: orNull(z.number().gt(0), `α₀: weight of all pairs; observed pairs weigh 1 more; null: ${CHOSEN}`),
  frequencyScaling: z.number().min(0).max(1).default(1).describe('ν: 0 regularises all rows alike, 1 by their frequency'),
  epochs: orNull(
    z.int().min(1).max(10_000),
    'sweeps over users and items; null: up to 100, until ten have brought nothing on the validation part, and 16 without one',
  ),
  embeddingSd: z.number().gt(0).default(0.1).describe('standard deviation of a fresh vector is this over sqrt(dim)'),
  seed: modelSeed,
  events,
}
