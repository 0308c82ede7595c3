/**
 * What is added to a score before the loss because of how its item came to be a candidate: the logQ corrections of the softmaxes, and
 * the log of the expected noise of NCE. `q(v)` is the probability that one candidate of a row is v: of the drawn ones the sampler's, of
 * the batch's own the estimator's, of several sources the mixture by their numbers (Yang et al. 2020, eq. 6).
 *
 * Candidates that a row has for itself (mined, group, shown) come from proposals of that row, which are known, so theirs is the whole
 * mixture: the balance heuristic (Veach & Guibas 1995), by which the mean of Σ e^s / (n·q) over draws is the sum over all that can be
 * drawn. A shared candidate is corrected alike for all rows, by the mixture of what all rows share; an item that a row has for itself too
 * then counts more there, at most twice.
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
  /** of a candidate of one row; `elsewhere`: how many of the row's are expected to be this item by sources beside the loss's own draws */
  readonly own: (item: number, elsewhere: number) => number
}

export interface Sources {
  readonly sampler: Sampler | null
  readonly estimator: Estimator | null
  readonly items: number
}

const NONE: Correction = { positive: () => 0, negative: () => 0, own: () => 0 }
/** log q of a positive that a sampler never draws (an item without examples, popularity) is kept finite */
const MIN_LOG_Q = -30

/** The correction of a loss. */
export function createCorrection(loss: LossSpec, plan: CandidatePlan, sources: Sources): Correction {
  const { batch, drawn, own, inBatch } = plan
  const shared = (inBatch && sources.estimator !== null ? batch : 0) + drawn + own.drawn
  const elsewhere = own.group + own.session + own.impressions + own.mined
  return correctionOf(loss, plan.drawn + plan.own.drawn, { shared, all: shared + elsewhere, logQ: mixture(plan, sources) })
}

/** The correction of a loss over `size` remembered positives, which are as frequent as in batches. */
export function memoryCorrection(loss: LossSpec, size: number, estimator: Estimator): Correction {
  return correctionOf(loss, size, { shared: size, all: size, logQ: (item) => Math.max(MIN_LOG_Q, estimator.logQ(item)) })
}

/** `shared` candidates of `all` that a row has are from what all rows share, where an item has probability q. */
interface Proposals {
  readonly shared: number
  readonly all: number
  readonly logQ: (item: number) => number
}

function correctionOf(loss: LossSpec, drawn: number, { shared, all, logQ }: Proposals): Correction {
  if (loss.kind === 'nce') {
    const [draws, noise] = [Math.max(1, drawn), Math.log(Math.max(1, drawn))]
    const bias = (item: number): number => -(noise + logQ(item))
    const own = (item: number, elsewhere: number): number => -Math.log(draws * Math.exp(logQ(item)) + elsewhere)
    return { positive: bias, negative: bias, own }
  }
  if (!('logQ' in loss) || loss.logQ === 0) return NONE
  const { logQ: strength, form } = loss
  const ofShared = shared === all ? 0 : Math.log(shared / all)
  const mixed = (item: number): number => logQ(item) + ofShared
  const negative = (item: number): number => -strength * mixed(item)
  const own = (item: number, elsewhere: number): number =>
    elsewhere === 0 ? negative(item) : -strength * Math.log((shared * Math.exp(logQ(item)) + elsewhere) / all)
  if (form === 'standard') return { positive: negative, negative, own }
  /**
   * arXiv:2507.09331: the positive is in the denominator with certainty and is not corrected; the n sampled negatives stand for the
   * others, Σ_{j≠p} e^s_j ≈ 1/n Σ e^(s_j − log q'(j)) with q'(j) = q(j)/(1 − q(p)). Both constants of a row are put on its positive,
   * which the softmax cannot tell apart. The gradient is the paper's: (1 − P(p)) times that of the negatives' own softmax.
   */
  const positive = (item: number, n: number): number =>
    strength * (Math.log(Math.max(1, n)) - Math.log1p(-Math.min(0.999, Math.exp(mixed(item)))))
  return { positive, negative, own }
}

function mixture({ batch, drawn, own, inBatch }: CandidatePlan, { sampler, estimator, items }: Sources): (item: number) => number {
  const uniform = -Math.log(items)
  const sampled = (item: number): number => Math.max(MIN_LOG_Q, sampler?.logQ[item] ?? uniform)
  if (!inBatch || estimator === null) return sampled
  if (drawn + own.drawn === 0) return (item) => Math.max(MIN_LOG_Q, estimator.logQ(item))
  const share = batch / (batch + drawn + own.drawn)
  return (item) => Math.log(share * Math.exp(estimator.logQ(item)) + (1 - share) * Math.exp(sampled(item)))
}
