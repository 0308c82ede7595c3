/** Users with several interest vectors: which of them an example trains. */
import { customOp } from '../compute/custom-op.ts'
import { type Tensor2D, tf } from '../compute/tf.ts'

/**
 * Of each row's interests [rows·k × d] the one with the largest inner product with the row's positive [rows × d]: [rows × d] (Lin et al.
 * 2020, eq. 5). The choice itself has no gradient; equal ones share.
 */
export function nearestInterest(users: Tensor2D, positives: Tensor2D): Tensor2D {
  const [rows, dim] = positives.shape
  const interests = users.shape[0] / rows
  if (interests === 1) return users
  return customOp([users, positives], () => {
    const each = tf.reshape(users, [rows, interests, dim])
    const scores = tf.sum(tf.mul(each, tf.expandDims(positives, 1)), 2)
    const best = tf.where(tf.greaterEqual(scores, tf.max(scores, 1, true)), tf.onesLike(scores), tf.zerosLike(scores))
    const share = tf.expandDims(tf.div(best, tf.sum(best, 1, true)), 2)
    return {
      value: tf.sum<Tensor2D>(tf.mul(each, share), 1),
      saved: [share, positives],
      gradient: (dy, [shares, v]) => [tf.reshape(tf.mul(tf.expandDims(dy, 1), shares!), [rows * interests, dim]), tf.zerosLike(v!)],
    }
  })
}
