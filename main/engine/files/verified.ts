/**
 * Files that are what was written: a file is read only after its checksum has been found to be the recorded one. It is computed once a
 * process for a file as it lies there (its place, size, times and inode), so a file that was replaced is looked at anew, and one that was
 * found whole costs one `stat`. Reading goes in slices of 1 MiB, several files at a time.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { badData, notFound, PylonError } from '../../contract/errors.ts'
import type { Artefact } from '../../contract/shapes/artefact.ts'
import { sha256File } from './atomic.ts'
import { valueIfAbsent } from './error-code.ts'

type Checksum = Pick<Artefact, 'bytes' | 'sha256'>

interface KnownFile {
  /** what the system says of the file: another text is another file */
  readonly identity: string
  readonly checksum: Promise<Checksum>
}

/** Files whose checksums are kept, each some hundred bytes; the oldest goes first. */
const MAX_KNOWN = 10_000
const checksums = new Map<string, KnownFile>()

/**
 * Size and sha256 of a file as it lies there now, computed once a process.
 * @throws PylonError not-found
 */
export async function checksumOf(path: string): Promise<Checksum> {
  const identity = await identityOf(path)
  if (identity === null) throw notFound('There is no such file.', path)
  const before = checksums.get(path)
  if (before?.identity === identity) return before.checksum
  const checksum = sha256File(path)
  checksums.delete(path)
  checksums.set(path, { identity, checksum })
  if (checksums.size > MAX_KNOWN) checksums.delete(checksums.keys().next().value!)
  const forget = (): void => {
    if (checksums.get(path)?.checksum === checksum) checksums.delete(path)
  }
  checksum.catch(forget)
  const found = await checksum
  // what changed while it was read has no checksum that could be kept
  if ((await identityOf(path)) !== identity) forget()
  return found
}

/** Times and inode in full: a copy over the file, or one with its old times set again, is another file. */
async function identityOf(path: string): Promise<string | null> {
  const found = await stat(path, { bigint: true }).catch(valueIfAbsent(null))
  return found === null ? null : [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join()
}

/**
 * The path of a file that is what was recorded.
 * @param name relative to `folder`, with forward slashes
 * @param remedy a sentence on what to do where it is not
 * @throws PylonError not-found where it is missing; bad-data where it is not recorded, or not what was
 */
export async function verifiedPath(folder: string, records: readonly Artefact[], name: string, remedy: string): Promise<string> {
  const path = join(folder, name)
  const recorded = records.find((each) => each.path === name)
  const size = await stat(path).then((found) => found.size, valueIfAbsent(null))
  if (size === null) throw notFound(`The file is missing. ${remedy}`, path)
  if (recorded === undefined) throw badData(`The workspace has no checksum to check the file by. ${remedy}`, path)
  if (size !== recorded.bytes) throw changedFileError(path, recorded, { bytes: size }, remedy)
  const found = await checksumOf(path)
  if (found.sha256 !== recorded.sha256) throw changedFileError(path, recorded, found, remedy)
  return path
}

/** A file that differs from its record: in size, or else in its bytes. */
export function changedFileError(path: string, recorded: Checksum, found: Partial<Checksum>, remedy: string): PylonError {
  const differs =
    found.bytes === recorded.bytes && found.sha256 !== undefined
      ? `its sha256 is ${short(found.sha256)}, not ${short(recorded.sha256)}`
      : `it has ${found.bytes} bytes, not ${recorded.bytes}`
  return badData(`The file is not the one that was written: ${differs}. ${remedy}`, path)
}

const short = (sha256: string): string => `${sha256.slice(0, 12)}…`
