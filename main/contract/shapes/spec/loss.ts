/** Losses, and where the negatives that they weigh come from. */
import { z } from 'zod'
import { choice, flag, orNull, variant } from '../parts.ts'

export const samplerSchema = z.discriminatedUnion('kind', [
  variant(
    'uniform',
    'every item alike; those that never occur in training are then only pushed away, which costs the recall of cold items: popularity with alpha 0 leaves them out',
    {},
  ),
  variant('popularity', 'popular items more often', {
    alpha: z
      .number()
      .min(0)
      .max(2)
      .default(0.75)
      .describe(
        'q(v) proportional to count(v)^alpha, and 0 for items that never occur in training: 0 is uniform among the others, 0.75 word2vec, 1 as popular as in-batch',
      ),
  }),
])
export type SamplerSpec = z.infer<typeof samplerSchema>

/** How likely an item is to be in a batch, which in-batch negatives are corrected by. */
export const estimatorSchema = z.discriminatedUnion('kind', [
  variant('empirical', "an item's share of the training examples, counted once", {}),
  variant('streaming', 'from the mean gap, in steps, between batches that hold the item (Yi et al. 2019, algorithms 2 and 3)', {
    rate: z.number().gt(0).lt(1).default(0.01).describe('weight of the newest gap in its running mean'),
    buckets: z.int().min(16).max(100_000_000).default(1_048_576).describe('width of the hashed arrays'),
    hashes: z.int().min(1).max(8).default(2).describe('arrays; the rarest estimate of an item counts, so that a collision harms less'),
  }),
  variant('count-min', 'counts of the items met so far in a count-min sketch (Cormode & Muthukrishnan 2005; PinnerFormer)', {
    buckets: z.int().min(16).max(100_000_000).default(65_536).describe('width of each row of counts'),
    rows: z.int().min(1).max(16).default(4).describe('rows of counts; the least of an item counts'),
  }),
])
export type EstimatorSpec = z.infer<typeof estimatorSchema>

const logQ = z
  .number()
  .min(-1)
  .max(1)
  .default(1)
  .describe('weight of the correction s(u,v) - log q(v) (Yi et al. 2019, eq. 3): 1 corrects, 0 is off, -1 inverts it and must hurt')
const form = choice(
  ['standard', 'refined'],
  'standard: positive and negatives are corrected alike; refined (arXiv:2507.09331): the positive, which is there with certainty, is not, and the negatives stand for the mean over all others',
)
const estimator = estimatorSchema.default({ kind: 'empirical' }).describe('where q(v) of an in-batch negative comes from')
const sampler = samplerSchema.default({ kind: 'uniform' }).describe('where the negatives come from')
const shared = flag(
  'true: the negatives are drawn once a batch and shared by its rows, one matrix product; false: each row draws its own, as in the papers of the loss, which embeds and updates batch × negatives items (64 of each of 1,024 rows: 100 ms a step, 2,048 shared ones: 16 ms)',
  true,
)

/** Negatives that a loss draws for itself. */
const sampledNegatives = (count: number) => ({
  negatives: z.int().min(1).max(1_000_000).default(count).describe('drawn a batch where they are shared, else a row'),
  sampler,
  shared,
})

