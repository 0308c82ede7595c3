/** Facebook's recipes: triplets with hard negatives, found in the batch or mined from ranks of the model’s own list. */
import type { DatasetManifest } from '../../../contract/shapes/dataset.ts'
import type { RunConfig } from '../../../contract/shapes/spec.ts'
import { batchFor, fewerNegatives, halfOfMany, negativesFor, type Recipe } from './recipe.ts'

const PAPER = 'Huang et al.: Embedding-based retrieval in Facebook search. KDD 2020'
/** uniform among the items of the training part */
const MET = { kind: 'popularity', alpha: 0 } as const
const MET_ONLY =
  'random negatives are drawn among items that training has met (popularity with α 0): those it has not are only pushed away, which on the sample market takes the recall@20 of cold items from .17 to .02'

const common = { group: 'industry', paper: PAPER, needs: [] } as const

const config = (manifest: DatasetManifest, extraNegatives: object): RunConfig => ({
  user: { features: 'auto', hidden: [128], layerNorm: true, output: 64 },
  item: { features: 'auto', hidden: [128], layerNorm: true, output: 64 },
  match: { kind: 'cosine', temperature: { kind: 'fixed', value: 0.07 } },
  loss: { kind: 'hinge', negatives: negativesFor(manifest, 512), sampler: MET, margin: 0.2 },
  extraNegatives,
  training: {
    epochs: halfOfMany(manifest, 40).epochs,
    batchSize: batchFor(manifest, 1024),
    tables: { kind: 'adam', learningRate: 0.003 },
    dense: { kind: 'adam', learningRate: 0.001 },
    earlyStopping: { patience: 5 },
  },
})

/** Ranks 101–500 of a large catalogue, as shares of a small one: the top 2 % to 10 %. */
function rankWindow({ items }: DatasetManifest): { fromRank: number; toRank: number; scaled: boolean } {
  if (items >= 10_000) return { fromRank: 101, toRank: 500, scaled: false }
  const fromRank = Math.max(2, Math.ceil(items / 50))
  return { fromRank, toRank: Math.max(fromRank + 1, Math.ceil(items / 10)), scaled: true }
}

export const facebook = {
  'facebook-ebr': {
    ...common,
    title: 'Facebook EBR: online hard negatives',
    summary: 'Triplet loss on cosine, random negatives and at most two hard ones of the batch for each positive',
    claims: [
      'online hard negatives: +8.38 % recall (people), +7 % (groups), +5.33 % (events)',
      'more than two hard negatives a positive hurt',
      'the margin changes recall by 5 to 10 %',
      'impressions without a click as the only negatives: −55 % recall against random ones',
    ],
    ingredients: [
      'triplet loss, cosine distance, tuned margin',
      'unified embedding: text, place and social features',
      'random and in-batch hard negatives',
    ],
    changes: [
      '512 random negatives shared by the batch; margin 0.2, to be tuned',
      'the user’s history and columns stand for the query',
      'the claim of hard negatives holds on the sample market where they weigh: beside two random ones a row, in batches of 16, two lift recall@20 in each of three seeds, .142 to .159, and eight lower it to .126; on ml-latest-small two lower it already, .090 to .074 (docs/ingredients.md). Beside 512 random ones, as here, two weigh little',
      MET_ONLY,
    ],
    adapt: (manifest) => ({
      config: config(manifest, { inBatchHard: { perPositive: 2 } }),
      changes: [...fewerNegatives(manifest, 512), ...halfOfMany(manifest, 40).changes],
    }),
  },

  'facebook-ebr-offline': {
    ...common,
    title: 'Facebook EBR: offline hard negatives',
    summary: 'Triplet loss on cosine with negatives mined from ranks 101–500 of the model’s own lists, few among easy ones',
    claims: [
      'negatives from ranks 101–500 beat the hardest ones',
      'easy to hard up to 100:1 still helps; hard to easy transfers, easy to hard does not',
      'mining one random shard is enough',
    ],
    ingredients: ['a search of the catalogue by the present model, refreshed as it trains', 'rank window 101–500', 'easy:hard 100:1'],
    changes: [
      'the whole catalogue is searched, exactly, after each epoch',
      'half of the rows have a mined negative beside the 512 easy ones of the batch, about 100:1 by number',
      'beside two random ones a row, one mined of ranks 60–300 lifts recall@20 on the sample market in each of three seeds, .142 to .159, and one of ranks 1–20 lowers it to .124; on ml-latest-small .101 against .090 is not told apart, and ranks 1–20 lower it to .059 (docs/ingredients.md)',
      MET_ONLY,
    ],
    adapt: (manifest) => {
      const { scaled, ...ranks } = rankWindow(manifest)
      return {
        config: config(manifest, { mined: { ...ranks, perRow: 1, refreshEpochs: 1, startEpoch: 2, easyPerHard: 1 } }),
        changes: [
          ...(scaled
            ? [
                `ranks ${ranks.fromRank}–${ranks.toRank}: the top 2 to 10 % of ${manifest.items.toLocaleString('en')} items, among which rank 500 would be no hard one`,
              ]
            : []),
          ...fewerNegatives(manifest, 512),
          ...halfOfMany(manifest, 40).changes,
        ],
      }
    },
  },
} as const satisfies Record<string, Recipe>
