/** Layers as plain functions of tensors: weights come in by name and nothing is kept. Written once for every executor. */
import type { TowerSpec } from '../../contract/shapes/spec.ts'
import { type Tensor, type Tensor2D, tf } from '../compute/tf.ts'

export type Activation = TowerSpec['activation']

/** The activations: relu; gelu = x·Φ(x) (Hendrycks & Gimpel 2016, exact form); tanh; silu = x·σ(x); linear. */
export const activations = {
  relu,
  gelu: (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)),
  tanh: (x) => tf.tanh(x),
  silu: (x) => tf.mul(x, tf.sigmoid(x)),
  linear: (x) => x,
} satisfies Record<Activation, <T extends Tensor>(x: T) => Tensor>

/** tfjs's own relu gradient casts the mask twice; one Where is half the memory traffic of a traced step. */
export function relu(x: Tensor): Tensor {
  const op = tf.customGrad((x, save) => {
    const y = tf.relu(x as Tensor)
    ;(save as (saved: Tensor[]) => void)([y])
    return { value: y, gradFunc: (dy: Tensor, saved: Tensor[]) => tf.where(tf.greater(saved[0]!, 0), dy, tf.zerosLike(dy)) }
  })
  return op(x)
}

/** x[rows × in] · kernel[in × out] + bias[out]. */
export function denseLayer(x: Tensor2D, kernel: Tensor2D, bias: Tensor): Tensor2D {
  return tf.add(tf.matMul(x, kernel), bias)
}

/** Layer normalisation over the last axis with gain and offset [width] (Ba et al. 2016, eq. 4), ε = 1e-5. */
export function layerNorm(x: Tensor2D, gain: Tensor, offset: Tensor): Tensor2D {
  const centred = tf.sub(x, tf.mean(x, 1, true))
  const scale = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), 1e-5))
  return tf.add(tf.mul(tf.mul(centred, scale), gain), offset)
}

/** Rows scaled to unit length; ε under the root keeps the zero vector at zero and its gradient finite. */
export function l2Normalise(x: Tensor2D): Tensor2D {
  return tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), 1, true), 1e-12)))
}

/** The same numbers without a gradient. */
export function withoutGradient(x: Tensor2D): Tensor2D {
  const op = tf.customGrad((...args) => {
    const [value, save] = args as unknown as [Tensor, (tensors: Tensor[]) => void]
    save([value])
    return { value: tf.clone(value), gradFunc: (_dy: Tensor, saved: Tensor[]) => tf.zerosLike(saved[0]!) }
  })
  return op(x) as Tensor2D
}
