/** Loads one native library and does something tiny with it, each through the folder that owns it. */
import type { JobContext, JobFact, Jobs, Library } from '../queue/job-types.ts'

/** What each library did, in words; throws why it cannot. */
const selfTests: Record<Library, () => Promise<string>> = {
  'better-sqlite3': async () => (await import('../store/database.ts')).sqliteSelfTest(),
  '@duckdb/node-api': async () => (await import('../dataset/duck.ts')).duckdbSelfTest(),
  'onnxruntime-node': async () => (await import('../compute/graph-session.ts')).onnxRuntimeSelfTest(),
  usearch: async () => (await import('../ann/self-test.ts')).usearchSelfTest(),
  webgpu: async () => (await import('../compute/self-test.ts')).onnxRuntimeSelfTest('webgpu'),
  '@tensorflow/tfjs': async () => (await import('../compute/self-test.ts')).tfjsSelfTest(),
  '@tensorflow/tfjs-node': async () => (await import('../compute/self-test.ts')).tensorflowSelfTest(),
}

/** @returns whether it works, and a note; the version is the asker's to find */
// eslint-disable-next-line require-yield -- a job that has nothing to report on the way
export async function* selfTestJob(
  { library }: Jobs['self-test']['input'],
  _: JobContext,
): AsyncGenerator<JobFact, Jobs['self-test']['result']> {
  try {
    return { name: library, version: '', works: true, note: await selfTests[library]() }
  } catch (error) {
    const first = (error instanceof Error ? error.message : String(error)).split('\n')[0]!
    return { name: library, version: '', works: false, note: first }
  }
}
