/** What works on this machine. */
import { createRequire } from 'node:module'
import { existsSync, readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import os from 'node:os'
import { join } from 'node:path'
import type { DoctorResult, VerbOutput } from '../../contract/verbs.ts'
import type { EngineContext, Handlers } from '../context.ts'
import { LIBRARIES, type Library } from '../jobs/types.ts'
import type { Queue } from '../queue.ts'
import { pylonVersion } from '../version.ts'

export function systemVerbs({ store, queue }: EngineContext): Handlers<'system.about' | 'system.doctor'> {
  const about = async (): Promise<VerbOutput<'system.about'>> => {
    const disk = await statfs(store.workspace.home)
    return {
      pylon: pylonVersion(),
      node: process.version,
      platform: `${os.platform()}-${os.arch()} ${os.release()}`,
      cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
      cores: os.availableParallelism(),
      memoryBytes: process.constrainedMemory() > 0 ? Math.min(process.constrainedMemory(), os.totalmem()) : os.totalmem(),
      freeDiskBytes: disk.bavail * disk.bsize,
      home: store.workspace.home,
    }
  }
  return {
    'system.about': about,

    'system.doctor': async () => {
      const libraries: DoctorResult['libraries'] = []
      for (const library of LIBRARIES) libraries.push(await probe(queue, library))
      return {
        ...(await about()),
        libraries: libraries.filter(({ name }) => name !== '@tensorflow/tfjs-node'),
        executors: executors(libraries),
      }
    },
  }
}

/** Loads a library in a process of its own: one that crashes says so here, and takes nothing with it. */
async function probe(queue: Queue, library: Library): Promise<DoctorResult['libraries'][number]> {
  const outcome = await queue.aside('probe', { library })
  if (outcome.state === 'done') return { ...outcome.result, version: installed(library) ?? 'unknown' }
  const version = installed(library)
  const reason = outcome.state === 'cancelled' ? 'cancelled' : outcome.error.message
  return { name: library, version: version ?? 'not installed', works: false, note: version === null ? 'not installed' : reason }
}

/** The libraries as executors of a training step. */
function executors(libraries: DoctorResult['libraries']): DoctorResult['executors'] {
  const byLibrary: Record<string, Library> = {
    onnxruntime: 'onnxruntime-node',
    'tfjs-cpu': '@tensorflow/tfjs',
    tensorflow: '@tensorflow/tfjs-node',
  }
  return Object.entries(byLibrary).map(([name, library]) => {
    const { works, note, version } = libraries.find((entry) => entry.name === library)!
    return { name, works, note: works ? `${library} ${version}` : note }
  })
}

/** The version in a package's own package.json; null where it is not installed. */
function installed(library: Library): string | null {
  for (const folder of createRequire(import.meta.url).resolve.paths(library) ?? []) {
    const path = join(folder, library, 'package.json')
    if (existsSync(path)) return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version
  }
  return null
}
