/** Self-tests of the compute libraries, for `pylon doctor`: each does something tiny, so that "works" means it ran here. */
export { onnxRuntimeSelfTest } from './graph-session.ts'

/** tfjs with its CPU backend: 2 × 3. @throws where it does not load */
export async function tfjsSelfTest(): Promise<string> {
  const { tf } = await import('./tf.ts')
  await tf.setBackend('cpu')
  const product = tf.tidy(() => tf.mul(tf.scalar(2), tf.scalar(3)).dataSync()[0])
  if (product !== 6) throw new Error('2 × 3 was not 6.')
  return `TensorFlow.js ${tf.version_core}, CPU backend`
}

/** libtensorflow through tfjs-node: 2 × 3. @throws with the reason where it does not load */
export async function tensorflowSelfTest(): Promise<string> {
  const [{ loadTensorflow }, { tf }] = [await import('./tensorflow.ts'), await import('./tf.ts')]
  const version = loadTensorflow()
  await tf.setBackend('tensorflow')
  const product = tf.tidy(() => tf.mul(tf.scalar(2), tf.scalar(3)).dataSync()[0])
  if (product !== 6) throw new Error('2 × 3 was not 6.')
  return `libtensorflow through tfjs-node ${version}`
}
