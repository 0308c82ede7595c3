/**
 * Loads a matching function of the user's own from a file on this machine. It runs with the user's rights, so only what the user named
 * is ever loaded: a spec carries the hash of the file as it was, another content is refused, and a run from elsewhere is refused outright.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isAbsolute, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { badData, badInput, conflict, notFound, PylonError } from '../../contract/errors.ts'
import type { MatchSpec } from '../../contract/shapes/spec.ts'
import { ANY_PATH, type PathGuard } from '../files/path-guard.ts'
import type { LoadedModule } from './match.ts'

const PLACE = 'match.module.path'

let guard = ANY_PATH

/** Limits what {@link loadMatchModule} runs in this process, also of runs made earlier: whoever asks may not be who named the file then. */
export function guardModules(by: PathGuard): void {
  guard = by
}

/** The SHA-256 of a module's file. @throws PylonError not-found */
export async function moduleHash(path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw notFound(`The matching function ${path} cannot be read. Name a file on this machine.`, PLACE, { cause: error })
  })
  return createHash('sha256').update(bytes).digest('hex')
}

/**
 * A module that the user has just named, with its absolute path and the hash of its file.
 * @throws PylonError not-found; conflict where a hash was given and the file is another
 */
export async function trustModule(module: MatchSpec['module']): Promise<MatchSpec['module']> {
  if (module === null) return null
  const path = resolve(module.path)
  const sha256 = await moduleHash(path)
  if (module.sha256 !== null && module.sha256 !== sha256) throw changed(path, sha256, module.sha256)
  return { path, sha256 }
}

/**
 * The function of a spec; null where it names none.
 * @throws PylonError bad-input where no module is named, its path is relative, its hash is not known, or this process
 * may not run it; conflict where the file has changed since; bad-data where it gives no function
 */
export async function loadMatchModule({ kind, module }: MatchSpec): Promise<LoadedModule | null> {
  if (kind !== 'module') return null
  if (module === null || !isAbsolute(module.path)) {
    throw badInput('Name the absolute path of a JavaScript file whose default export is (tf, users, items) => scores.', PLACE)
  }
  if (module.sha256 === null) {
    throw badInput('This spec does not say which file it trusts: start the run here, with the path you choose.', PLACE)
  }
  const path = guard.check(module.path, 'code', PLACE)
  const hash = await moduleHash(path)
  if (hash !== module.sha256) throw changed(path, hash, module.sha256)
  const exported = ((await import(pathToFileURL(path).href)) as { readonly default?: unknown }).default
  if (typeof exported !== 'function') throw badData('Its default export is no function.', path)
  return exported as LoadedModule
}

function changed(path: string, found: string, expected: string): PylonError {
  return conflict(
    `${path} is not the file this run was made with (sha256 ${found.slice(0, 12)}, not ${expected.slice(0, 12)}). Put it back, or start a new run.`,
    PLACE,
  )
}
