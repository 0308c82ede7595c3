/**
 * What is added to a score before the loss because of how its item came to be a candidate: the logQ corrections of the softmaxes, and
 * the log of the expected noise of NCE. `q(v)` is the probability that one candidate of the batch is v: of the drawn ones the
 * sampler's, of the batch's own the estimator's, of both the mixture by their numbers (Yang et al. 2020, eq. 6).
 */
import type { LossSpec } from '../../../contract/shapes/spec.ts'
import type { Estimator } from './estimators.ts'
import type { Sampler } from './negatives.ts'
import type { CandidatePlan } from './plan.ts'

export interface Correction {
  /** of a positive whose row has `negatives` negatives */
  readonly positive: (item: number, negatives: number) => number
  /** of a negative */
  readonly negative: (item: number) => number
}

export interface Sources {
  readonly sampler: Sampler | null
  readonly estimator: Estimator | null
  readonly items: number
}

const NONE: Correction = { positive: () => 0, negative: () => 0 }
/** log q of what a sampler never draws (an item without examples, popularity) is kept finite */
const MIN_LOG_Q = -30

/** The correction of a loss; negatives from elsewhere (mined, group, shown) count as drawn alike. */
export function createCorrection(loss: LossSpec, plan: CandidatePlan, sources: Sources): Correction {
  return correctionOf(loss, plan.drawn + plan.own.drawn, mixture(plan, sources))
}

/** The correction of a loss over `size` remembered positives, which are as frequent as in batches. */
export function memoryCorrection(loss: LossSpec, size: number, estimator: Estimator): Correction {
  return correctionOf(loss, size, (item) => Math.max(MIN_LOG_Q, estimator.logQ(item)))
}

function correctionOf(loss: LossSpec, drawn: number, logQ: (item: number) => number): Correction {
  if (loss.kind === 'nce') {
    const noise = Math.log(Math.max(1, drawn))
    const bias = (item: number): number => -(noise + logQ(item))
    return { positive: bias, negative: bias }
  }
  if (!('logQ' in loss) || loss.logQ === 0) return NONE
  const { logQ: strength, form } = loss
  const negative = (item: number): number => -strength * logQ(item)
  if (form === 'standard') return { positive: negative, negative }
  /**
   * arXiv:2507.09331: the positive is in the denominator with certainty and is not corrected; the n sampled negatives stand for the
   * others, Σ_{j≠p} e^s_j ≈ 1/n Σ e^(s_j − log q'(j)) with q'(j) = q(j)/(1 − q(p)). Both constants of a row are put on its positive,
   * which the softmax cannot tell apart. The gradient is the paper's: (1 − P(p)) times that of the negatives' own softmax.
   */
  return { positive: (item, n) => strength * (Math.log(Math.max(1, n)) - Math.log1p(-Math.min(0.999, Math.exp(logQ(item))))), negative }
}

function mixture({ batch, drawn, own, inBatch }: CandidatePlan, { sampler, estimator, items }: Sources): (item: number) => number {
  const uniform = -Math.log(items)
  const sampled = (item: number): number => Math.max(MIN_LOG_Q, sampler?.logQ[item] ?? uniform)
  if (!inBatch || estimator === null) return sampled
  if (drawn + own.drawn === 0) return (item) => Math.max(MIN_LOG_Q, estimator.logQ(item))
  const share = batch / (batch + drawn + own.drawn)
  return (item) => Math.log(share * Math.exp(estimator.logQ(item)) + (1 - share) * Math.exp(sampled(item)))
}
