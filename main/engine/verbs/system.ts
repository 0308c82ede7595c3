/** Verb handlers of `about` and `doctor`: what works on this machine, and whether the workspace is sound. */
import { createRequire } from 'node:module'
import { existsSync, readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import os from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { conflict, toErrorShape } from '../../contract/errors.ts'
import { shellWord } from '../../contract/shell-word.ts'
import type { WorkspaceReport } from '../../contract/shapes/workspace.ts'
import type { DoctorResult, VerbOutput } from '../../contract/verbs.ts'
import type { Handlers } from '../engine-context.ts'
import { LIBRARIES, type Library } from '../queue/job-types.ts'
import type { Queue } from '../queue/queue.ts'
import { Store } from '../store/store.ts'
import { moveStraysToTrash, straysIn } from '../store/strays.ts'
import { pylonVersion } from '../files/version.ts'

/** What these verbs work with: they need no opened workspace. */
interface SystemContext {
  readonly home: string
  readonly queue: Queue
  /** null: the workspace is not opened */
  readonly store: Store | null
}

export function systemVerbs({ home, queue, store }: SystemContext): Handlers<'system.about' | 'system.doctor' | 'workspace.restore'> {
  const about = async (): Promise<VerbOutput<'system.about'>> => {
    const disk = await statfs(firstFolder(home))
    return {
      pylon: pylonVersion(),
      node: process.version,
      platform: `${os.platform()}-${os.arch()} ${os.release()}`,
      cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
      cores: os.availableParallelism(),
      memoryBytes: process.constrainedMemory() > 0 ? Math.min(process.constrainedMemory(), os.totalmem()) : os.totalmem(),
      freeDiskBytes: disk.bavail * disk.bsize,
      home,
      viewed: store?.workspace.viewed ?? null,
    }
  }
  return {
    'system.about': about,

    'system.doctor': async ({ repair: repairing, tidy }) => {
      if (repairing && store !== null)
        throw conflict(`It has this workspace open: close Pylon, then: pylon doctor --repair --home ${shellWord(home)}`, 'repair')
      const repaired = repairing ? await (await import('../store/repair.ts')).repairWorkspace(home) : null
      const tidied = tidy ? tidyUp(home, store) : []
      const libraries: DoctorResult['libraries'] = []
      for (const library of LIBRARIES) libraries.push(await selfTest(queue, library))
      return {
        ...(await about()),
        libraries: libraries.filter(({ name }) => name !== '@tensorflow/tfjs-node' && name !== 'webgpu'),
        executors: executors(libraries),
        workspace: await look(queue, home, store),
        repaired,
        tidied,
      }
    },

    'workspace.restore': async ({ from }) => {
      if (store !== null)
        throw conflict(`A backup is restored to where no workspace is open: pylon restore ${shellWord(from)} --home NEW`, 'from')
      return queue.add({ job: 'copy', input: () => ({ from: resolve(from), to: home }) })
    },
  }
}

/** Moves the strays of a workspace to its trash. @returns their paths */
function tidyUp(home: string, store: Store | null): string[] {
  if (store !== null) return moveStraysToTrash(store.trash, home, straysIn(store))
  const opened = new Store(home)
  try {
    return moveStraysToTrash(opened.trash, home, straysIn(opened))
  } finally {
    opened.close()
  }
}

/** The look at a workspace, in a process of its own: questions are answered meanwhile. One that is open for reading only says why. */
async function look(queue: Queue, home: string, store: Store | null): Promise<WorkspaceReport> {
  const report = await queue.aside('report', { home, askingEngine: store?.workspace.engines.engine ?? null })
  const why = store?.workspace.viewed ?? null
  return why === null ? report : { ...report, state: 'read-only', problems: [why, ...report.problems] }
}

/** The folder, or the nearest above it that is there. */
function firstFolder(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : firstFolder(dirname(path))
}

/** Loads a library in a process of its own: one that crashes says so here, and takes nothing with it. */
async function selfTest(queue: Queue, library: Library): Promise<DoctorResult['libraries'][number]> {
  const version = installed(library)
  try {
    return { ...(await queue.aside('self-test', { library })), version: version ?? 'unknown' }
  } catch (error) {
    const reason = toErrorShape(error).message
    return { name: library, version: version ?? 'not installed', works: false, note: version === null ? 'not installed' : reason }
  }
}

/** The libraries as executors of a training step. */
function executors(libraries: DoctorResult['libraries']): DoctorResult['executors'] {
  const byLibrary: Record<string, Library> = {
    onnxruntime: 'onnxruntime-node',
    'tfjs-cpu': '@tensorflow/tfjs',
    tensorflow: '@tensorflow/tfjs-node',
    webgpu: 'webgpu',
  }
  return Object.entries(byLibrary).map(([name, library]) => {
    const { works, note, version } = libraries.find((entry) => entry.name === library)!
    return { name, works, note: works ? `${packageOf(library)} ${version}` : note }
  })
}

const packageOf = (library: Library): string => (library === 'webgpu' ? 'onnxruntime-node' : library)

/** The version in a package's own package.json; null where it is not installed. */
function installed(library: Library): string | null {
  const name = packageOf(library)
  for (const folder of createRequire(import.meta.url).resolve.paths(name) ?? []) {
    const path = join(folder, name, 'package.json')
    if (existsSync(path)) return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version
  }
  return null
}
