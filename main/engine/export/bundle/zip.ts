/** A bundle as a .zip: written and read as a stream, with names that may only go down, and limits that hold before anything is unpacked. */
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import yauzl from 'yauzl'
import { ZipFile } from 'yazl'
import { PylonError } from '../../../contract/errors.ts'

const MOST_FILES = 1000
/** Bytes a packed byte may become: text packs at most about 1 : 1000, a bomb more. */
const MOST_RATIO = 1200

export function isZip(path: string): boolean {
  return path.toLowerCase().endsWith('.zip')
}

/** Packs files of a folder; all have the time of 1980, so that equal contents are an equal archive. */
export async function writeZip(folder: string, names: readonly string[], to: string): Promise<void> {
  const zip = new ZipFile()
  const mtime = new Date(1980, 0, 1)
  for (const name of names) zip.addFile(join(folder, name), name, { mtime, mode: 0o100644, compress: !/\.(npy|index|parquet)$/.test(name) })
  zip.end()
  await pipeline(zip.outputStream, createWriteStream(to, { flags: 'wx' }))
}

/**
 * Unpacks into a new folder.
 * @throws PylonError bad-data naming the entry: a path that climbs out or is absolute, a link, a duplicate, too much
 */
export async function readZip(path: string, to: string): Promise<void> {
  const zip = await yauzl
    .openPromise(path, { lazyEntries: true, strictFileNames: true, validateEntrySizes: true })
    .catch((error: unknown) => refuse(path, error))
  try {
    if (zip.entryCount > MOST_FILES)
      throw new PylonError('bad-data', `It has ${zip.entryCount} entries; a bundle has fewer than ${MOST_FILES}.`, path)
    const seen = new Set<string>()
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName
      if (name.endsWith('/')) continue
      checkEntryName(name, path)
      const kind = (entry.externalFileAttributes >>> 16) & 0o170000
      if (kind !== 0 && kind !== 0o100000) throw new PylonError('bad-data', `The entry ${name} is no plain file.`, path)
      if (seen.has(name)) throw new PylonError('bad-data', `The entry ${name} occurs twice.`, path)
      seen.add(name)
      if (entry.uncompressedSize > 4096 + MOST_RATIO * entry.compressedSize)
        throw new PylonError(
          'bad-data',
          `The entry ${name} claims to become ${entry.uncompressedSize} bytes from ${entry.compressedSize}.`,
          path,
        )
      const target = join(to, name)
      await mkdir(dirname(target), { recursive: true })
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target, { flags: 'wx' }))
    }
  } catch (error) {
    refuse(path, error)
  } finally {
    zip.close()
  }
}

/** A name may only lead down, in plain parts. @throws PylonError bad-data */
export function checkEntryName(name: string, place: string): void {
  const parts = name.split('/')
  const climbs =
    name.startsWith('/') ||
    name.includes('\\') ||
    name.includes('\0') ||
    /^[a-z]:/i.test(name) ||
    parts.some((part) => part === '' || part === '.' || part === '..')
  if (climbs) throw new PylonError('bad-data', `The path "${name}" leads out of the bundle: it is refused.`, place)
}

function refuse(path: string, error: unknown): never {
  if (error instanceof PylonError) throw error
  const { message, code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') throw new PylonError('not-found', 'There is no such file.', path, { cause: error })
  if (/invalid relative path|absolute path|invalid characters in fileName/i.test(message))
    throw new PylonError('bad-data', `A path in it leads out of the bundle (${message}): it is refused.`, path, { cause: error })
  throw new PylonError('bad-data', `It is no whole .zip (${message}): get it again.`, path, { cause: error })
}
