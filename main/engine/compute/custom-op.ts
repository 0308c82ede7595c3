/** TensorFlow.js operations whose gradient is given here and not derived by autodiff. */
import { type Tensor, tf } from './tf.ts'

/** What an op gives, and its gradient of each input in order; `saved` is what the forward pass kept. */
export interface CustomOp<T extends Tensor> {
  readonly value: T
  /** what the gradient reads: an eager executor disposes everything else of the forward pass */
  readonly saved: readonly Tensor[]
  readonly gradient: (dy: Tensor, saved: readonly Tensor[]) => Tensor[]
}

/** An op of some inputs, which `forward` may read as they are. */
export function customOp<T extends Tensor>(inputs: readonly Tensor[], forward: () => CustomOp<T>): T {
  const op = tf.customGrad((...args) => {
    const { value, saved, gradient } = forward()
    const save = args.at(-1)
    if (typeof save !== 'function') throw new Error('tfjs gave no way to save tensors.')
    save([...saved])
    return { value, gradFunc: (dy: Tensor, kept: Tensor[]) => gradient(dy, kept) }
  })
  return op(...inputs)
}
