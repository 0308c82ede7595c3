/**
 * A blend's towers of one side as one program: those of its members on their own inputs, their vectors brought side by side as
 * {@link ./blend.ts} says, so that a graph of it is all that a reader needs.
 */
import type { Dimension } from '../compute/graph.ts'
import type { Program } from '../compute/program.ts'
import { type Tensor2D, tf } from '../compute/tf.ts'
import type { Side } from '../dataset/dataset.ts'
import { VECTORS } from '../towers/build.ts'
import { port } from '../compute/port.ts'
import { innerWidth, type MemberMetric, type MemberScale } from './blend.ts'

/** A member's tower: its program by itself, the width of its vectors, how they enter. */
export interface BlendedTower {
  readonly program: Program
  readonly dim: number
  readonly scale: MemberScale
}

/** What precedes the names of a member's inputs, and of dimensions that are its own. */
export const memberPrefix = (member: number): string => `${member}.`

/** How often each item was interacted with, [rows × 1]: 0 for a new one. */
export const INTERACTIONS = port('item.interactions', ['rows', 1])

/**
 * Inputs of member i are its own under the names `i.NAME`; the output `vectors` is [rows × the blend's width].
 * @param popularity how that of items enters, which is then an input of theirs, {@link INTERACTIONS}
 */
export function blendedProgram(side: Side, towers: readonly BlendedTower[], popularity: MemberScale | null = null): Program {
  const hasCounts = side === 'item' && popularity !== null
  const own = (member: number, d: Dimension): Dimension => (typeof d === 'number' || d === 'rows' ? d : memberPrefix(member) + d)
  return {
    inputs: [
      ...towers.flatMap(({ program }, i) =>
        program.inputs.map((input) => ({ ...input, name: memberPrefix(i) + input.name, shape: input.shape.map((d) => own(i, d)) })),
      ),
      ...(hasCounts ? [INTERACTIONS.declare()] : []),
    ],
    run(inputs) {
      const parts = towers.map(({ program, dim, scale }, i) => {
        const given = Object.fromEntries(program.inputs.map(({ name }) => [name, inputs[memberPrefix(i) + name]!]))
        const inner = innerProducts(VECTORS.read(program.run(given)), side, scale.metric)
        return side === 'item' ? tf.mul<Tensor2D>(inner, scale.length) : scaled(inner, innerWidth(dim, scale.metric), scale)
      })
      if (popularity !== null)
        parts.push(
          hasCounts ? tf.mul<Tensor2D>(tf.log1p(INTERACTIONS.read(inputs)), popularity.length) : scaled(ones(parts[0]!), 1, popularity),
        )
      return VECTORS.write(tf.concat2d(parts, 1))
    },
  }
}

/** Keeps a row of zeros from being divided by its length; far below what single precision tells apart in a trained vector. */
const TINY = 1e-30

const squaredLength = (vectors: Tensor2D): Tensor2D => tf.sum<Tensor2D>(tf.square(vectors), 1, true)

/** [rows × 1] of any tensor's rows; a filled one would fix their number. */
const ones = (like: Tensor2D): Tensor2D => tf.add<Tensor2D>(tf.mul(squaredLength(like), 0), 1)

function innerProducts(vectors: Tensor2D, side: Side, metric: MemberMetric): Tensor2D {
  if (metric === 'dot') return vectors
  const square = squaredLength(vectors)
  if (metric === 'cosine') return tf.div<Tensor2D>(vectors, tf.sqrt(tf.maximum(square, TINY)))
  const one = ones(square)
  return side === 'user' ? tf.concat2d([tf.mul(vectors, 2), tf.neg(square), one], 1) : tf.concat2d([vectors, one, tf.neg(square)], 1)
}

/** Users divided by the deviation of their scores and at the member's share; zero where all scores are alike. */
function scaled(users: Tensor2D, width: number, { covariance, weight, length }: MemberScale): Tensor2D {
  const turned = tf.matMul(users, tf.tensor2d(covariance, [width, width]))
  const variance = tf.sum<Tensor2D>(tf.mul(users, turned), 1, true)
  const factor = tf.mul(tf.step(variance), tf.div(weight / length, tf.sqrt(tf.maximum(variance, TINY))))
  return tf.mul<Tensor2D>(users, factor)
}
