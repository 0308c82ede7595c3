/**
 * The losses, a row each, as functions of scores: a positive's score a row and blocks of negatives' scores. A loss gives its value
 * and its gradient in factors, dL/dS = row ⊙ factor with `row` [B × 1], so that an inner product's gradient never makes another
 * [B × N] buffer: the factor is multiplied as it is and the row rides on the small operand (candidates.ts).
 */
import type { LossSpec } from '../../contract/shapes/spec.ts'
import { withRank } from '../compute/port.ts'
import { type Rank, type Tensor, type Tensor1D, type Tensor2D, tf } from '../compute/tf.ts'

/** A masked score: far below any logit, so that its probability is exactly 0 in float32. */
export const MASKED = -1e30

/** What a loss sees of a batch of B rows. */
export interface Scores {
  /** [B], with its correction */
  readonly positive: Tensor1D
  /** [B × n] each, corrected; what is no negative is MASKED */
  readonly blocks: readonly Tensor2D[]
  /** [B], mean 1/B */
  readonly weight: Tensor1D
  /** [B]: 1 over the number of a row's negatives in all blocks together */
  readonly inverseCount: Tensor1D
  /** [B × most] the rows of each row's user, its own among them, B past their end; only where the loss pools them */
  readonly mates: Tensor2D | null
}

/** A loss and its gradient: dL/d positive [B], and for each block dL/dS = row [B × 1] ⊙ factor [B × n]. */
export interface ScoreGradient {
  readonly value: Tensor
  readonly positive: Tensor1D
  readonly blocks: readonly { readonly factor: Tensor2D; readonly row: Tensor2D }[]
}

/** Losses over scores; DirectAU reads vectors (direct-au.ts). */
export type ScoredKind = Exclude<LossSpec['kind'], 'directau'>
type ScoreLoss<Kind extends ScoredKind> = (scores: Scores, spec: Extract<LossSpec, { kind: Kind }>) => ScoreGradient

/** Losses that compare with a margin in units of the score itself: the temperature does not enter. */
const UNSCALED: readonly LossSpec['kind'][] = ['hinge', 'ccl', 'psl', 'directau']

/** Whether a loss divides scores by the temperature. */
export const usesTemperature = (kind: LossSpec['kind']): boolean => !UNSCALED.includes(kind)

