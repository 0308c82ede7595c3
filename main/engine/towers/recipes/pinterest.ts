/** Pinterest's recipes: a transformer over actions, and one over what an item is. */
import { columnFeatures, histories, idFeature } from './recipe-features.ts'
import { batchFor, fewerNegatives, needs, negativesFor, type Recipe } from './recipe.ts'

export const pinterest = {
  'pinterest-pinnerformer': {
    title: 'PinnerFormer',
    group: 'industry',
    summary: 'A causal transformer over a user’s actions predicts what they do within 14 days',
    paper: 'Pancha, Zhai, Leskovec & Rosenberg: PinnerFormer: sequence modeling for user representation at Pinterest. KDD 2022',
    claims: [
      'predicting all actions of the next 14 days makes vectors that may be computed once a day, almost as good as real-time ones',
      'in-batch and random negatives together, corrected by logQ, beat either',
      'every user weighs alike',
    ],
    ingredients: [
      'action = item embedding, action type, surface, duration, time',
      'causal pre-norm transformer',
      'dense all-action loss over a 14-day horizon',
      'mixed negatives, logQ by count-min sketch; learned temperature of at least 0.01; L2 on both sides',
    ],
    changes: [
      '1 layer of 2 heads over the last 50 actions: a step of 1,024 examples takes about 0.4 s of one core, ten times a step of pooled histories',
      'the order of the last actions is worth something on ml-latest-small, recall@20 .107 against .084 where it is lost, in each of three seeds; on the sample market .195 against .188 is not told apart (docs/ingredients.md)',
      'of each example one earlier moment of the user is drawn, in place of 32 targets of one window: the same pairs, one a row',
      'item embeddings are learned here; PinSage vectors are not at hand',
      'random negatives are drawn among items that training has met (popularity with α 0): the others would only be pushed away',
    ],
    needs: [needs.time],
    adapt: (manifest) => {
      const content = columnFeatures('item', manifest)
      const batchSize = batchFor(manifest, 1024)
      const [history] = histories(
        manifest,
        {
          dim: 64,
          maxLength: 50,
          share: true,
          encoder: { kind: 'self-attention', layers: 1, heads: 2 },
          inputs: ['position', 'age', ...(manifest.events.length > 1 ? (['event'] as const) : [])],
        },
        false,
      )
      return {
        config: {
          user: { features: [...(history === undefined ? [] : [history]), ...columnFeatures('user', manifest)], hidden: [128], output: 64 },
          item: { features: [idFeature(64, content), ...content], hidden: [128], output: 64 },
          match: { kind: 'cosine', temperature: { kind: 'learned', initial: 0.07, minimum: 0.01 } },
          loss: {
            kind: 'mixed-softmax',
            negatives: negativesFor(manifest, batchSize),
            sampler: { kind: 'popularity', alpha: 0 },
            estimator: { kind: 'count-min' },
          },
          training: {
            epochs: 30,
            batchSize,
            objective: { kind: 'all-action', horizonDays: 14 },
            weights: { users: 'equal' },
            tables: { kind: 'adam', learningRate: 0.003 },
            dense: { kind: 'adam', learningRate: 0.001 },
            earlyStopping: { patience: 4 },
          },
        },
        changes: fewerNegatives(manifest, batchSize),
      }
    },
  },

  'pinterest-itemsage': {
    title: 'ItemSage',
    group: 'industry',
    summary: 'A transformer layer over what an item is (text, tags, vectors, place) makes its vector; several kinds of engagement at once',
    paper: 'Baltescu et al.: ItemSage: learning product embeddings for shopping recommendations at Pinterest. KDD 2022',
    claims: ['gross merchandise value per user up to +7 %, clicks +11 %', 'one vector serves several tasks'],
    ingredients: [
      'text and image features as tokens of one transformer layer with 8 heads; a summary token goes on',
      'a hash embedder of 100,000 rows for text',
      'multi-task over kinds of engagement',
      'frozen query encoders',
    ],
    changes: [
      '4 heads over 64 dims; the user tower is trained too: there are no query encoders to freeze',
      'no item id: an item is what it says, so new items are like all others',
      '20,000 hashed rows of text',
    ],
    needs: [needs.content],
    adapt: (manifest) => {
      const many = manifest.events.length > 1
      return {
        config: {
          user: { features: 'auto', hidden: [128], output: 64 },
          item: {
            features: columnFeatures('item', manifest),
            fusion: { kind: 'attention', dim: 64, heads: 4 },
            output: 64,
          },
          match: { kind: 'cosine', temperature: { kind: 'fixed', value: 0.07 } },
          loss: { kind: 'in-batch-softmax' },
          training: {
            epochs: 40,
            batchSize: batchFor(manifest),
            weights: { eventMean: many },
            tables: { kind: 'adam', learningRate: 0.003 },
            dense: { kind: 'adam', learningRate: 0.001 },
            earlyStopping: { patience: 4 },
          },
        },
        changes: [
          ...(many ? [`each of ${manifest.events.join(', ')} is a task`] : ['one task: there is one event type']),
          ...(manifest.itemColumns.some(({ kind }) => kind === 'vector') ? [] : ['no image: the items have no vectors']),
        ],
      }
    },
  },
} as const satisfies Record<string, Recipe>
