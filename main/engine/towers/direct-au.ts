/** DirectAU (Wang et al. 2022): alignment of positive pairs plus γ times the uniformity of both sides, over unit vectors. */
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../compute/tf.ts'
import { l2Normalise } from './layers.ts'

/** Σ weight·|u − v|² + γ·(log mean e^(−2|u−u'|²) + log mean e^(−2|v−v'|²))/2 over the batch's pairs (Wang & Isola 2020, t = 2). */
export function directAu(users: Tensor2D, positives: Tensor2D, weight: Tensor1D, gamma: number): Tensor {
  const [u, v] = [l2Normalise(users), l2Normalise(positives)]
  const alignment = tf.sum(tf.mul(weight, tf.sum(tf.square(tf.sub(u, v)), 1)))
  return tf.add(alignment, tf.mul(tf.add(uniformity(u), uniformity(v)), gamma / 2))
}

/** log of the mean Gaussian potential of distinct rows: |x − y|² = 2 − 2 x·y, and the diagonal's e⁰ are taken off. */
function uniformity(x: Tensor2D): Tensor {
  const rows = x.shape[0]
  const potentials = tf.exp(tf.mul(tf.sub(tf.matMul(x, x, false, true), 1), 4))
  return tf.log(tf.div(tf.sub(tf.sum(potentials), rows), rows * (rows - 1)))
}
