/** An upload is in the workspace once it is imported: then the file that the page sent goes. One that could not be imported stays. */
import { rm } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { mapPaths } from '../contract/paths.ts'
import { verbs, type VerbName } from '../contract/verbs.ts'
import { isWithin, realPath } from '../engine/files/path-guard.ts'
import type { HostedEngine } from './engine-server.ts'

/** Verbs after which what they read is in the workspace. */
const IMPORTS: readonly VerbName[] = ['datasets.import', 'bundles.import']

/** The engine, with uploads removed behind it. @param uploads the folder of uploads, absolute and free of links */
export function removeUploadsOnImport<E extends HostedEngine>(engine: E, uploads: string): E {
  const imports = new Map<string, readonly string[]>()
  engine.subscribe((event, payload) => {
    if (event !== 'job.finished') return
    const { job, state } = payload as { job: string; state: string }
    for (const upload of state === 'done' ? (imports.get(job) ?? []) : []) void rm(upload, { recursive: true, force: true })
    imports.delete(job)
  })
  return {
    ...engine,
    call: async (verb, input) => {
      const answer = await engine.call(verb, input)
      if (IMPORTS.includes(verb)) imports.set((answer as { job: string }).job, uploadsIn(verb, input, uploads))
      return answer
    },
  }
}

/** The folders of uploads (one a choice of files) that an import reads. */
function uploadsIn(verb: VerbName, input: unknown, uploads: string): string[] {
  const folders = new Set<string>()
  mapPaths(verbs[verb].input, input, ({ path }) => {
    const real = realPath(path)
    if (real !== null && real !== uploads && isWithin(real, uploads)) folders.add(join(uploads, relative(uploads, real).split(sep)[0]!))
    return path
  })
  return [...folders]
}
