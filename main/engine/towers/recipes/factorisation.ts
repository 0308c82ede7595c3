/** Matrix factorisation: two towers that know nothing but ids. */
import type { DatasetManifest } from '../../../contract/shapes/dataset.ts'
import { batchFor, fewerNegatives, negativesFor, type Recipe } from './recipe.ts'

const ids = { features: [{ kind: 'id' as const, dim: 64 }], output: null }
const common = { group: 'factorisation', needs: [] } as const
const stopping = { patience: 5 }

/**
 * Uniform in a small catalogue; in a large one nearly all uniform negatives are items that nobody would rank high,
 * which BPR, a mean over them, learns little from.
 */
const bprSampler = ({ items }: DatasetManifest) =>
  items < 10_000 ? ({ kind: 'uniform' } as const) : ({ kind: 'popularity', alpha: 0.5 } as const)

export const factorisation = {
  'mf-softmax': {
    ...common,
    title: 'Matrix factorisation, softmax loss',
    summary: 'User and item ids, cosine, softmax over uniformly sampled and in-batch negatives',
    paper: 'Wu et al.: On the effectiveness of sampled softmax loss for item recommendation. TOIS 2024 (SL); settings of junkangwu/BSL',
    claims: ['the softmax loss is robust to noisy negatives and fair to the long tail', 'recall@20 .1759 on Gowalla (BSL repository)'],
    ingredients: [
      'd 64, both sides L2-normalised',
      '800 negatives of each positive, uniform',
      'learning rate 1e-4, τ 0.08 on Gowalla and 0.11 on Yelp2018',
    ],
    changes: [
      'up to 2,048 negatives are drawn once a batch and shared by its rows, beside the batch’s own items: one GEMM instead of a gather of 800 a row. On Gowalla’s validation part the in-batch ones lift recall@20 from .200 to .203 after 20 epochs',
      'starts from the closed form: NDCG@20 .131 on the validation part of Singapore’s Airbnb, where users have met one item, and .024 from random numbers; .059 and .058 on ml-latest-small, .117 both on MovieLens 100k, .139 and .100 on Albany’s',
      'how many directions of the closed form to start from is chosen by short trials, up to 250,000 interactions; all beyond: 16 of 64 end at NDCG@20 .097 on Albany’s validation part and all at .139, on Singapore’s at .131 and .077',
      'learning rate 0.005 with lazy Adam, falling along a cosine over 20 epochs: on Gowalla’s validation part recall@20 .209, where 60 from random numbers reach .206',
      'the authors’ form (the positive outside the sum, no batch items), batches of 1,024, τ 0.08, dropout 0.1 and a cosine over 60 epochs give .210 there from random numbers, and the same .171 on its test',
    ],
    adapt: (manifest) => ({
      config: {
        user: ids,
        item: ids,
        match: { kind: 'cosine', temperature: { kind: 'fixed', value: 0.1 } },
        loss: { kind: 'mixed-softmax', negatives: negativesFor(manifest, 2048), sampler: { kind: 'uniform' } },
        training: {
          epochs: 20,
          init: { kind: 'spectral' },
          choose: ['rank'],
          batchSize: batchFor(manifest),
          tables: { kind: 'adam', learningRate: 0.005 },
          schedule: { kind: 'cosine' },
          earlyStopping: stopping,
        },
      },
      changes: fewerNegatives(manifest, 2048),
    }),
  },

  'mf-bpr': {
    ...common,
    title: 'Matrix factorisation, BPR',
    summary: 'User and item ids, dot product, each positive above sampled negatives',
    paper: 'Rendle, Freudenthaler, Gantner & Schmidt-Thieme: BPR: Bayesian personalized ranking from implicit feedback. UAI 2009',
    claims: ['optimises the area under the ROC curve of a user', 'recall@20 .1627 (BARS) and .1491 (RePo) on Gowalla'],
    ingredients: ['−ln σ(s(u, i) − s(u, j)), j uniform', 'L2 on the vectors of the batch', 'd 64'],
    changes: [
      'the mean over 512 negatives shared by the batch in place of one each: less noise for one more GEMM',
      'of 10,000 items or more, negatives by the square root of popularity (as in weighted BPR, Gantner et al. 2012) instead of uniformly: on Gowalla’s validation part recall@20 .159 against .152 after 20 epochs; on the sample market’s 3,000 items it is the other way round, .257 against .274',
      'starts from the closed form: NDCG@20 on validation .120 for .113 from random numbers (sample market), .102 for .102 (MovieLens 100k), .047 for .047 (ml-latest-small), .094 for .045 (Albany), .136 for .030 (Singapore), on Gowalla recall@20 .172 for .171 after 60 epochs',
      'L2 5e-6 and a cosine over 80 epochs: BPR learns slowly, and faster steps end lower. On Gowalla’s validation part .166 after 30, .171 after 60 and .172 after 80 epochs; on test .154',
    ],
    adapt: (manifest) => ({
      config: {
        user: ids,
        item: ids,
        match: { kind: 'dot', temperature: { kind: 'fixed', value: 1 } },
        loss: { kind: 'bpr', negatives: negativesFor(manifest, 512), sampler: bprSampler(manifest) },
        training: {
          epochs: 80,
          init: { kind: 'spectral' },
          choose: ['rank'],
          batchSize: batchFor(manifest),
          l2: 5e-6,
          tables: { kind: 'adam', learningRate: 0.005 },
          schedule: { kind: 'cosine' },
          earlyStopping: { patience: 3, everyEpochs: 10 },
        },
      },
      changes: fewerNegatives(manifest, 512),
    }),
  },
  bsl: {
    ...common,
    title: 'Bilateral softmax loss',
    summary: 'User and item ids, cosine, a softmax that is robust to noise on both sides',
    paper: 'Wu et al.: BSL: understanding and improving softmax loss for recommendation. ICDE 2024',
    claims: [
      'softmax loss is robust optimisation over the negatives; the bilateral one is over the positives too',
      'recall@20 .1882 on Gowalla, .0725 on Yelp2018',
    ],
    ingredients: [
      'positives and negatives with temperatures of their own: τ 0.08 and the negatives’ part 1.22 times on Gowalla, 0.11 and 1.10 times on Yelp2018 (logs of junkangwu/BSL)',
      '800 negatives of each positive, d 64, dropout 0.1 on the user’s vector, learning rate 1e-4, hundreds of epochs',
    ],
    changes: [
      'up to 1,024 negatives are drawn once a batch and shared by its rows; those the user is known to like are left out, which the authors do not: on Gowalla’s validation part .204 against .193 after 20 epochs. 2,048 give NDCG@20 .1219 for .1207 in 1.7 times the time, 512 .1186',
      'no dropout: it wants more epochs than these. On Gowalla’s validation part recall@20 .2134 after 20 without it, .2121 after 24 with .03, .2107 after 32 with .1',
      'starts from the closed form: on Gowalla’s validation part (with dropout and 2,048 negatives) recall@20 .2116 after 16 of 24 epochs, where random numbers reach .207 after 20 of 80 and .2125 after 40',
      'the temperature is chosen on the validation part by short trials, the negatives’ part too where they are long enough to tell (up to 125,000 interactions): on 135,000 interactions of Gowalla 1.5 gives NDCG@20 .083 where 1.22 gives .076, on all of them it is far behind',
      'learning rate 0.01 with lazy Adam and batches of 1,024, falling along a cosine over 20 epochs: 32 give recall@20 .2141 for .2134 on Gowalla’s validation part',
    ],
    adapt: (manifest) => ({
      config: {
        user: ids,
        item: ids,
        match: { kind: 'cosine', temperature: { kind: 'fixed', value: 0.08 } },
        loss: { kind: 'bsl', negatives: negativesFor(manifest, 1024), exponent: 1.22 },
        training: {
          epochs: 20,
          init: { kind: 'spectral' },
          choose: ['temperature', 'exponent', 'rank'],
          batchSize: batchFor(manifest, 1024),
          tables: { kind: 'adam', learningRate: 0.01 },
          schedule: { kind: 'cosine' },
          earlyStopping: { patience: 3, everyEpochs: 4 },
        },
      },
      changes: fewerNegatives(manifest, 1024),
    }),
  },
  'simplex-ccl': {
    ...common,
    title: 'SimpleX: cosine contrastive loss',
    summary: 'A user is their id and the mean of their items; negatives below a margin weigh nothing',
    paper: 'Mao et al.: SimpleX: a simple and strong baseline for collaborative filtering. CIKM 2021',
    claims: ['the loss and many negatives matter more than the encoder', 'recall@20 .1872 on Gowalla (SimpleX), .1837 (MF-CCL)'],
    ingredients: [
      'cosine contrastive loss, margin 0.9, weight 150, hundreds of negatives',
      'user = g · id + (1 − g) · mean of the history, through a projection',
      'Gowalla: 800 to 2,000 negatives, learning rate 1e-4, batch 256',
    ],
    changes: [
      'id and mean history are added through one linear layer, without the fixed share g',
      'up to 1,024 negatives are shared by the batch',
      'starts from the closed form: NDCG@20 .055, .126 and .101 on the validation parts of ml-latest-small, Singapore’s Airbnb and MovieLens 100k, where random numbers reach .020, .051 and .066; .086 for .109 on Albany’s',
      'learning rate 0.005 with lazy Adam, falling along a cosine over 16 epochs: on Gowalla’s validation part recall@20 .194, where 8 of 60 from random numbers, by steps of 0.002, reach .148',
    ],
    adapt: (manifest) => ({
      config: {
        user: {
          features: [
            { kind: 'id', dim: 64 },
            { kind: 'history', dim: 64, share: true, maxLength: 100 },
          ],
          output: 64,
        },
        item: { features: [{ kind: 'id', dim: 64 }], output: null },
        match: { kind: 'cosine', temperature: { kind: 'fixed', value: 1 } },
        loss: { kind: 'ccl', negatives: negativesFor(manifest, 1024), margin: 0.8, weight: 150 },
        training: {
          epochs: 16,
          init: { kind: 'spectral' },
          choose: ['rank'],
          batchSize: batchFor(manifest, 1024),
          tables: { kind: 'adam', learningRate: 0.005 },
          dense: { kind: 'adam', learningRate: 0.001 },
          schedule: { kind: 'cosine' },
          earlyStopping: stopping,
        },
      },
      changes: fewerNegatives(manifest, 1024),
    }),
  },
  'mean-history': {
    ...common,
    title: 'Mean of the history, sampled softmax',
    summary: 'A user is the mean of their items and nothing else, so that one who is new is served without training',
    paper:
      'The user tower of Covington, Adams & Sargin (RecSys 2016) without its layers; YoutubeDNN of BARS (reczoo/BARS, candidate matching)',
    claims: ['recall@20 .1754 on Gowalla (BARS)'],
    ingredients: ['user = mean of the vectors of their items, which are the items’ own', 'sampled softmax over uniform negatives', 'd 64'],
    changes: [
      'the item that is to be predicted is left out of the mean, 50 items at most while training and all of them afterwards',
      'up to 1,024 negatives are drawn once a batch and shared by its rows; those the user is known to like are left out',
      'no layer after the mean, batches of 512, learning rate 0.0015 with lazy Adam, falling along a cosine over 16 epochs: every example moves fifty rows, and with a layer and by steps of 0.003 the model overfits',
      'starts from the closed form: on Gowalla’s validation part recall@20 .195 after 4 and .205 after 12 epochs, where random numbers with dropout 0.1 and 2,048 negatives reach .186 after 4, .203 after 16 and .210 after 36 in three times the time; on MovieLens 100k and ml-latest-small NDCG@20 .130 and .061 for .129 and .060',
    ],
    adapt: (manifest) => ({
      config: {
        user: { features: [{ kind: 'history', dim: 64, share: true, maxLength: 50 }], output: null },
        item: ids,
        match: { kind: 'cosine', temperature: { kind: 'fixed', value: 0.08 } },
        loss: { kind: 'sampled-softmax', negatives: negativesFor(manifest, 1024), sampler: { kind: 'uniform' } },
        training: {
          epochs: 16,
          init: { kind: 'spectral' },
          choose: ['rank'],
          batchSize: batchFor(manifest, 512),
          tables: { kind: 'adam', learningRate: 0.0015 },
          schedule: { kind: 'cosine' },
          earlyStopping: { patience: 3, everyEpochs: 4 },
        },
      },
      changes: fewerNegatives(manifest, 1024),
    }),
  },
  directau: {
    ...common,
    title: 'DirectAU: alignment and uniformity',
    summary: 'User and item ids; positives near each other, each side spread over the sphere, no negatives at all',
    paper: 'Wang et al.: Towards representation alignment and uniformity in collaborative filtering. KDD 2022',
    claims: [
      'optimising alignment and uniformity directly beats BPR with simple factorisation',
      'its splits are its own, so its figures do not compare',
    ],
    ingredients: [
      '‖u − v‖² of positives + γ log E exp(−2‖x − y‖²) of each side',
      'γ 5 (Gowalla), 1 (Yelp2018), 0.5 (Beauty)',
      'learning rate 1e-3, batch 1,024',
    ],
    changes: [
      'γ 1; raise it where the geometry watch shows vectors that crowd',
      'learning rate 0.01 with lazy Adam: with 0.003 the vectors of the sample market have hardly left their first places after 240 steps, recall@20 .016 against .128',
    ],
    adapt: (manifest) => ({
      config: {
        user: ids,
        item: ids,
        match: { kind: 'cosine', temperature: { kind: 'fixed', value: 1 } },
        loss: { kind: 'directau', gamma: 1 },
        training: {
          epochs: 60,
          batchSize: batchFor(manifest, 1024),
          tables: { kind: 'adam', learningRate: 0.01 },
          earlyStopping: stopping,
        },
      },
    }),
  },
} as const satisfies Record<string, Recipe>
