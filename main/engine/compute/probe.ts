/** For `doctor`: each compute library does something tiny, so that "works" means it ran here. */
export { probeOnnxRuntime } from './session.ts'

/** tfjs with its CPU backend: 2 × 3. @throws where it does not load */
export async function probeTfjs(): Promise<string> {
  const { tf } = await import('./tf.ts')
  await tf.setBackend('cpu')
  const product = tf.tidy(() => tf.mul(tf.scalar(2), tf.scalar(3)).dataSync()[0])
  if (product !== 6) throw new Error('2 × 3 was not 6.')
  return `TensorFlow.js ${tf.version_core}, CPU backend`
}

/** `@tensorflow/tfjs-node`, whose libtensorflow npm does not bring. @throws with the reason where it does not load */
export async function probeTensorflow(): Promise<string> {
  try {
    const name: string = '@tensorflow/tfjs-node'
    const { default: node } = (await import(name)) as { default: { version: Record<string, string> } }
    return `libtensorflow through tfjs-node ${node.version['tfjs-node'] ?? ''}`
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0]! : String(error)
    const missing = /cannot find module|was not compiled|tfjs_binding|not found/i.test(reason)
    throw new Error(missing ? 'libtensorflow is not installed; training uses onnxruntime, which needs nothing else.' : reason, {
      cause: error,
    })
  }
}
