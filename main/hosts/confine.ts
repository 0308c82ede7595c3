/**
 * The engine behind a web host: pages may name only paths in the folders the user named at the start, in what was uploaded, and (to
 * write) in what was made for downloads. An upload is removed once it is imported. The checks stand before the engine's own.
 */
import { rm } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { PylonError } from '../contract/errors.ts'
import type { VerbName } from '../contract/verbs.ts'
import type { Confinement } from './engine-options.ts'
import type { HostedEngine } from './hub.ts'
import { isWithin, realPath } from './paths.ts'

interface PathInputs {
  /** data: of the user's folders, or uploaded */
  readonly read?: readonly string[]
  /** what decides which code runs: of the user's folders alone */
  readonly trust?: readonly string[]
  readonly write?: readonly string[]
}

const SOURCES = ['path', 'interactions', 'users', 'items', 'test'] as const

/** Inputs that name files or folders. A test compares this table with the verbs. */
export const PATH_INPUTS: Partial<Record<VerbName, PathInputs>> = {
  'datasets.import': { read: SOURCES },
  'datasets.inspect': { read: [...SOURCES, 'files'] },
  'bundles.verify': { read: ['path'] },
  'bundles.import': { read: ['path'] },
  'runs.start': { trust: ['config'] },
  'runs.export': { write: ['out'] },
  'serving.start': { read: ['bundle'] },
  'serving.swap': { read: ['bundle'] },
}

/** Verbs after which what they read is in the workspace. */
const IMPORTS: readonly VerbName[] = ['datasets.import', 'bundles.import']

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
      if (IMPORTS.includes(verb)) imports.set((answer as { job: string }).job, uploadsOf(verb, input, folders.uploads))
      return answer
    },
  }
}

/** @throws PylonError bad-input, its place the input's name */
export function checkPaths(verb: VerbName, input: Input, { roots, uploads, downloads }: Confinement): void {
  const { read = [], trust = [], write = [] } = PATH_INPUTS[verb] ?? {}
  for (const name of read) for (const path of textsOf(input[name])) check(path, [...roots, uploads], name, 'upload it, or ')
  for (const name of trust) for (const path of textsOf(input[name])) check(path, roots, name, '')
  for (const name of write) for (const path of textsOf(input[name])) check(path, [...roots, downloads], name, '')
  for (const path of modulesOf(input)) check(path, roots, 'match.module.path', '')
}

function check(path: string, folders: readonly string[], place: string, before: string): void {
  if (folders.some((folder) => isWithin(fileOf(path), folder))) return
  throw new PylonError(
    'bad-input',
    `${path} is not in a folder that this host was started with: ${before}start it with --root FOLDER.`,
    place,
  )
}

/** The file itself, without links; a table of an SQLite file is named behind a #. */
const fileOf = (path: string): string => realPath(path.replace(/(\.[A-Za-z0-9]+)#[^/\\]*$/, '$1'))

const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).filter((text) => typeof text === 'string')

/** Files of a function of the user's own, in a spec or an override of one: they are executed. */
function modulesOf({ spec, set }: Input): string[] {
  const overrides = textsOf(set)
  if (overrides.some((text) => /^match(\.module)?=/.test(text)))
    throw new PylonError('bad-input', 'A whole match cannot be overridden here: give match.module.path.', 'set')
  const path = (parsed(spec) as { match?: { module?: { path?: unknown } | null } | null } | null | undefined)?.match?.module?.path
  return [...textsOf(path), ...overrides.flatMap((text) => /^match\.module\.path=(.*)$/s.exec(text)?.[1] ?? [])]
}

/** A spec may come as JSON text. */
function parsed(spec: unknown): unknown {
  if (typeof spec !== 'string') return spec
  try {
    return JSON.parse(spec)
  } catch {
    return null // refused by the engine, with the place
  }
}

/** The folders of uploads (one a choice of files) that an import reads. */
function uploadsOf(verb: VerbName, input: Input, uploads: string): string[] {
  const paths = (PATH_INPUTS[verb]?.read ?? []).flatMap((name) => textsOf(input[name])).map(fileOf)
  const inside = paths.filter((path) => path !== uploads && isWithin(path, uploads))
  return [...new Set(inside.map((path) => join(uploads, relative(uploads, path).split(sep)[0]!)))]
}
