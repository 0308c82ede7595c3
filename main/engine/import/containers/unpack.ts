/**
 * A file without its packing: gzip, Zstandard, bzip2 and zip, also one in another, written into the import's scratch folder as a plain
 * file. How large it becomes is known only when it is unpacked, so the free disk is the limit and is watched on the way.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { badData, PylonError, unavailable } from '../../../contract/errors.ts'
import type { Stage } from '../../../contract/shapes/progress.ts'
import { freeSpaceAt, limitBytes } from '../../files/disk-space.ts'
import { unpackBzip2 } from './bzip2.ts'
import { containerOf, type Content, type Packing } from './kinds.ts'
import { entryOf, withZip } from './zip.ts'
import { cutAtFrames } from './zstd.ts'

export interface Unpacked {
  /** a plain file: the given one, or one in the scratch folder */
  readonly path: string
  /** the name that what is inside goes by: endings may tell delimiters */
  readonly name: string
  readonly content: Content
  /** which of its tables is meant, where it holds some */
  readonly table: string | undefined
  readonly packed: boolean
}

/** Packings in each other: `a.csv.gz` in a zip is two. */
const MAX_DEPTH = 4
const JSON_NAME = /\.(jsonl|ndjson|json)$/i

let scratchFiles = 0

/**
 * Unpacks a file. @param member the entry of an archive or the table of a database that is meant
 * @throws PylonError bad-data for what is damaged or not read, bad-input where an archive holds several tables, unavailable where the
 * disk is too small
 */
export async function* unpack(path: string, member: string | undefined, scratch: string): Stage<Unpacked> {
  let [now, name, table] = [path, basename(path), member]
  for (let depth = 0; depth <= MAX_DEPTH; depth++) {
    const container = containerOf(now, path)
    if (container === 'zip' && (await isWorkbook(now, path))) return { path: now, name, content: 'xlsx', table, packed: depth > 0 }
    if (container === 'text' || container === 'json') refuseOtherName(name, path)
    if (container !== 'gzip' && container !== 'zstd' && container !== 'bzip2' && container !== 'zip') {
      const content = container === 'text' && JSON_NAME.test(name) ? 'json' : container
      return { path: now, name, content, table, packed: depth > 0 }
    }
    yield { stage: `unpack ${basename(path)}`, done: 0, total: (await stat(now)).size, unit: 'bytes' }
    const inner = container === 'zip' ? await entryName(now, table, path) : name.replace(/\.(gz|gzip|zst|zstd|bz2)$/i, '')
    const to = join(scratch, `${scratchFiles++}.plain${/^\.\w{1,8}$/.exec(extname(inner))?.[0] ?? ''}`)
    await unpackInto(container, now, inner, to, path, scratch)
    if (container === 'zip') table = undefined
    ;[now, name] = [to, basename(inner)]
  }
  throw badData('It is packed in itself too often; unpack it.', path)
}

const NAMED = /\.(parquet|pq|sqlite3?|gz|gzip|zst|zstd|bz2|zip|xlsx?|arrow|feather|ipc|pkl|pickle|h5|hdf5?|orc|avro|rar|7z|xz|npy|npz)$/i

/** Text in a file with the name of another kind is most often half a download, or its error message. */
function refuseOtherName(name: string, path: string): void {
  const ending = NAMED.exec(name)?.[0]
  if (ending !== undefined) throw badData(`This file is called ${ending}, but does not begin as such a file does; is it complete?`, path)
}

async function isWorkbook(path: string, shown: string): Promise<boolean> {
  return withZip(path, shown, async ({ entries }) => {
    if (entries.has('xl/workbook.xml')) return true
    const office = entries.has('word/document.xml') || entries.has('ppt/presentation.xml') || entries.has('xl/workbook.bin')
    if (office || (entries.has('content.xml') && entries.has('mimetype')))
      throw badData('This is an Office file, but no .xlsx, which Pylon does not read. Save the table as .xlsx or CSV.', shown)
    return false
  })
}

const entryName = (path: string, wanted: string | undefined, shown: string): Promise<string> =>
  withZip(path, shown, async (zip) => entryOf(zip, wanted, shown))

async function unpackInto(packing: Packing, from: string, entry: string, to: string, shown: string, scratch: string): Promise<void> {
  const room = await freeSpaceAt(scratch)
  const full = (): PylonError =>
    unavailable(`Unpacked it is larger than the ${Math.floor(room / 2 ** 20)} MB that the workspace's disk has free.`, shown)
  const limited = limitBytes(room, full)
  if (packing === 'zip') return withZip(from, shown, async (zip) => pipeline(await zip.stream(entry), limited, createWriteStream(to)))
  const [source, target] = [createReadStream(from), createWriteStream(to)]
  const unpacked = {
    gzip: () => pipeline(source, createGunzip(), limited, target),
    zstd: () => pipeline(source, cutAtFrames, createZstdDecompress(), limited, target),
    bzip2: () => pipeline(source, unpackBzip2, limited, target),
  }
  await unpacked[packing]().catch((error: unknown) => {
    if (error instanceof PylonError) throw error
    throw badData(`This file does not unpack as ${packing}; is it complete?`, shown, { cause: error })
  })
}
