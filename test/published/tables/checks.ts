/** What the papers say of an ingredient, as a pair of cells of which the first should be better. */
import type { Figures } from './train.ts'

export interface Check {
  readonly claim: string
  readonly better: string
  readonly worse: string
  readonly metric: 'recall' | 'ndcg' | 'cold'
}

const NEGATIVES = 'negatives'
/** Losses whose negatives among all items, and among items met in training, are told apart. */
const DRAWN = ['sampled-softmax', 'bpr', 'hinge', 'bsl'] as const

export const CHECKS: readonly Check[] = [
  { claim: 'logQ off is worse (Yi et al. 2019)', better: 'logq|corrected|', worse: 'logq|off|', metric: 'recall' },
  { claim: 'logQ inverted is worse yet', better: 'logq|off|', worse: 'logq|inverted|', metric: 'recall' },
  {
    claim: 'the refined correction is better (arXiv:2507.09331)',
    better: 'logq|corrected, refined form|',
    worse: 'logq|corrected|',
    metric: 'recall',
  },
  {
    claim: 'two hard negatives help a triplet loss (Huang et al. 2020)',
    better: 'hard|2 hardest of the batch|',
    worse: 'hard|none|',
    metric: 'recall',
  },
  {
    claim: 'eight hard negatives are worse than two',
    better: 'hard|2 hardest of the batch|',
    worse: 'hard|8 hardest of the batch|',
    metric: 'recall',
  },
  { claim: 'mined negatives of a middle window help', better: 'hard|mined, ranks 60–300|', worse: 'hard|none|', metric: 'recall' },
  {
    claim: 'a middle window of ranks is better than the top',
    better: 'hard|mined, ranks 60–300|',
    worse: 'hard|mined, ranks 1–20|',
    metric: 'recall',
  },
  { claim: 'text lifts cold items', better: 'features|id + text|', worse: 'features|id|', metric: 'cold' },
  { claim: 'place lifts cold items', better: 'features|id + place|', worse: 'features|id|', metric: 'cold' },
  { claim: 'all features lift cold items', better: 'features|id + all|', worse: 'features|id|', metric: 'cold' },
  ...['mean', 'recency', 'self-attention', 'gru', 'short-long'].map((encoder) => ({
    claim: `histories in order of time beat shuffled ones (${encoder})`,
    better: `encoders|${encoder}|`,
    worse: `order|${encoder}|order lost`,
    metric: 'recall' as const,
  })),
  ...DRAWN.map((loss) => ({
    claim: `uniform negatives among all items keep cold items away (${loss})`,
    better: `${NEGATIVES}|${loss}|uniform, met`,
    worse: `${NEGATIVES}|${loss}|uniform`,
    metric: 'cold' as const,
  })),
  {
    claim: 'a memory of earlier batches helps (Wang et al. 2020)',
    better: `${NEGATIVES}|in-batch-softmax|+ memory`,
    worse: `${NEGATIVES}|in-batch-softmax|its own`,
    metric: 'recall',
  },
  {
    claim: 'uniform negatives beside the batch help (Yang et al. 2020)',
    better: `${NEGATIVES}|mixed-softmax|uniform`,
    worse: `${NEGATIVES}|in-batch-softmax|its own`,
    metric: 'recall',
  },
  {
    claim: 'what was seen in the trip helps as a negative (Airbnb 2025)',
    better: 'shown|uniform + 2 seen in the trip|',
    worse: 'shown|uniform|',
    metric: 'recall',
  },
  {
    claim: 'nothing but what was seen is much worse (Huang et al. 2020)',
    better: 'shown|uniform|',
    worse: 'shown|4 seen in the trip, one uniform|',
    metric: 'recall',
  },
]

/** Whether all differences have the sign that the claim says; a pair a seed, the first of which should be better. */
export function verdict(metric: Check['metric'], pairs: readonly (readonly [Figures, Figures])[]): string {
  if (pairs.length < 2) return 'one seed'
  const gaps = pairs.map(([better, worse]) => better[metric] - worse[metric])
  if (gaps.every((gap) => gap > 0)) return 'yes'
  return gaps.every((gap) => gap < 0) ? '**no**' : 'not told apart'
}
