/** Airbnb's recipes: listings from sessions, and trips with what was seen and not booked. */
import { columnFeatures, histories, idFeature } from './recipe-features.ts'
import { batchFor, fewerNegatives, marketColumn, needs, negativesFor, type Recipe, strongestEvent } from './recipe.ts'

export const airbnb = {
  'airbnb-2018': {
    title: 'Airbnb 2018: listing embeddings',
    group: 'industry',
    summary: 'Skip-gram of sessions: a listing predicts those beside it, with negatives of the same market; new ones from their features',
    paper: 'Grbovic & Cheng: Real-time personalization using embeddings for search ranking at Airbnb. KDD 2018',
    claims: [
      'click-through of similar listings +21 %, bookings from it +4.9 %',
      'negatives of the same market teach differences within it; without them it is only the market that is learned',
      'the mean of three near listings of the same type covers 98 % of new listings',
    ],
    ingredients: [
      'skip-gram with negative sampling, d 32, sessions end after 30 minutes',
      'the booked listing as context of the whole session',
      'extra negatives of the same market',
      'cold start by near and similar listings',
    ],
    changes: [
      'the user is the mean of the last 10 listings before: the window of a skip-gram, looking back only, so that nothing leaks',
      'the booked listing counts as every example of its session by the all-action objective and its weight',
      'negatives are shared by the batch, and their mean weighs 5 like the five of word2vec',
      'a new listing gets its vector from place, type and text through the item tower instead of the mean of three neighbours',
    ],
    needs: [needs.order, needs.market],
    adapt: (manifest) => {
      const booked = strongestEvent(manifest)
      const content = columnFeatures('item', manifest)
      return {
        config: {
          user: { features: histories(manifest, { dim: 32, maxLength: 10, share: true }, false), output: 32 },
          item: { features: [idFeature(32, content, 0.2), ...content], output: 32 },
          match: { kind: 'dot', temperature: { kind: 'fixed', value: 1 } },
          loss: { kind: 'bce', negatives: negativesFor(manifest, 1024), sampler: { kind: 'popularity', alpha: 0.75 }, negativeWeight: 5 },
          extraNegatives: { group: { column: marketColumn(manifest)!, perRow: 5 } },
          training: {
            epochs: 40,
            batchSize: batchFor(manifest, 1024),
            objective: manifest.hasTime ? { kind: 'all-action', horizonDays: 1 } : { kind: 'next' },
            weights: { events: booked === null ? {} : { [booked]: 5 } },
            tables: { kind: 'adam', learningRate: 0.005 },
            dense: { kind: 'adam', learningRate: 0.001 },
            earlyStopping: { patience: 4 },
          },
        },
        changes: [
          `the market is the item column "${marketColumn(manifest)!}"`,
          ...(booked === null ? ['no booked listing: there is one event type'] : [`"${booked}" is the booking, and weighs 5`]),
          ...fewerNegatives(manifest, 1024),
        ],
      }
    },
  },

  'airbnb-2025': {
    title: 'Airbnb 2025: embedding-based retrieval of trips',
    group: 'industry',
    summary: 'Bookings against what was seen in the same trip and not booked; negative squared Euclidean distance',
    paper: 'Embedding-based retrieval for Airbnb search. Airbnb engineering blog 2025; arXiv:2601.06873',
    claims: [
      'homes seen in the trip and not booked are the right negatives: random ones are too easy',
      'Euclidean distance gives balanced clusters where dot product does not',
      'a significant gain in bookings online',
    ],
    ingredients: [
      'two towers; listings are embedded offline each day',
      'negatives from the same trip',
      'Euclidean similarity, an IVF-style index whose clusters serve as a filter',
    ],
    changes: [
      'HNSW in place of IVF: the catalogue fits in memory, and Pylon’s index has no clusters',
      'a trip is a session: events less than a day apart',
      'uniform negatives beside those of the trip: without any the vectors of other places are never pushed apart, and recall@20 of bookings on the sample market is .08 instead of .29',
      'on the sample market the trip’s negatives beside uniform ones are not told apart from uniform ones alone, recall@20 of bookings .305 against .291 over three seeds (docs/ingredients.md)',
    ],
    needs: [needs.strongEvent, needs.time],
    adapt: (manifest) => {
      const booked = strongestEvent(manifest)!
      return {
        config: {
          user: { features: 'auto', hidden: [128], layerNorm: true, output: 32 },
          item: { features: 'auto', hidden: [128], layerNorm: true, output: 32 },
          match: { kind: 'euclidean', temperature: { kind: 'fixed', value: 1 } },
          loss: { kind: 'sampled-softmax', negatives: negativesFor(manifest, 512) },
          extraNegatives: { session: { perRow: 4, gapMinutes: 1440 } },
          training: {
            epochs: 40,
            batchSize: batchFor(manifest, 512),
            events: [booked],
            tables: { kind: 'adam', learningRate: 0.003 },
            dense: { kind: 'adam', learningRate: 0.001 },
            earlyStopping: { patience: 4 },
          },
        },
        changes: [
          `it learns from "${booked}" alone; to measure it on nothing else set evaluation.events to it`,
          ...fewerNegatives(manifest, 512),
        ],
      }
    },
  },
} as const satisfies Record<string, Recipe>
