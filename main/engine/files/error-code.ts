/** The system's error codes of file operations (ENOENT and others), and what to do where a file is absent. */
import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { badInput } from '../../contract/errors.ts'

/** The system's code of a failed file operation, such as ENOENT; empty for any other error. */
export function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? ''
}

/** What stands for a file or folder that is not there; any other error goes on. */
export function valueIfAbsent<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (errorCode(error) === 'ENOENT') return value
    throw error
  }
}

/** Makes a folder in one that is there; fine where it is there already. Says why it cannot, which `recursive` does not always. */
export function makeFolder(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode })
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  }
}

/** As {@link makeFolder}, with those above it. `recursive` of Node goes round for ever where the system makes no folders, as in /proc. */
export function makeFolders(path: string, mode: number): void {
  const above = dirname(path)
  if (above !== path && !existsSync(above)) makeFolders(above, mode)
  try {
    makeFolder(path, mode)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
    throw badInput('No folder can be made here: give another place.', path, { cause: error })
  }
}

/** What `read` gives, or `value` where the file or folder is not there or is of the other sort; for synchronous reading. */
export function readUnlessAbsent<T, V>(read: () => T, value: V): T | V {
  try {
    return read()
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errorCode(error))) return value
    throw error
  }
}
