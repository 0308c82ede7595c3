/**
 * The losses, a row each. All see the user vectors already divided by the temperature, so that scores are plain inner products
 * and autodiff carries the temperature's gradient. The softmax over candidates is one fused op with its own gradient: one
 * [B × N] buffer, no concatenation, the log-sum-exp read off the softmax's largest entry.
 */
import type { LossSpec } from '../../contract/shapes/spec.ts'
import { type Rank, type Tensor, type Tensor1D, type Tensor2D, tf } from '../compute/tf.ts'

/** What a loss reads. B rows of positives, N extra candidates shared by the batch (0 for in-batch losses). */
export interface LossTerms {
  /** [B × d], divided by the temperature */
  readonly users: Tensor2D
  /** [B × d] */
  readonly positives: Tensor2D
  /** [N × d] */
  readonly negatives: Tensor2D | null
  /** [B] and [N]: what the logQ correction adds to a score, −strength·log q(v) */
  readonly positiveBias: Tensor1D
  readonly negativeBias: Tensor1D | null
  /** [B], sums to 1 */
  readonly weight: Tensor1D
  /** [H × 2] (row, candidate) pairs that are no negatives: accidental hits and known positives */
  readonly masked: Tensor2D
  /** [H], all MASKED */
  readonly maskValue: Tensor1D
}

/** A masked score: far below any logit, so that its probability is exactly 0 in float32. */
export const MASKED = -1e30

/** Scalar losses, Σ weight·loss(row). */
export const losses = {
  /** −log softmax over the batch's items (Yi et al. 2019, eq. 4–5): the diagonal is the positive, everything else a negative. */
  'in-batch-softmax': ({ users, positives, positiveBias, weight, masked, maskValue }: LossTerms) =>
    withGradient(
      { u: users, v: positives },
      ({ u, v }) => {
        const { probabilities, logSumExp } = softmax(u, v, positiveBias, masked, maskValue)
        const positive = tf.add(tf.sum(tf.mul(u, v), 1), positiveBias)
        return { value: tf.sum(tf.mul(weight, tf.sub(logSumExp, positive))), saved: { u, v, probabilities, rowWeight: column(weight) } }
      },
      (dy, { u, v, probabilities, rowWeight }) => {
        const scale = tf.mul(rowWeight, dy)
        const weighted = tf.mul<Tensor2D>(u, scale)
        return {
          u: tf.mul(tf.sub(tf.matMul(probabilities, v), v), scale),
          v: tf.sub(tf.matMul(probabilities, weighted, true, false), weighted),
        }
      },
    ),

  /** −log of the positive's share among itself and N sampled candidates (Jean et al. 2015, with the correction of Yi et al. 2019). */
  'sampled-softmax': ({ users, positives, negatives, positiveBias, negativeBias, weight, masked, maskValue }: LossTerms) =>
    withGradient(
      { u: users, v: positives, c: negatives! },
      ({ u, v, c }) => {
        const { probabilities, logSumExp } = softmax(u, c, negativeBias!, masked, maskValue)
        const positive = tf.add(tf.sum(tf.mul(u, v), 1), positiveBias)
        const top = tf.maximum(logSumExp, positive)
        const total = tf.add(top, tf.log(tf.add(tf.exp(tf.sub(logSumExp, top)), tf.exp(tf.sub(positive, top)))))
        // of the whole mass: the share of the sampled candidates, and the positive's share less one
        const candidateShare = column(tf.mul(weight, tf.exp(tf.sub(logSumExp, total))))
        const positiveGap = column(tf.mul(weight, tf.sub(tf.exp(tf.sub(positive, total)), 1)))
        return { value: tf.sum(tf.mul(weight, tf.sub(total, positive))), saved: { u, v, c, probabilities, candidateShare, positiveGap } }
      },
      (dy, { u, v, c, probabilities, candidateShare, positiveGap }) => {
        const [share, gap] = [tf.mul(candidateShare, dy), tf.mul(positiveGap, dy)]
        return {
          u: tf.add(tf.mul(share, tf.matMul(probabilities, c)), tf.mul(gap, v)),
          v: tf.mul(gap, u),
          c: tf.matMul(probabilities, tf.mul<Tensor2D>(share, u), true, false),
        }
      },
    ),
} satisfies Record<LossSpec['kind'], (terms: LossTerms) => Tensor>

const column = (x: Tensor): Tensor2D => tf.expandDims<Tensor2D>(x, 1)

/**
 * An op with a gradient of its own, which gives one tensor per input. What it reads goes through `saved`: an eager executor
 * disposes everything else of the forward pass.
 */
function withGradient<Name extends string, Kept extends string>(
  inputs: Readonly<Record<Name, Tensor2D>>,
  forward: (inputs: Readonly<Record<Name, Tensor2D>>) => { value: Tensor; saved: Readonly<Record<Kept, Tensor2D>> },
  gradient: (dy: Tensor, saved: Readonly<Record<Kept, Tensor2D>>) => Readonly<Record<Name, Tensor>>,
): Tensor {
  const names = Object.keys(inputs) as Name[]
  const op = tf.customGrad((...args) => {
    const save = args.at(-1) as unknown as (tensors: Tensor[]) => void
    const { value, saved } = forward(named(names, args as Tensor2D[]))
    save(Object.values(saved))
    const gradFunc = (dy: Tensor, kept: Tensor[]): Tensor[] => {
      const gradients = gradient(dy, named(Object.keys(saved) as Kept[], kept as Tensor2D[]))
      return names.map((name) => gradients[name])
    }
    return { value, gradFunc }
  })
  return op(...names.map((name) => inputs[name]))
}

function named<Name extends string>(names: readonly Name[], tensors: readonly Tensor2D[]): Readonly<Record<Name, Tensor2D>> {
  return Object.fromEntries(names.map((name, i) => [name, tensors[i]])) as Record<Name, Tensor2D>
}

/**
 * Row-wise softmax of u·cᵀ + bias with masked pairs at probability 0. The bias rides in the product as one more column. The
 * largest probability of a row is e^max / Σ, which gives the log-sum-exp without a pass over the exponentials.
 */
function softmax(
  u: Tensor2D,
  c: Tensor2D,
  bias: Tensor1D,
  masked: Tensor2D,
  maskValue: Tensor1D,
): { probabilities: Tensor2D; logSumExp: Tensor1D } {
  const one = tf.fill<Rank.R2>([u.shape[0], 1], 1)
  const logits = tf.matMul<Tensor2D>(tf.concat2d([u, one], 1), tf.concat2d([c, column(bias)], 1), false, true)
  const allowed: Tensor2D = tf.tensorScatterUpdate(logits, masked, maskValue)
  const probabilities = tf.softmax(allowed)
  const logSumExp = tf.sub<Tensor1D>(tf.max(allowed, 1), tf.log(tf.max(probabilities, 1)))
  return { probabilities, logSumExp }
}
