/** What produced a run's numbers: versions, machine, threads. */
import { execFile } from 'node:child_process'
import { sep } from 'node:path'
import { arch, cpus, platform, release, totalmem } from 'node:os'
import { promisify } from 'node:util'
import type { Environment } from '../../contract/shapes/run.ts'
import type { ExecutorName } from '../compute/executor.ts'
import { onnxRuntimeSelfTest } from '../compute/self-test.ts'
import { loadTensorflow } from '../compute/tensorflow.ts'
import { pylonVersion } from '../files/version.ts'

export async function describeEnvironment(threads: number, executor: ExecutorName = 'onnxruntime'): Promise<Environment> {
  return {
    pylon: pylonVersion(),
    node: process.version,
    platform: `${platform()} ${arch()} ${release()}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    threads,
    executor,
    executorVersion: executor === 'tensorflow' ? `tfjs-node ${loadTensorflow()}` : await onnxRuntimeSelfTest(),
    gitCommit: await gitCommit(),
  }
}

/** The commit of the checkout Pylon runs from, or null outside one. */
async function gitCommit(): Promise<string | null> {
  if (import.meta.dirname.includes(`${sep}node_modules${sep}`)) return null // whatever repository that lies in is not ours
  try {
    const { stdout } = await promisify(execFile)('git', ['rev-parse', 'HEAD'], { cwd: import.meta.dirname, timeout: 2000 })
    return stdout.trim()
  } catch {
    return null
  }
}
