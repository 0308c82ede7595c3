/**
 * The spec of a run: plain, versioned data from which the same model can be trained again; of a two-tower (whose parts are in spec/) or of
 * a baseline. A config file may leave out what has a default; `features: "auto"` is resolved against the dataset before the run starts
 * (engine/run-spec, towers/resolve.ts), so a stored spec is complete, but for settings of baselines that the run itself chooses (null).
 */
import { z } from 'zod'
import { easeFields, ialsFields, itemKnnFields, mostPopularFields } from './spec/baselines.ts'
import { blendFields } from './spec/blend.ts'
import { extraNegativesSchema, lossSchema } from './spec/loss.ts'
import { withIdDropout } from './spec/id-dropout.ts'
import { matchSchema, towerSchema } from './spec/tower.ts'
import { trainingSchema } from './spec/training.ts'
import { isPlain } from '../plain.ts'
import { choice, orNull } from './parts.ts'

export type { PopularitySpec } from './spec/baselines.ts'
export * from './spec/loss.ts'
export * from './spec/tower.ts'
export * from './spec/training.ts'

export const SPEC_VERSION = 1

export const evaluationSchema = z.strictObject({
  k: z.array(z.int().min(1).max(10_000)).min(1).default([5, 10, 20, 50]).describe('cut-offs of the metrics: recall@K, NDCG@K'),
  seen: choice(
    ['masked', 'included'],
    'masked: items a user has already interacted with are not retrieved again; included: they compete, as where people come back',
  ),
  events: z.array(z.string()).default([]).describe('event types whose held-out interactions count; empty: all'),
})

export const indexSchema = z.strictObject({
  connectivity: z.int().min(2).max(512).default(16).describe('links a node of the graph: more recall for more memory'),
  expansionAdd: z.int().min(1).max(10_000).default(128).describe('candidates looked at while building: a better graph for more time'),
  expansionSearch: z.int().min(1).max(10_000).default(64).describe('candidates looked at by a query: more recall for more latency'),
  scalar: choice(['f32', 'f16', 'i8'], 'how numbers are kept: f16 halves the memory, i8 quarters it (only with cosine)'),
})
export type IndexSpec = z.infer<typeof indexSchema>

/** `prefault` fills in a whole section's defaults when a config leaves it out. */
const evaluation = evaluationSchema.prefault({}).describe('what is measured when the run finishes')
const index = indexSchema.prefault({}).describe('the ANN index of the items, built when the run finishes')
const training = trainingSchema.prefault({}).describe('examples, batches, optimizers, and when to stop')

export const twoTowerSchema = z.strictObject({
  version: z.literal(SPEC_VERSION).default(SPEC_VERSION),
  model: z.literal('two-tower').default('two-tower'),
  recipe: orNull(z.string(), 'the recipe it came from'),
  user: towerSchema.prefault({}).describe('from the features of a user to a query vector'),
  item: towerSchema.prefault({}).describe('from the features of an item to the vector it is found by'),
  match: matchSchema.prefault({}).describe('how two vectors become a score'),
  loss: lossSchema
    .default({ kind: 'in-batch-softmax', logQ: 1, form: 'standard', estimator: { kind: 'empirical' } })
    .describe('what is made small: how positives are told from negatives'),
  extraNegatives: extraNegativesSchema.prefault({}).describe('candidates of a step beside those the loss has by itself'),
  training,
  evaluation,
  index,
})
export type TwoTowerSpec = z.infer<typeof twoTowerSchema>

export const mostPopularSchema = z
  .strictObject({ ...mostPopularFields, evaluation })
  .describe('the same list for everybody, by interactions: what any model has to beat')
export type MostPopularSpec = z.infer<typeof mostPopularSchema>
export const itemKnnSchema = z
  .strictObject({ ...itemKnnFields, evaluation })
  .describe('item–item neighbours by how often they occur together')
export type ItemKnnSpec = z.infer<typeof itemKnnSchema>
export const easeSchema = z
  .strictObject({ ...easeFields, evaluation })
  .describe('closed-form item–item regression with a zero diagonal (Steck 2019)')
export type EaseSpec = z.infer<typeof easeSchema>
export const ialsSchema = z
  .strictObject({ ...ialsFields, evaluation })
  .describe('matrix factorisation by alternating least squares (Hu et al. 2008)')
export type IalsSpec = z.infer<typeof ialsSchema>
export const blendSchema = z
  .strictObject({ ...blendFields, evaluation, index })
  .describe('vectors of several runs side by side; made on the page of comparisons')
export type BlendSpec = z.infer<typeof blendSchema>
/** A model without towers. */
export type BaselineSpec = MostPopularSpec | ItemKnnSpec | EaseSpec | IalsSpec
/** Settings of baselines that may be left to the validation part. */
export type TunedSetting = 'dim' | 'lambda' | 'neighbours' | 'shrinkage' | 'regularisation' | 'unobservedWeight'
/** A spec that leaves none open. */
export type Settled<S> = { [Name in keyof S]: Name extends TunedSetting | 'epochs' ? NonNullable<S[Name]> : S[Name] }
export type SettledBaseline = MostPopularSpec | Settled<ItemKnnSpec> | Settled<EaseSpec> | Settled<IalsSpec>

/** A config that names no model is a two-tower; see {@link withIdDropout} for what else its default depends on. */
export const specSchema = z.preprocess(
  (value) => {
    if (!isPlain(value)) return value
    return withIdDropout('model' in value ? value : { model: 'two-tower', ...value })
  },
  z.discriminatedUnion('model', [
    twoTowerSchema
      .extend({ model: z.literal('two-tower') })
      .describe('a tower for users and one for items: each gives a vector, and near ones belong together'),
    mostPopularSchema,
    itemKnnSchema,
    easeSchema,
    ialsSchema,
    blendSchema,
  ]),
)
export type RunSpec = z.infer<typeof specSchema>

/** The JSON a config file may hold: {@link RunSpec} with everything that has a default left out at will. */
export type RunConfig =
  | z.input<typeof twoTowerSchema>
  | z.input<typeof mostPopularSchema>
  | z.input<typeof itemKnnSchema>
  | z.input<typeof easeSchema>
  | z.input<typeof ialsSchema>
  | z.input<typeof blendSchema>

/** A spec whose runs have an index of their items; their towers embed whoever is new. */
export type IndexedSpec = TwoTowerSpec | BlendSpec
export const isIndexed = (spec: RunSpec): spec is IndexedSpec => spec.model === 'two-tower' || spec.model === 'blend'

/** Whether a model is trained by epochs; the others are counted, solved or put together. */
export const hasEpochs = (model: string): boolean => model === 'two-tower' || model === 'ials'

/** Where a model's seed stands in its spec; null of one that draws nothing. */
export const seedPath = (model: string): 'training.seed' | 'seed' | null =>
  model === 'two-tower' ? 'training.seed' : model === 'ials' ? 'seed' : null
/** The seed of a spec; null of one without. */
export const seedOf = (spec: RunSpec): number | null =>
  spec.model === 'two-tower' ? spec.training.seed : spec.model === 'ials' ? spec.seed : null
/** Whether another seed makes another model: not of a closed form, a two-tower that is not trained among them. */
export const isSeeded = (spec: RunSpec): boolean => seedOf(spec) !== null && (spec.model !== 'two-tower' || spec.training.epochs > 0)
