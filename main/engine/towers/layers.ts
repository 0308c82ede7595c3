/** Layers as plain functions of tensors: weights come in by their ports and nothing is kept. Written once for every executor. */
import type { TowerSpec } from '../../contract/shapes/spec.ts'
import { customOp } from '../compute/custom-op.ts'
import type { Tensors } from '../compute/program.ts'
import { type Tensor, type Tensor2D, tf } from '../compute/tf.ts'
import type { AddWeight } from './tower-ports.ts'

export type Activation = TowerSpec['activation']

/** From [rows × in] to [rows × out], with the weights among a program's inputs. */
export type Layer = (x: Tensor2D, inputs: Tensors) => Tensor2D

/** The activations: relu; gelu = x·Φ(x) (Hendrycks & Gimpel 2016, exact form); tanh; silu = x·σ(x); linear. */
export const activations = {
  relu,
  gelu: (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)),
  tanh: (x) => tf.tanh(x),
  silu: (x) => tf.mul(x, tf.sigmoid(x)),
  linear: (x) => x,
} satisfies Record<Activation, <T extends Tensor>(x: T) => T>

/** tfjs's own relu gradient casts the mask twice; one Where is half the memory traffic of a traced step. */
export function relu<T extends Tensor>(x: T): T {
  return customOp([x], () => {
    const y = tf.relu(x)
    return { value: y, saved: [y], gradient: (dy, [kept]) => [tf.where(tf.greater(kept!, 0), dy, tf.zerosLike(dy))] }
  })
}

/** x[rows × from] · kernel[from × to] + bias[to]; weights `NAME.kernel` and `NAME.bias`. */
export function denseLayer(name: string, from: number, to: number, add: AddWeight): Layer {
  const kernel = add(`${name}.kernel`, [from, to], 'glorot')
  const bias = add(`${name}.bias`, [to], 'zeros')
  return (x, inputs) => tf.add(tf.matMul(x, kernel.read(inputs)), bias.read(inputs))
}

/** Layer normalisation over the last axis (Ba et al. 2016, eq. 4), ε = 1e-5; weights `NAME.gain` and `NAME.offset`, both [width]. */
export function normLayer(name: string, width: number, add: AddWeight): Layer {
  const gain = add(`${name}.gain`, [width], 'ones')
  const offset = add(`${name}.offset`, [width], 'zeros')
  return (x, inputs) => tf.add(tf.mul(standardised(x), gain.read(inputs)), offset.read(inputs))
}

/** Rows of mean 0 and variance 1; the gradient is written out, in half the passes that autodiff takes. */
function standardised(x: Tensor2D): Tensor2D {
  return customOp([x], () => {
    const centred = tf.sub(x, tf.mean(x, 1, true))
    const scale = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), 1e-5))
    const value = tf.mul<Tensor2D>(centred, scale)
    return {
      value,
      saved: [value, scale],
      gradient: (dy, [y, factor]) => [
        tf.mul(tf.sub(tf.sub(dy, tf.mean(dy, 1, true)), tf.mul(y!, tf.mean(tf.mul(dy, y!), 1, true))), factor!),
      ],
    }
  })
}

/** Rows scaled to unit length; ε under the root keeps the zero vector at zero and its gradient finite. */
export function l2Normalise(x: Tensor2D): Tensor2D {
  return customOp([x], () => {
    const scale = tf.rsqrt(tf.add(tf.sum(tf.square(x), 1, true), 1e-12))
    const value = tf.mul<Tensor2D>(x, scale)
    return {
      value,
      saved: [value, scale],
      gradient: (dy, [y, factor]) => [tf.mul(tf.sub(dy, tf.mul(y!, tf.sum(tf.mul(dy, y!), 1, true))), factor!)],
    }
  })
}

/** The same numbers without a gradient. */
export function withoutGradient(x: Tensor2D): Tensor2D {
  return customOp([x], () => ({ value: tf.clone(x), saved: [x], gradient: (_dy, [kept]) => [tf.zerosLike(kept!)] }))
}
