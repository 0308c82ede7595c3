/**
 * The engine behind a web host: pages may name only paths in the folders the user named at the start, in what was uploaded, and (to
 * write) in what was made for downloads. An upload is removed once it is imported. The checks stand before the engine's own.
 */
import { rm } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { PylonError } from '../contract/errors.ts'
import type { VerbName } from '../contract/verbs.ts'
import type { Confinement } from './engine-options.ts'
import type { HostedEngine } from './hub.ts'
import { isWithin, realPath } from './paths.ts'

/** Inputs that name files or folders. A test compares this table with the verbs. */
export const PATH_INPUTS: Partial<Record<VerbName, { readonly read?: readonly string[]; readonly write?: readonly string[] }>> = {
  'datasets.import': { read: ['path', 'interactions', 'users', 'items', 'test', 'files'] },
  'datasets.inspect': { read: ['path', 'interactions', 'users', 'items', 'test', 'files'] },
  'runs.start': { read: ['config'] },
  'runs.export': { write: ['out'] },
}

type Input = Readonly<Record<string, unknown>>

export function confine<E extends HostedEngine>(engine: E, folders: Confinement): E {
  const imports = new Map<string, string[]>()
  engine.subscribe((event, payload) => {
    if (event !== 'job.finished') return
    const { job, state } = payload as { job: string; state: string }
    for (const upload of state === 'done' ? (imports.get(job) ?? []) : []) void rm(upload, { recursive: true, force: true })
    imports.delete(job)
  })
  return {
    ...engine,
    call: async (verb, input) => {
      checkPaths(verb, input, folders)
      const answer = await engine.call(verb, input)
      if (verb === 'datasets.import') imports.set((answer as { job: string }).job, uploadsOf(input, folders.uploads))
      return answer
    },
  }
}

/** @throws PylonError bad-input, its place the input's name */
export function checkPaths(verb: VerbName, input: Input, { roots, uploads, downloads }: Confinement): void {
  const { read = [], write = [] } = PATH_INPUTS[verb] ?? {}
  for (const name of read) for (const path of textsOf(input[name])) check(path, [...roots, uploads], name, 'upload it, or ')
  for (const name of write) for (const path of textsOf(input[name])) check(path, [...roots, downloads], name, '')
  if (verb === 'runs.start' || verb === 'specs.estimate') for (const path of modulesOf(input)) check(path, roots, 'match.module.path', '')
}

function check(path: string, folders: readonly string[], place: string, before: string): void {
  // a table of an SQLite file is named behind a #
  const file = realPath(path.replace(/(\.[A-Za-z0-9]+)#[^/\\]*$/, '$1'))
  if (folders.some((folder) => isWithin(file, folder))) return
  throw new PylonError(
    'bad-input',
    `${path} is not in a folder that this host was started with: ${before}start it with --root FOLDER.`,
    place,
  )
}

const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).filter((text) => typeof text === 'string')

/** Files of a function of the user's own: they are executed. */
function modulesOf({ spec, set }: Input): string[] {
  const path = (spec as { match?: { module?: { path?: unknown } | null } } | undefined)?.match?.module?.path
  const overridden = textsOf(set).flatMap((text) => /^match\.module\.path=(.*)$/.exec(text)?.[1] ?? [])
  if (textsOf(set).some((text) => /^match(\.module)?=/.test(text)))
    throw new PylonError('bad-input', 'A whole match cannot be overridden here: give match.module.path.', 'set')
  return [...textsOf(path), ...overridden]
}

/** The folders of uploads (one a choice of files) that an import reads. */
function uploadsOf(input: Input, uploads: string): string[] {
  const paths = (PATH_INPUTS['datasets.import']?.read ?? []).flatMap((name) => textsOf(input[name])).map(realPath)
  return [
    ...new Set(
      paths
        .filter((path) => isWithin(path, uploads) && dirname(path) !== path)
        .map((path) => join(uploads, relative(uploads, path).split(sep)[0]!)),
    ),
  ].filter((folder) => folder !== uploads)
}