/** Σ weight·loss(row), with gradients. */
export const losses: { readonly [Kind in ScoredKind]: ScoreLoss<Kind> } = {
  'in-batch-softmax': softmaxLoss,
  'sampled-softmax': softmaxLoss,
  'mixed-softmax': softmaxLoss,
  'full-softmax': softmaxLoss,

  /** softplus(−s⁺) + Σ softplus(s⁻), where the correction has made each s the log-odds s − log(n·q). */
  nce: ({ positive, blocks, weight }) => binary(positive, blocks, weight, weight),

  /** β·softplus(−s⁺) + λ·mean softplus(s⁻). */
  bce: ({ positive, blocks, weight, inverseCount }, { negativeWeight, positivePower }) =>
    binary(
      positive,
      blocks,
      positivePower === 1 ? weight : tf.mul(weight, positivePower),
      tf.mul<Tensor1D>(tf.mul(weight, inverseCount), negativeWeight),
    ),

  /** mean softplus(s⁻ − s⁺). */
  bpr: ({ positive, blocks, weight, inverseCount }) => {
    const share = tf.mul<Tensor1D>(weight, inverseCount)
    const gaps = blocks.map((block) => tf.sub<Tensor2D>(block, asColumn(positive)))
    return pairwise(
      gaps,
      gaps.map(softplusSum),
      gaps.map((gap) => tf.sigmoid(gap)),
      share,
    )
  },

  /** mean max(0, margin + s⁻ − s⁺). */
  hinge: ({ positive, blocks, weight, inverseCount }, { margin }) => {
    const share = tf.mul<Tensor1D>(weight, inverseCount)
    const gaps = blocks.map((block) => tf.relu(tf.sub<Tensor2D>(block, asColumn(tf.sub(positive, margin)))))
    return pairwise(
      gaps,
      gaps.map((gap) => tf.sum(gap, 1)),
      gaps.map((gap) => positivePart(gap)),
      share,
    )
  },

  /** 1 − s⁺ + μ·mean max(0, s⁻ − margin). */
  ccl: ({ positive, blocks, weight, inverseCount }, { margin, weight: mu }) => {
    const share = tf.mul<Tensor1D>(tf.mul(weight, inverseCount), mu)
    const above = blocks.map((block) => tf.relu(tf.sub<Tensor2D>(block, margin)))
    return {
      value: total([dot(weight, tf.sub(1, positive)), ...above.map((block) => dot(share, tf.sum(block, 1)))]),
      positive: tf.neg(weight),
      blocks: above.map((block) => ({ factor: positivePart(block), row: asColumn(share) })),
    }
  },

  /** log Σ σ((s⁻ − s⁺)/2)^(1/τ): a softmax of log σ over τ (arXiv:2411.00163, eq. 7). */
  psl: ({ positive, blocks, weight }, { activation, temperature }) => {
    const halves = blocks.map((block) => tf.mul<Tensor2D>(tf.sub(block, asColumn(positive)), 0.5))
    const grown = halves.map((half) => tf.maximum<Tensor2D>(activations[activation].value(half), LEAST))
    const parts = grown.map((value) => softmax(tf.mul(tf.log(value), 1 / temperature)))
    const all = logAddExp(parts.map(({ logSumExp }) => logSumExp))
    const factors = parts.map(({ probabilities }, k) =>
      tf.mul<Tensor2D>(probabilities, tf.div(activations[activation].slope(halves[k]!), grown[k]!)),
    )
    const rows = parts.map(({ logSumExp }) => tf.mul<Tensor1D>(tf.mul(weight, 0.5 / temperature), tf.exp(tf.sub(logSumExp, all))))
    return {
      value: dot(weight, all),
      positive: tf.neg(total(factors.map((factor, k) => tf.mul<Tensor1D>(rows[k]!, tf.sum(factor, 1))))),
      blocks: factors.map((factor, k) => ({ factor, row: asColumn(rows[k]!) })),
    }
  },

  /**
   * w·(log Σ e^(s⁻) − s⁺), w = σ(r (s⁺ − β)), β the k-th of the row's scores (arXiv:2508.05673, eq. 13; its authors take β of the user's
   * positives and drawn negatives every few epochs; here of the positive and the negatives of the step). β is held, w is not.
   */
  'sl-at-k': ({ positive, blocks, weight }, { k, sharpness }) => {
    const parts = blocks.map(softmax)
    const all = logAddExp(parts.map(({ logSumExp }) => logSumExp))
    const gap = tf.sub<Tensor1D>(all, positive)
    const share = tf.sigmoid<Tensor1D>(tf.mul(tf.sub(positive, kthScore(positive, blocks, k)), sharpness))
    const weighed = tf.mul<Tensor1D>(weight, share)
    return {
      value: dot(weighed, gap),
      positive: tf.mul(weighed, tf.sub(tf.mul(tf.mul(tf.sub(1, share), sharpness), gap), 1)),
      blocks: parts.map(({ probabilities, logSumExp }) => ({
        factor: probabilities,
        row: asColumn(tf.mul(weighed, tf.exp(tf.sub(logSumExp, all)))),
      })),
    }
  },

  /** −log mean over the user's positives of e^(ratio·s⁺) + c·log Σ e^(s⁻), ratio = τ2/τ1. */
  bsl: ({ positive, blocks, weight, mates }, { exponent, pooled }) => {
    const parts = blocks.map(softmax)
    const sum = logAddExp(parts.map(({ logSumExp }) => logSumExp))
    const { log, gradient } =
      pooled && mates !== null ? pooledPositives(positive, mates, weight) : { log: positive, gradient: tf.neg<Tensor1D>(weight) }
    return {
      value: dot(weight, tf.sub(tf.mul(sum, exponent), log)),
      positive: gradient,
      blocks: parts.map(({ probabilities, logSumExp }) => ({
        factor: probabilities,
        row: asColumn(tf.mul(tf.mul(weight, exponent), tf.exp(tf.sub(logSumExp, sum)))),
      })),
    }
  },
}

/** −log of the positive's share of e^s among itself and all negatives. */
function softmaxLoss({ positive, blocks, weight }: Scores): ScoreGradient {
  const parts = blocks.map(softmax)
  const logs = [...parts.map(({ logSumExp }) => logSumExp), positive]
  const all = logAddExp(logs)
  return {
    value: dot(weight, tf.sub(all, positive)),
    positive: tf.mul(weight, tf.sub(tf.exp(tf.sub(positive, all)), 1)),
    blocks: parts.map(({ probabilities, logSumExp }) => ({
      factor: probabilities,
      row: asColumn(tf.mul(weight, tf.exp(tf.sub(logSumExp, all)))),
    })),
  }
}

/** Positives against 1 and negatives against 0, each negative weighing `share` [B] of its row. */
function binary(positive: Tensor1D, blocks: readonly Tensor2D[], weight: Tensor1D, share: Tensor1D): ScoreGradient {
  const miss = tf.sigmoid(tf.neg(positive))
  return {
    value: total([dot(weight, softplus(tf.neg(positive))), ...blocks.map((block) => dot(share, softplusSum(block)))]),
    positive: tf.neg(tf.mul(weight, miss)),
    blocks: blocks.map((block) => ({ factor: tf.sigmoid(block), row: asColumn(share) })),
  }
}

