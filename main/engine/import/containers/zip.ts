/** Archives of tables: what a .zip holds, and one entry of it as a stream. */
import { Readable } from 'node:stream'
import yauzl, { type Entry, type ZipFile } from 'yauzl'
import { badData, badInput, PylonError } from '../../../contract/errors.ts'
import { didYouMean, listNames } from '../../../contract/did-you-mean.ts'

/** Entries of an archive that are looked at. */
const MAX_ENTRIES = 10_000

/** An archive that is open. */
export interface OpenZip {
  /** plain files, by their path in the archive */
  readonly entries: ReadonlyMap<string, Entry>
  stream(name: string): Promise<Readable>
}

/** Opens an archive while `use` works. @throws PylonError bad-data for one that is not whole, or too large */
export async function withZip<T>(path: string, shown: string, use: (zip: OpenZip) => Promise<T>): Promise<T> {
  let zip: ZipFile | null = null
  try {
    const opened = (zip = await yauzl.openPromise(path, { lazyEntries: true, validateEntrySizes: true, autoClose: false }))
    if (opened.entryCount > MAX_ENTRIES) throw badData(`It has ${opened.entryCount} entries; unpack it and pass the folder.`, shown)
    const entries = new Map<string, Entry>()
    for await (const entry of opened.eachEntry()) if (!entry.fileName.endsWith('/')) entries.set(entry.fileName, entry)
    return await use({
      entries,
      stream: async (name) => {
        const entry = entries.get(name)!
        if (entry.isEncrypted()) throw badData('This archive has a password; unpack it and pass the folder.', shown)
        return opened.openReadStreamPromise(entry)
      },
    })
  } catch (error) {
    if (error instanceof PylonError) throw error
    throw badData(`This is no whole .zip (${(error as Error).message}); get it again.`, shown, { cause: error })
  } finally {
    zip?.close()
  }
}

const NO_TABLE =
  /(^|\/)(\.|_|__MACOSX\/|readme|licen[cs]e|changelog|copying|notice)|\.(md|pdf|png|jpe?g|gif|html?|py|ipynb|sh|pl|docx?|xml)$/i

/** The entries that may be tables. */
export const tablesInZip = (zip: OpenZip): string[] => [...zip.entries.keys()].filter((name) => !NO_TABLE.test(name)).sort()

/** The entry that is meant: the one named, or the only table. @throws PylonError bad-input naming what there is */
export function entryOf(zip: OpenZip, wanted: string | undefined, path: string): string {
  const tables = tablesInZip(zip)
  if (wanted !== undefined && zip.entries.has(wanted)) return wanted
  if (wanted === undefined && tables.length === 1) return tables[0]!
  if (tables.length === 0) throw badInput('There is no table in this archive.', path)
  const what =
    wanted === undefined ? 'This archive holds several tables' : `There is no "${wanted}" in this archive; ${didYouMean(wanted, tables)}`
  throw badInput(`${what.replace(/; $/, '')}. Say which, as FILE.zip#ENTRY; there are ${listNames(tables)}.`, path)
}
