/**
 * From vectors to a loss: scores of the positives and of blocks of candidates, the loss over them, and gradients back. For inner
 * products all of it is one op with a gradient of its own: one [B × N] buffer a block, no concatenation, the row factors folded into
 * the small operand. For a function of the user's own the scores come from autodiff and only the loss is fused.
 */
import type { LossSpec } from '../../contract/shapes/spec.ts'
import { customOp } from '../compute/custom-op.ts'
import { withRank } from '../compute/port.ts'
import { type Rank, type Tensor, type Tensor1D, type Tensor2D, type Tensor3D, tf } from '../compute/tf.ts'
import { directAu } from './direct-au.ts'
import { asColumn, usesTemperature, losses, MASKED, type ScoreGradient, type Scores } from './losses.ts'
import type { Match, ScoreFunction } from './match.ts'

/** Candidates of a batch. `shared`: [N × d], the same for all rows; `rows`: [B·n × d], n for each row. */
export interface Candidates {
  readonly kind: 'shared' | 'rows'
  readonly vectors: Tensor2D
  /** what corrects their scores: [N], or [B × n] for rows */
  readonly bias: Tensor
  /** [H × 2] (row, candidate) pairs that are no negatives: the positive itself, accidental hits, known positives */
  readonly masked: Tensor2D
  /** [H], all MASKED */
  readonly maskValue: Tensor1D
  /** only so many of a row's highest scores count; null: all */
  readonly hardest: number | null
}

/** What a loss reads of a batch of B rows. */
export interface LossTerms {
  /** [B × d] as the towers give them */
  readonly users: Tensor2D
  readonly positives: Tensor2D
  /** a number, or a scalar tensor where it is learned or scheduled */
  readonly temperature: number | Tensor
  /** [B]: what corrects the positive's score */
  readonly positiveBias: Tensor1D
  readonly candidates: readonly Candidates[]
  readonly weight: Tensor1D
  readonly inverseCount: Tensor1D
  readonly mates: Tensor2D | null
}

/** Σ weight·loss(row), a scalar that tfjs can differentiate. */
export function lossOf(spec: LossSpec, match: Match, terms: LossTerms): Tensor {
  if (spec.kind === 'directau') return directAu(terms.users, terms.positives, terms.weight, spec.gamma)
  const temperature = usesTemperature(spec.kind) ? terms.temperature : 1
  // τ2/τ1 of BSL scales the positive's score alone
  const ratio = spec.kind === 'bsl' && spec.positiveTemperature !== null ? tf.div(temperature, spec.positiveTemperature) : null
  const scoreLoss = losses[spec.kind] as (scores: Scores, spec: LossSpec) => ScoreGradient
  const evaluate = (positive: Tensor1D, blocks: readonly Tensor2D[], weight: Tensor1D): ScoreGradient => {
    const { inverseCount, mates } = terms
    return scoreLoss({ positive, blocks, weight, inverseCount, mates }, spec)
  }
  return match.kind === 'inner'
    ? innerProductLoss(evaluate, match, terms, temperature, ratio)
    : functionLoss(evaluate, match.score, terms, temperature, ratio)
}

type Evaluate = (positive: Tensor1D, blocks: readonly Tensor2D[], weight: Tensor1D) => ScoreGradient

/** The scale goes on the users, [B × d] instead of [B × N]; a scaled positive is a second, cheap pass. */
function innerProductLoss(
  evaluate: Evaluate,
  match: Extract<Match, { kind: 'inner' }>,
  { users, positives, positiveBias, candidates, weight }: LossTerms,
  temperature: number | Tensor,
  ratio: Tensor | null,
): Tensor {
  const u = temperature === 1 ? match.users(users) : scaled(match.users(users), temperature)
  const v = match.items(positives)
  const pulled = ratio === null ? v : tf.mul<Tensor2D>(v, ratio)
  const inputs = { u, v: pulled, ...Object.fromEntries(candidates.map(({ vectors }, k) => [`c${k}`, match.items(vectors)])) }
  return withGradient<string, string>(
    inputs,
    (x) => {
      const positive = tf.add<Tensor1D>(tf.sum(tf.mul(x['u']!, x['v']!), 1), positiveBias)
      const blocks = candidates.map((block, k) => masked(innerProducts(x['u']!, x[`c${k}`]!, block), block))
      const { value, positive: gap, blocks: gradients } = evaluate(positive, blocks, weight)
      const saved: Record<string, Tensor2D> = { ...x, gap: asColumn(gap) }
      gradients.forEach(({ factor, row }, k) => Object.assign(saved, { [`f${k}`]: factor, [`r${k}`]: row }))
      return { value, saved }
    },
    (dy, x) => {
      const gap = tf.mul<Tensor2D>(x['gap']!, dy)
      let du = tf.mul<Tensor2D>(gap, x['v']!)
      const gradients: Record<string, Tensor> = { v: tf.mul(gap, x['u']!) }
      candidates.forEach((block, k) => {
        const back = spread(block, x['u']!, x[`c${k}`]!, x[`f${k}`]!, tf.mul(x[`r${k}`]!, dy))
        du = tf.add(du, back.u)
        gradients[`c${k}`] = back.c
      })
      return { ...gradients, u: du }
    },
  )
}

