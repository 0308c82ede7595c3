/**
 * TensorFlow through `@tensorflow/tfjs-node`: registers the backend `tensorflow` of the one tfjs engine. Its newest release (4.22.0) calls
 * `util.isNullOrUndefined`, which Node 23 took away: it is given back before it loads. Its binding does not come with
 * npm; `npm run setup:tfjs-node` makes it.
 */
import { createRequire } from 'node:module'
import type * as util from 'node:util'
import { unavailable } from '../../contract/errors.ts'

const load = createRequire(import.meta.url) // not `require`: the desktop program's bundler adds one of that name
let loaded: string | null = null

/** Loads the binding, once. @returns the version of tfjs-node @throws PylonError unavailable with the reason and the remedy */
export function loadTensorflow(): string {
  if (loaded !== null) return loaded
  // the library itself warns on stderr of what the processor could do; errors still are told
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2'
  const utilities = load('node:util') as typeof util & { isNullOrUndefined?: unknown }
  utilities.isNullOrUndefined ??= (value: unknown): boolean => value === null || value === undefined
  try {
    const { version } = load('@tensorflow/tfjs-node') as { version: Record<string, string> }
    loaded = version['tfjs-node'] ?? 'unknown'
    return loaded
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0]!.trim() : String(error)
    const missing = /cannot find module|native addon module|tfjs_binding/i.test(reason)
    const told = missing ? 'libtensorflow is not installed' : reason
    throw unavailable(`${told}; onnxruntime, which trains by default, needs nothing else. To have it: npm run setup:tfjs-node`, undefined, {
      cause: error,
    })
  }
}
