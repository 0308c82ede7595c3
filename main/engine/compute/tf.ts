/**
 * The one door to TensorFlow.js: its op API, autodiff and CPU backend. The umbrella package is used because the Node build of
 * `@tensorflow/tfjs-core` alone registers no gradients. Production mode silences its greeting.
 */
import * as tf from '@tensorflow/tfjs'

tf.enableProdMode()

export { tf }
export type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, TensorInfo, Rank } from '@tensorflow/tfjs'
