/**
 * Recipes of YouTube (2016, 2019) and Google Play (2020): softmax over sampled or in-batch negatives, from histories or all features. What the
 * fields of a recipe mean: recipe.ts.
 */
import { columnFeatures, histories, idFeature } from './recipe-features.ts'
import { batchFor, fewerNegatives, halfOfMany, needs, negativesFor, type Recipe } from './recipe.ts'

export const google = {
  'youtube-2016': {
    title: 'YouTube 2016: candidate generation',
    group: 'industry',
    summary: 'Pooled histories and user features through an MLP, softmax over sampled items, the age of the example as an input',
    paper: 'Covington, Adams & Sargin: Deep neural networks for YouTube recommendations. RecSys 2016',
    claims: [
      'sampled softmax trains over 100 times as fast as the full one',
      'the age of the example as an input captures what is new; it is 0 when serving',
      'an equal number of examples per user keeps heavy users from dominating',
      'predicting a future watch from the history before it is far better than a held-out one from all others',
    ],
    ingredients: [
      'mean of the last 50 watches and mean of the last 50 searches, 256-d',
      'geography, device, gender, age; no user id',
      'ReLU tower 1024 → 512 → 256; a video is its embedding',
      'several thousand negatives, importance weighted; dot product',
    ],
    changes: [
      'a tower 256 → 128 → 64, for thousands of items instead of a million',
      'one history an event type in place of watches and search tokens: the data has no queries',
      'at most 64 examples a user and epoch',
    ],
    needs: [needs.order],
    adapt: (manifest) => {
      const age = manifest.hasTime ? [{ kind: 'time' as const, name: 'example-age', parts: ['age' as const] }] : []
      return {
        config: {
          user: {
            features: [...histories(manifest, { dim: 64, maxLength: 50 }, true), ...columnFeatures('user', manifest), ...age],
            hidden: [256, 128],
            output: 64,
          },
          item: { features: [{ kind: 'id', dim: 64 }], output: null },
          match: { kind: 'dot', temperature: { kind: 'fixed', value: 1 } },
          loss: { kind: 'sampled-softmax', negatives: negativesFor(manifest, 4096), sampler: { kind: 'popularity', alpha: 0.75 } },
          training: {
            epochs: 40,
            batchSize: batchFor(manifest, 1024),
            perUserCap: 64,
            tables: { kind: 'adam', learningRate: 0.003 },
            dense: { kind: 'adam', learningRate: 0.001 },
            earlyStopping: { patience: 4 },
          },
        },
        changes: [...fewerNegatives(manifest, 4096), ...(age.length === 0 ? ['no age of the example: the interactions have no time'] : [])],
      }
    },
  },

  'youtube-2019': {
    title: 'YouTube 2019: sampling-bias-corrected two towers',
    group: 'industry',
    summary: 'In-batch softmax corrected by a streaming estimate of each item’s frequency, rewards as weights, batches in order of time',
    paper: 'Yi et al.: Sampling-bias-corrected neural modeling for large corpus item recommendations. RecSys 2019',
    claims: [
      'popular items are over-punished as in-batch negatives; s(x, y) − log p(y) corrects it',
      'a streaming estimate of the gap between occurrences follows a changing distribution',
      'normalised vectors and a tuned temperature raise recall',
    ],
    ingredients: [
      'ids shared by history and candidates; ids never seen go to hash buckets',
      'in-batch softmax, weighted by reward (1: watched to the end)',
      'streaming estimate over hashed arrays',
      'both sides L2-normalised, temperature; trained in order of days',
    ],
    changes: ['an unknown row, trained by hiding one id in ten, in place of hash buckets: new items need no id of their own'],
    needs: [needs.order],
    adapt: (manifest) => {
      const content = columnFeatures('item', manifest)
      return {
        config: {
          user: {
            features: [...histories(manifest, { dim: 64, maxLength: 50, share: true }, false), ...columnFeatures('user', manifest)],
            hidden: [128],
            output: 64,
          },
          item: { features: [idFeature(64, content), ...content], hidden: [128], output: 64 },
          match: { kind: 'cosine', temperature: { kind: 'fixed', value: 0.07 } },
          loss: { kind: 'in-batch-softmax', estimator: { kind: 'streaming' } },
          training: {
            epochs: 40,
            batchSize: batchFor(manifest),
            order: manifest.hasTime ? 'time' : 'shuffled',
            weights: { reward: manifest.hasWeight },
            tables: { kind: 'adam', learningRate: 0.003 },
            dense: { kind: 'adam', learningRate: 0.001 },
            earlyStopping: { patience: 4 },
          },
        },
        changes: [
          ...(manifest.hasWeight ? [] : ['every example weighs 1: the interactions have no weight']),
          ...(manifest.hasTime ? [] : ['batches are shuffled: the interactions have no time']),
        ],
      }
    },
  },

  'google-mns': {
    title: 'Google Play 2020: mixed negative sampling',
    group: 'industry',
    summary: 'Two towers of all features; in-batch negatives mixed with uniform ones from the whole catalogue',
    paper: 'Yang et al.: Mixed negative sampling for learning two-tower neural networks in recommendations. WWW 2020',
    claims: [
      'items without feedback are never in-batch negatives, so their vectors are never pushed away; uniform ones cure it',
      'B′, the number of uniform negatives, is a dial between the unigram and the uniform distribution',
    ],
    ingredients: ['B in-batch and B′ uniform negatives', 'logits corrected by the mixture of both', 'all features on both sides'],
    changes: [
      'B′ equals B: the paper’s sizes could not be read',
      'uniform over the whole catalogue as in the paper. On the sample market that is not the cure it was there: recall@20 is .206 against .215 of the batch alone, in each of three seeds, and items that training never met are only pushed away, .02 against .12 where the uniform ones are drawn among items met (loss.sampler popularity with alpha 0). On ml-latest-small it is not told apart (docs/ingredients.md)',
    ],
    needs: [],
    adapt: (manifest) => {
      const batchSize = batchFor(manifest)
      const { epochs, changes } = halfOfMany(manifest, 40)
      return {
        config: {
          user: { features: 'auto', hidden: [128], layerNorm: true, output: 64 },
          item: { features: 'auto', hidden: [128], layerNorm: true, output: 64 },
          match: { kind: 'cosine', temperature: { kind: 'fixed', value: 0.07 } },
          loss: { kind: 'mixed-softmax', negatives: negativesFor(manifest, batchSize) },
          training: {
            epochs,
            batchSize,
            tables: { kind: 'adam', learningRate: 0.003 },
            dense: { kind: 'adam', learningRate: 0.001 },
            earlyStopping: { patience: 4 },
          },
        },
        changes,
      }
    },
  },
} as const satisfies Record<string, Recipe>
