/** Archives made by yazl, from files given as text or bytes. */
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { ZipFile } from 'yazl'

/** Writes an archive of entries into a folder. */
export async function zipOf(folder: string, name: string, files: Record<string, string | Uint8Array>): Promise<void> {
  const zip = new ZipFile()
  for (const [entry, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), entry)
  zip.end()
  await pipeline(zip.outputStream, createWriteStream(join(folder, name)))
}
