/**
 * Dual-augmented vectors (DAT, Yu et al. 2021): each entity has a vector of its own beside its features, which learns to mimic what the
 * other side's tower makes of its positives. So what a tower cannot see (its entity's part in pairs) enters it as an input.
 */
import type { TwoTowerSpec } from '../../contract/shapes/spec.ts'
import { port } from '../compute/port.ts'
import type { Tensors } from '../compute/program.ts'
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../compute/tf.ts'
import { AUGMENTED } from '../features/auto.ts'
import { bagName } from './build.ts'
import { withoutGradient } from './layers.ts'

interface Pairs {
  /** [rows × d], and of the rows' positives */
  readonly users: Tensor2D
  readonly positives: Tensor2D
  /** [rows], sums to 1 */
  readonly weight: Tensor1D
  readonly inputs: Tensors
}

/** Σ_sides weight · mean ‖a − p‖² with p held fixed; null where neither side is augmented. */
export function augmentedVectorLoss(spec: TwoTowerSpec, { users, positives, weight, inputs }: Pairs): Tensor | null {
  const rows = users.shape[0]
  const terms = (
    [
      ['user', positives],
      ['item', users],
    ] as const
  ).flatMap(([side, target]) => {
    const share = spec[side].augment
    if (share === null) return []
    const vectors = port(bagName(side, AUGMENTED, `${side}.${AUGMENTED}`), ['rows', 'dim']).read(inputs)
    const augmented = vectors.shape[0] === rows ? vectors : tf.slice2d(vectors, [0, 0], [rows, vectors.shape[1]])
    const distance = tf.sum(tf.square(tf.sub(augmented, withoutGradient(target))), 1)
    return [tf.mul(tf.sum(tf.mul(distance, weight)), share)]
  })
  return terms.length === 0 ? null : tf.addN(terms)
}
