/** DirectAU (Wang et al. 2022): alignment of positive pairs plus γ times the uniformity of both sides, over unit vectors. */
import { customOp } from '../compute/custom-op.ts'
import { type Rank, type Tensor, type Tensor1D, type Tensor2D, tf } from '../compute/tf.ts'
import { l2Normalise } from './layers.ts'

/** Σ weight·|u − v|² + γ·(log mean e^(−2|u−u'|²) + log mean e^(−2|v−v'|²))/2 over the batch's pairs (Wang & Isola 2020, t = 2). */
export function directAu(users: Tensor2D, positives: Tensor2D, weight: Tensor1D, gamma: number): Tensor {
  const [u, v] = [l2Normalise(users), l2Normalise(positives)]
  const alignment = tf.sum(tf.mul(weight, tf.sum(tf.square(tf.sub(u, v)), 1)))
  return tf.add(alignment, tf.mul(tf.add(uniformity(u), uniformity(v)), gamma / 2))
}

/**
 * log of the mean Gaussian potential of distinct rows: |x − y|² = 2 − 2 x·y, and the diagonal's e⁰ are taken off. The potentials e^(4 x·y − 4)
 * are symmetric, so that their gradient is one product: 8·P·x over their sum.
 */
function uniformity(x: Tensor2D): Tensor {
  const rows = x.shape[0]
  return customOp([x], () => {
    const column = (value: number): Tensor2D => tf.fill<Rank.R2>([rows, 1], value)
    const exponents = tf.matMul<Tensor2D>(tf.concat2d([tf.mul<Tensor2D>(x, 4), column(-4)], 1), tf.concat2d([x, column(1)], 1), false, true)
    const potentials = tf.exp(exponents)
    const others = tf.sub(tf.sum(potentials), rows)
    return {
      value: tf.log(tf.div(others, rows * (rows - 1))),
      saved: [x, potentials, others],
      gradient: (dy, [rowsOfX, p, sum]) => [tf.mul(tf.matMul(p!, rowsOfX!), tf.div(tf.mul(dy, 8), sum!))],
    }
  })
}
