/** A bundle as a .zip: written and read as a stream, with names that may only go down, and limits that hold before anything is unpacked. */
import { createWriteStream } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import yauzl, { type Entry, type ZipFile as ZipFileReader } from 'yauzl'
import { type Options, ZipFile } from 'yazl'
import { badData, badInput, notFound, PylonError, unavailable } from '../../../contract/errors.ts'
import { freeSpaceAt } from '../../files/disk-space.ts'

const MAX_FILES = 1000
/** Bytes a packed byte may become: text packs at most about 1 : 1000, a bomb more. */
const MAX_RATIO = 1200

export function isZip(path: string): boolean {
  return path.toLowerCase().endsWith('.zip')
}

/** Packs files of a folder; all have the time of 1980, so that equal contents are an equal archive. */
export async function writeZip(folder: string, names: readonly string[], to: string): Promise<void> {
  const options = (name: string): object => ({ mtime: new Date(1980, 0, 1), compress: !/\.(npy|index|parquet)$/.test(name) })
  await pipeline(zipStream(folder, names, options), createWriteStream(to, { flags: 'wx' }))
}

/** Files of a folder as an archive, which is made while it is read. */
export function zipStream(folder: string, names: readonly string[], options: (name: string) => Partial<Options>, under = ''): Readable {
  const zip = new ZipFile()
  const stream = new Readable().wrap(zip.outputStream)
  zip.on('error', (error: Error) => stream.destroy(error))
  for (const name of names) zip.addFile(join(folder, name), under + name, { mode: 0o100644, ...options(name) })
  zip.end()
  return stream
}

/** What an archive says it holds, by name: bytes when unpacked. */
export type ZipListing = ReadonlyMap<string, number>

export interface ReadZipOptions {
  /** the entry that says what the archive is; unpacked before all others, and small */
  readonly first: string
  readonly firstBytes: number
  /** asked when that entry is there and nothing else is: throws where the listing is not what it says */
  readonly check: (listing: ZipListing) => Promise<void>
}

/**
 * Unpacks into a folder. Nothing is written before names, sizes and the room on the disk are known to fit; and what an entry becomes is
 * counted while it is unpacked, so that one which lies about its size ends there.
 * @throws PylonError bad-data naming the entry: a path that climbs out or is absolute, a link, a duplicate, too much;
 * unavailable where the disk is too small
 */
export async function readZip(path: string, to: string, { first, firstBytes, check }: ReadZipOptions): Promise<void> {
  const zip = await yauzl
    .openPromise(path, { lazyEntries: true, strictFileNames: true, validateEntrySizes: true, autoClose: false })
    .catch((error: unknown) => refuse(path, error))
  try {
    const entries = await entriesOf(zip, path)
    const listing = new Map([...entries].map(([name, { uncompressedSize }]) => [name, uncompressedSize]))
    await checkTotal(listing, path, to)
    const unpack = async (entry: Entry): Promise<void> => {
      const target = join(to, entry.fileName)
      await mkdir(dirname(target), { recursive: true })
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target, { flags: 'wx' }))
    }
    const head = entries.get(first)
    if (head !== undefined && head.uncompressedSize > firstBytes)
      throw badData(`The entry ${first} has ${head.uncompressedSize} bytes; it has fewer than ${firstBytes}.`, path)
    if (head !== undefined) await unpack(head)
    await check(listing)
    for (const [name, entry] of entries) if (name !== first) await unpack(entry)
  } catch (error) {
    refuse(path, error)
  } finally {
    zip.close()
  }
}

/** The plain files of an archive, each checked by itself. */
async function entriesOf(zip: ZipFileReader, path: string): Promise<Map<string, Entry>> {
  if (zip.entryCount > MAX_FILES) throw badData(`It has ${zip.entryCount} entries; a bundle has fewer than ${MAX_FILES}.`, path)
  const entries = new Map<string, Entry>()
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileName
    if (name.endsWith('/')) continue
    checkEntryName(name, path)
    const kind = (entry.externalFileAttributes >>> 16) & 0o170000
    if (kind !== 0 && kind !== 0o100000) throw badData(`The entry ${name} is no plain file.`, path)
    if (entries.has(name)) throw badData(`The entry ${name} occurs twice.`, path)
    if (entry.uncompressedSize > mostOf(entry.compressedSize))
      throw badData(`The entry ${name} claims to become ${entry.uncompressedSize} bytes from ${entry.compressedSize}.`, path)
    entries.set(name, entry)
  }
  return entries
}

/** All entries together: entries that share their packed bytes are each plausible by themselves. */
async function checkTotal(listing: ZipListing, path: string, to: string): Promise<void> {
  const { size } = await stat(path)
  const total = [...listing.values()].reduce((sum, bytes) => sum + bytes, 0)
  if (total > mostOf(size)) throw badData(`Its entries claim to become ${total} bytes from an archive of ${size}.`, path)
  const room = await freeSpaceAt(to)
  if (total > room) throw unavailable(`Unpacked it has ${megabytes(total)}; the disk of the workspace has ${megabytes(room)} free.`, path)
}

const mostOf = (packed: number): number => 4096 + MAX_RATIO * packed
const megabytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MB`

/** A name may only lead down, in plain parts. @throws PylonError bad-data */
export function checkEntryName(name: string, place: string): void {
  const parts = name.split('/')
  const climbs =
    name.startsWith('/') ||
    name.includes('\\') ||
    name.includes('\0') ||
    /^[a-z]:/i.test(name) ||
    parts.some((part) => part === '' || part === '.' || part === '..')
  if (climbs) throw badData(`The path "${name}" leads out of the bundle: it is refused.`, place)
}

function refuse(path: string, error: unknown): never {
  if (error instanceof PylonError) throw error
  const { message, code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') throw notFound('There is no such file.', path, { cause: error })
  if (code === 'EISDIR') throw badInput('This is a folder: give the .zip file.', path, { cause: error })
  if (/invalid relative path|absolute path|invalid characters in fileName/i.test(message))
    throw badData(`A path in it leads out of the bundle (${message}): it is refused.`, path, { cause: error })
  throw badData(`It is no whole .zip (${message}): get it again.`, path, { cause: error })
}