export const lossSchema = z.discriminatedUnion('kind', [
  variant('in-batch-softmax', "softmax over the batch's items: every other row's positive is a negative", { logQ, form, estimator }),
  variant('sampled-softmax', 'softmax over the positive and drawn negatives (Jean et al. 2015)', { ...sampledNegatives(2048), logQ, form }),
  variant(
    'mixed-softmax',
    'mixed negative sampling: in-batch and drawn negatives, corrected by the mixture of both distributions (Yang et al. 2020)',
    {
      negatives: z
        .int()
        .min(1)
        .max(1_000_000)
        .default(2048)
        .describe("B': drawn beside the batch's own items; the dial from in-batch to sampled"),
      sampler,
      logQ,
      form,
      estimator,
    },
  ),
  variant('full-softmax', 'softmax over the whole catalogue', {
    maxItems: z.int().min(2).max(10_000_000).default(20_000).describe('refuse larger catalogues: every step embeds all items'),
  }),
  variant(
    'nce',
    'noise-contrastive estimation: tell the positive from drawn noise, given its probability (Gutmann & Hyvärinen 2010; Mnih & Teh 2012)',
    { ...sampledNegatives(2048) },
  ),
  variant('bce', 'binary cross-entropy with sampled negatives (He et al. 2017; Rendle et al. 2020)', {
    ...sampledNegatives(2048),
    negativeWeight: z
      .number()
      .gt(0)
      .default(4)
      .describe("weight of the negatives' mean against the positive's 1; n drawn a row and n here is the plain sum"),
    positivePower: z
      .number()
      .gt(0)
      .default(1)
      .describe(
        "β: the positive's probability counts to this power; gBCE with α = n/(items - 1) drawn takes α (t (1 - 1/α) + 1/α), t = 0.75, against the confidence that few negatives breed (Petrov & Macdonald 2023)",
      ),
  }),
  variant('bpr', '-log σ(s(u,v) - s(u,n)), mean over the negatives (Rendle et al. 2009)', { ...sampledNegatives(2048) }),
  variant('hinge', 'triplet loss: max(0, margin - s(u,v) + s(u,n)), mean over the negatives (Huang et al. 2020)', {
    ...sampledNegatives(2048),
    margin: z.number().gt(0).default(0.2).describe('in units of the score; the temperature does not enter'),
  }),
  variant('ccl', 'cosine contrastive loss: 1 - s(u,v) + μ mean max(0, s(u,n) - margin) (SimpleX, Mao et al. 2021)', {
    ...sampledNegatives(2048),
    margin: z
      .number()
      .min(-1)
      .max(1)
      .default(0.8)
      .describe('negatives below it weigh nothing; in units of the score, the temperature does not enter'),
    weight: z.number().gt(0).default(150).describe("μ of the negatives' mean"),
  }),
  variant('bsl', 'bilateral softmax: -log mean e^(s(u,v)/τ1) + c log Σ e^(s(u,n)/τ2), the positive outside the sum (Wu et al. 2023)', {
    ...sampledNegatives(2048),
    positiveTemperature: orNull(z.number().gt(0), 'τ1 of the positives; null: the matching temperature, which is τ2'),
    exponent: z
      .number()
      .gt(0)
      .default(1)
      .describe("of the negatives' sum; τ2/τ1 is the paper's balance, other values push negatives more or less"),
    pooled: flag(
      'the positives of one user in a batch count by the log of their mean exponential, which forgives noisy ones; false: each by itself',
      true,
    ),
  }),
  variant(
    'psl',
    'pairwise softmax loss: log Σ σ((s(u,n) - s(u,v))/2)^(1/τ), where σ grows slower than the exponential of a softmax, which forgives false negatives; cosine only (Yang et al. 2024)',
    {
      ...sampledNegatives(2048),
      activation: choice(['tanh', 'atan', 'relu'], 'σ: 1 + tanh, 1 + arctan, or max(0, 1 + ·)'),
      temperature: z.number().gt(0).default(0.05).describe("τ* of the paper; the match's temperature does not enter"),
    },
  ),
  variant(
    'sl-at-k',
    'softmax over drawn negatives, each example weighed by how near its score comes to the best k of its user: a bound of NDCG@k (Yang et al. 2025)',
    {
      ...sampledNegatives(2048),
      k: z.int().min(1).max(1000).default(20).describe('of the positive and the drawn negatives the k-th score is the quantile β'),
      sharpness: z
        .number()
        .gt(0)
        .default(0.1)
        .describe('r of the weight σ(r (s - β)) of scores by the matching temperature: τ/τw of the paper; towards 0 all weigh ½'),
    },
  ),
  variant('directau', 'alignment of positive pairs and uniformity of both sides, without negatives; cosine only (Wang et al. 2022)', {
    gamma: z.number().min(0).default(1).describe('weight of uniformity against alignment'),
  }),
])
export type LossSpec = z.infer<typeof lossSchema>

/** Negatives beside those that the loss itself draws; every one is another switch. */
export const extraNegativesSchema = z.strictObject({
  memory: z
    .int()
    .min(0)
    .max(10_000_000)
    .default(0)
    .describe(
      'cross-batch memory: item vectors of earlier batches as the negatives of a second term of the loss, which trains the users alone (Wang et al. 2020); 0: none',
    ),
  memoryFromEpoch: z
    .int()
    .min(1)
    .default(2)
    .describe('vectors drift fast at first: the memory is filled from the epoch before and used from this one'),
  inBatchHard: orNull(
    z.strictObject({ perPositive: z.int().min(1).max(1024).default(2).describe('above 2 it hurt in the paper') }),
    "of the batch's other items only the highest-scored of each row (Huang et al. 2020, online hard negatives)",
  ),
  group: orNull(
    z.strictObject({
      column: z.string().min(1).describe('an item category column: market, category, city'),
      perRow: z.int().min(1).max(10_000).default(4).describe('negatives a row'),
    }),
    "items that share the positive's value of a column (Grbovic & Cheng 2018, same market)",
  ),
  session: orNull(
    z.strictObject({
      events: z.array(z.string()).default([]).describe('event types that count; empty: all but those that are positives'),
      perRow: z.int().min(1).max(10_000).default(4).describe('negatives a row'),
      gapMinutes: z.number().gt(0).default(30).describe('a longer pause begins a new session'),
    }),
    "items of the example's own session that were seen and not chosen (same-trip negatives)",
  ),
  impressions: orNull(
    z.strictObject({
      event: z.string().min(1).describe('the event type that says: shown and not chosen'),
      perRow: z.int().min(1).max(10_000).default(1).describe('negatives a row'),
    }),
    'items shown to the user without a positive event; alone they are too easy to tell apart, so use them beside others',
  ),
  mined: orNull(
    z.strictObject({
      fromRank: z.int().min(1).default(101).describe('the hardest rank taken: nearer ones may be positives nobody has seen'),
      toRank: z.int().min(2).max(100_000).default(500).describe('the easiest rank taken'),
      perRow: z.int().min(1).max(1000).default(1).describe('negatives a row'),
      refreshEpochs: z.int().min(1).default(1).describe('epochs between two searches of the whole catalogue by the present model'),
      startEpoch: z.int().min(1).default(2).describe('the first epoch that uses them; before it every row draws uniformly instead'),
      easyPerHard: z
        .number()
        .min(0)
        .default(0)
        .describe('easy (uniform) rows for each hard one, by chance: 100 gives the paper’s 100:1, 0 hard ones only'),
    }),
    "ranks of the user's own list by the present model, known positives left out (Huang et al. 2020, offline hard negatives)",
  ),
})
export type ExtraNegativesSpec = z.infer<typeof extraNegativesSchema>
