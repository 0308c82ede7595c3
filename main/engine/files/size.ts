/** The size of a file, or of a folder with all that is in it, in bytes. */
import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readUnlessAbsent } from './error-code.ts'

/** Bytes of the files at or below a path; links are not followed, and what is gone meanwhile counts nothing. */
export function sizeOf(path: string): number {
  const stat = readUnlessAbsent(() => lstatSync(path), null)
  if (stat === null) return 0
  if (!stat.isDirectory()) return stat.size
  return readUnlessAbsent(() => readdirSync(path), []).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
}
