/**
 * Loads a matching function of the user's own from a file on this machine. It runs with the user's rights, so only what the user named
 * is ever loaded: a spec carries the hash of the file as it was, another content is refused, and a run from elsewhere is refused outright.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PylonError } from '../../contract/errors.ts'
import type { MatchSpec } from '../../contract/shapes/spec.ts'
import type { LoadedModule } from './match.ts'

const PLACE = 'match.module.path'

/** The SHA-256 of a module's file. @throws PylonError not-found */
export async function moduleHash(path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new PylonError('not-found', `The matching function ${path} cannot be read. Name a file on this machine.`, PLACE, { cause: error })
  })
  return createHash('sha256').update(bytes).digest('hex')
}

/**
 * The function of a spec; null where it names none.
 * @throws PylonError bad-input where no module is named, its path is relative, or its hash is not known; conflict where the file has
 * changed since; bad-data where it gives no function
 */
export async function loadMatchModule({ kind, module }: MatchSpec): Promise<LoadedModule | null> {
  if (kind !== 'module') return null
  if (module === null || !isAbsolute(module.path)) {
    throw new PylonError(
      'bad-input',
      'Name the absolute path of a JavaScript file whose default export is (tf, users, items) => scores.',
      PLACE,
    )
  }
  if (module.sha256 === null) {
    throw new PylonError('bad-input', 'This spec does not say which file it trusts: start the run here, with the path you choose.', PLACE)
  }
  const hash = await moduleHash(module.path)
  if (hash !== module.sha256) {
    throw new PylonError(
      'conflict',
      `${module.path} is not the file this run was made with (sha256 ${hash.slice(0, 12)}, not ${module.sha256.slice(0, 12)}). Put it back, or start a new run.`,
      PLACE,
    )
  }
  const exported = ((await import(pathToFileURL(module.path).href)) as { readonly default?: unknown }).default
  if (typeof exported !== 'function') throw new PylonError('bad-data', 'Its default export is no function.', module.path)
  return exported as LoadedModule
}