/** [B × N] or [B × n]; the correction of shared candidates rides in the product as one more column. */
function innerProducts(u: Tensor2D, c: Tensor2D, { kind, bias }: Candidates): Tensor2D {
  if (kind === 'shared') {
    const one = tf.fill<Rank.R2>([u.shape[0], 1], 1)
    return tf.matMul<Tensor2D>(tf.concat2d([u, one], 1), tf.concat2d([c, asColumn(bias)], 1), false, true)
  }
  const [rows, width] = u.shape
  const products = tf.matMul<Tensor3D>(tf.reshape(c, [rows, -1, width]), tf.reshape(u, [rows, width, 1]))
  return tf.add<Tensor2D>(tf.reshape(products, [rows, -1]), bias)
}

/** dL/du and dL/dc of scores with gradient row ⊙ factor. */
function spread({ kind }: Candidates, u: Tensor2D, c: Tensor2D, factor: Tensor2D, row: Tensor2D): { u: Tensor2D; c: Tensor2D } {
  if (kind === 'shared') {
    return { u: tf.mul(row, tf.matMul(factor, c)), c: tf.matMul(factor, tf.mul<Tensor2D>(row, u), true, false) }
  }
  const [rows, width] = u.shape
  const n = factor.shape[1]
  const pulled = tf.matMul<Tensor3D>(tf.reshape(factor, [rows, 1, n]), tf.reshape(c, [rows, n, width]))
  const pushed = tf.mul(tf.reshape(factor, [rows, n, 1]), tf.reshape(tf.mul(row, u), [rows, 1, width]))
  return { u: tf.mul(row, tf.reshape<Rank.R2>(pulled, [rows, width])), c: tf.reshape(pushed, [rows * n, width]) }
}

/** Pairs that are no negatives at MASKED; then all but the hardest, where only those count. */
function masked(scores: Tensor2D, { masked: pairs, maskValue, hardest }: Candidates): Tensor2D {
  const allowed: Tensor2D = tf.tensorScatterUpdate(scores, pairs, maskValue)
  if (hardest === null || hardest >= scores.shape[1]) return allowed
  const { values } = tf.topk(allowed, hardest, true)
  const least = tf.slice(values, [0, hardest - 1], [-1, 1])
  return tf.where(tf.greaterEqual(allowed, least), allowed, MASKED)
}

/** Scores from any function: its gradient is tfjs's, the loss's is ours. */
function functionLoss(
  evaluate: Evaluate,
  score: ScoreFunction,
  { users, positives, positiveBias, candidates, weight }: LossTerms,
  temperature: number | Tensor,
  ratio: Tensor | null,
): Tensor {
  const tempered = <T extends Tensor>(x: T): T => (temperature === 1 ? x : scaled(x, temperature))
  const pulled = tempered(score.paired(users, positives))
  const positive = tf.add<Tensor2D>(ratio === null ? pulled : tf.mul(pulled, ratio), asColumn(positiveBias))
  const blocks = candidates.map(({ kind, vectors, bias }) =>
    tf.add<Tensor2D>(tempered(score[kind === 'shared' ? 'all' : 'paired'](users, vectors)), bias),
  )
  const inputs = { p: positive, ...Object.fromEntries(blocks.map((block, k) => [`s${k}`, block])) }
  return withGradient<string, string>(
    inputs,
    (x) => {
      const open = candidates.map((block, k) => masked(x[`s${k}`]!, block))
      const { value, positive: gap, blocks: gradients } = evaluate(tf.squeeze<Tensor1D>(x['p']!, [1]), open, weight)
      const saved: Record<string, Tensor2D> = { p: asColumn(gap) }
      gradients.forEach(({ factor, row }, k) => (saved[`s${k}`] = tf.mul(factor, row)))
      return { value, saved }
    },
    (dy, saved) => Object.fromEntries(Object.entries(saved).map(([name, gradient]) => [name, tf.mul(gradient, dy)])),
  )
}

function scaled<T extends Tensor>(x: T, temperature: number | Tensor): T {
  return typeof temperature === 'number' ? tf.mul(x, 1 / temperature) : tf.div(x, temperature)
}

/**
 * An op of named inputs, whose gradient gives one tensor per input from what `forward` saved by name.
 */
function withGradient<Name extends string, Kept extends string>(
  inputs: Readonly<Record<Name, Tensor2D>>,
  forward: (inputs: Readonly<Record<Name, Tensor2D>>) => { value: Tensor; saved: Readonly<Record<Kept, Tensor2D>> },
  gradient: (dy: Tensor, saved: Readonly<Record<Kept, Tensor2D>>) => Readonly<Record<Name, Tensor>>,
): Tensor {
  const names = Object.keys(inputs) as Name[]
  return customOp(
    names.map((name) => inputs[name]),
    () => {
      const { value, saved } = forward(inputs)
      const keys = Object.keys(saved) as Kept[]
      return {
        value,
        saved: keys.map((key) => saved[key]),
        gradient(dy, kept) {
          const gradients = gradient(dy, Object.fromEntries(keys.map((key, i) => [key, withRank(kept[i]!, 2)])) as Record<Kept, Tensor2D>)
          return names.map((name) => gradients[name])
        },
      }
    },
  )
}
