/**
 * How vectors match. Cosine, dot product and squared Euclidean distance are all inner products of vectors that are widened here
 * (−|u − v|² = [2u, −|u|², 1]·[v, 1, −|v|²]), so that losses, exact search and the fused gradient know one case. Anything else is a
 * function of both sides' vectors, written in tensor operations and differentiated by tfjs.
 */
import type { MatchSpec } from '../../contract/shapes/spec.ts'
import { type Rank, type Tensor, type Tensor2D, type Tensor3D, tf } from '../compute/tf.ts'
import { compileExpression } from './expression.ts'

/** A function of both sides' vectors. */
export interface ScoreFunction {
  /** scores [users × items] of all pairs of [users × d] and [items × d] */
  readonly all: (users: Tensor2D, items: Tensor2D) => Tensor2D
  /** scores [users × n] of each user with n items of its own, [users·n × d] */
  readonly paired: (users: Tensor2D, items: Tensor2D) => Tensor2D
}

/** A function of the user's own, loaded before a spec that names one is traced. */
export type LoadedModule = (ops: typeof tf, users: Tensor2D, items: Tensor2D) => Tensor2D

/** An inner product of widened vectors, or a function. */
export type Match =
  | { readonly kind: 'inner'; readonly users: (x: Tensor2D) => Tensor2D; readonly items: (x: Tensor2D) => Tensor2D }
  | { readonly kind: 'function'; readonly score: ScoreFunction }

const same = (x: Tensor2D): Tensor2D => x

/**
 * The match of a spec.
 * @param loaded the module, where the spec names one
 * @throws PylonError bad-input where an expression does not parse or a function is missing
 */
export function matchOf(spec: MatchSpec, loaded: LoadedModule | null = null): Match {
  switch (spec.kind) {
    case 'cosine':
    case 'dot':
      return { kind: 'inner', users: same, items: same }
    case 'euclidean':
      return { kind: 'inner', users: widenUsers, items: widenItems }
    case 'expression':
      return { kind: 'function', score: expressionScore(spec.expression ?? '') }
    case 'module':
      if (loaded === null) throw new Error('The module of match.module was not loaded.')
      return { kind: 'function', score: moduleScore(loaded) }
  }
}

/** [u] → [2u, −|u|², 1] */
function widenUsers(x: Tensor2D): Tensor2D {
  return tf.concat2d([tf.mul<Tensor2D>(x, 2), tf.neg(squares(x)), ones(x)], 1)
}

/** [v] → [v, 1, −|v|²] */
function widenItems(x: Tensor2D): Tensor2D {
  return tf.concat2d([x, ones(x), tf.neg(squares(x))], 1)
}

/** Scores of a compiled expression; lengths are kept off 0, where a root has no slope. */
function expressionScore(source: string): ScoreFunction {
  const evaluate = compileExpression(source)
  const length = (x: Tensor): Tensor => tf.sqrt(tf.add(x, 1e-12))
  const score = (dot: Tensor2D, userSquares: Tensor2D, itemSquares: Tensor2D): Tensor2D => {
    const sq = (): Tensor => tf.relu(tf.sub(tf.add(userSquares, itemSquares), tf.mul(dot, 2)))
    const value = evaluate({ dot: () => dot, nu: () => length(userSquares), nv: () => length(itemSquares), sq })
    // an expression may leave one side out: it still has one score a pair
    return tf.add<Tensor2D>(value, tf.mul(dot, 0))
  }
  return {
    all: (users, items) => score(tf.matMul(users, items, false, true), squares(users), tf.transpose(squares(items))),
    paired(users, items) {
      const [rows, width] = users.shape
      const products = tf.matMul<Tensor3D>(tf.reshape(items, [rows, -1, width]), tf.reshape(users, [rows, width, 1]))
      return score(tf.reshape(products, [rows, -1]), squares(users), tf.reshape(squares(items), [rows, -1]))
    },
  }
}

/** A module scores all pairs; a row's pairs are the diagonal of one such square for each of the n. */
function moduleScore(loaded: LoadedModule): ScoreFunction {
  const all = (users: Tensor2D, items: Tensor2D): Tensor2D => loaded(tf, users, items)
  return {
    all,
    paired(users, items) {
      const [rows, width] = users.shape
      const numbers = Float32Array.from({ length: rows }, (_, i) => i)
      const diagonal = tf.cast(tf.equal(tf.tensor2d(numbers, [rows, 1]), tf.tensor2d(numbers, [1, rows])), 'float32')
      const [n, table] = [items.shape[0] / rows, tf.reshape<Rank.R3>(items, [rows, -1, width])]
      const parts = Array.from({ length: n }, (_, j) => tf.reshape<Rank.R2>(tf.slice3d(table, [0, j, 0], [rows, 1, width]), [rows, width]))
      return tf.concat2d(
        parts.map((part) => tf.sum<Tensor2D>(tf.mul(all(users, part), diagonal), 1, true)),
        1,
      )
    },
  }
}

/** [rows × 1] */
function squares(x: Tensor2D): Tensor2D {
  return tf.sum<Tensor2D>(tf.square(x), 1, true)
}

/** [rows × 1] of ones, for any number of rows: a constant of their number could not be traced. */
function ones(x: Tensor2D): Tensor2D {
  return tf.add<Tensor2D>(tf.mul(tf.slice2d(x, [0, 0], [x.shape[0], 1]), 0), 1)
}