/** A loss of gaps s⁻ − s⁺: what its slope pushes a negative down by lifts the positive. */
function pairwise(gaps: readonly Tensor2D[], sums: readonly Tensor[], slopes: readonly Tensor2D[], share: Tensor1D): ScoreGradient {
  return {
    value: total(sums.map((sum) => dot(share, sum))),
    positive: tf.neg(tf.mul(share, total(slopes.map((slope) => tf.sum(slope, 1))))),
    blocks: gaps.map((_, k) => ({ factor: slopes[k]!, row: asColumn(share) })),
  }
}

/** log of the mean e^s over the rows of a row's user, and the gradient of −Σ weight·log: over lists of rows, not B × B. */
function pooledPositives(positive: Tensor1D, mates: Tensor2D, weight: Tensor1D): { log: Tensor1D; gradient: Tensor1D } {
  const ofMates = (x: Tensor1D, missing: number): Tensor2D =>
    withRank(tf.gather<Tensor>(tf.concat1d([x, tf.fill<Rank.R1>([1], missing)]), mates), 2)
  const { logSumExp } = softmax(ofMates(positive, MASKED))
  const rows = tf.sum<Tensor1D>(ofMates(tf.onesLike(positive), 0), 1)
  return {
    log: tf.sub(logSumExp, tf.log(rows)),
    gradient: tf.neg(tf.mul(tf.exp(tf.sub(positive, logSumExp)), tf.sum<Tensor1D>(ofMates(weight, 0), 1))),
  }
}

export const asColumn = (x: Tensor): Tensor2D => tf.expandDims<Tensor2D>(x, 1)
const dot = (a: Tensor, b: Tensor): Tensor => tf.sum(tf.mul(a, b))
const total = <T extends Tensor>(parts: readonly T[]): T => parts.reduce((a, b) => tf.add(a, b))

/** log(1 + e^x) = max(x, 0) − log σ(|x|): two fast passes that neither overflow nor lose small values. */
const softplus = <T extends Tensor>(x: T): T => tf.sub(tf.relu(x), tf.log(tf.sigmoid(tf.abs(x))))
/** Of each row. Logarithms are the dearest of the passes, so they are taken of products: of 64 factors in (½, 1], which float32 holds. */
function softplusSum(x: Tensor2D): Tensor {
  const [rows, width] = x.shape
  let factors = Math.min(width, 64)
  while (width % factors !== 0) factors--
  const products = tf.prod(tf.reshape(tf.sigmoid(tf.abs(x)), [rows, width / factors, factors]), 2)
  return tf.sub(tf.sum(tf.relu(x), 1), tf.sum(tf.log(products), 1))
}
/** [B]: the k-th of a row's positive and negatives; the last of them where there are fewer. */
function kthScore(positive: Tensor1D, blocks: readonly Tensor2D[], k: number): Tensor1D {
  const scores = tf.concat2d([asColumn(positive), ...blocks], 1)
  const { values } = tf.topk(scores, Math.min(k, scores.shape[1]), true)
  return tf.min(tf.where(tf.greater(values, MASKED / 2), values, -MASKED), 1)
}

/** What grows in PSL instead of the exponential, and its slope. */
const activations = {
  tanh: { value: (x: Tensor2D) => tf.add(1, tf.tanh(x)), slope: (x: Tensor2D) => tf.sub(1, tf.square(tf.tanh(x))) },
  atan: { value: (x: Tensor2D) => tf.add(1, tf.atan(x)), slope: (x: Tensor2D) => tf.reciprocal(tf.add(1, tf.square(x))) },
  relu: { value: (x: Tensor2D) => tf.relu(tf.add(1, x)), slope: (x: Tensor2D) => positivePart(tf.add(1, x)) },
} as const
/** So that what is masked, or 2 below the positive, has a logarithm. */
const LEAST = 1e-12
/** 1 where x > 0 */
const positivePart = (x: Tensor2D): Tensor2D => tf.step(x)

/**
 * Row-wise softmax, masked entries at probability 0. The largest probability of a row is e^max / Σ, which gives the log-sum-exp
 * without a pass over the exponentials.
 */
function softmax(scores: Tensor2D): { probabilities: Tensor2D; logSumExp: Tensor1D } {
  const probabilities = tf.softmax(scores)
  return { probabilities, logSumExp: tf.sub(tf.max<Tensor1D>(scores, 1), tf.log(tf.max(probabilities, 1))) }
}

/** log Σ e^x over tensors of one shape. */
function logAddExp(parts: readonly Tensor1D[]): Tensor1D {
  if (parts.length === 1) return parts[0]!
  const top = parts.reduce((a, b) => tf.maximum(a, b))
  return tf.add(top, tf.log(total(parts.map((part) => tf.exp(tf.sub(part, top))))))
}
