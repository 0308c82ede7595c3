/** An archive at its place: whole, or not there. */
import { link, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { conflict } from '../../../contract/errors.ts'
import type { Artefact } from '../../../contract/shapes/artefact.ts'
import { sha256File, syncFolder, temporaryPathFor } from '../../files/atomic.ts'
import { errorCode } from '../../files/error-code.ts'
import { writeZip } from './zip.ts'

/** Packs files of a finished folder beside `out`, a new name, and moves the archive to its place. @throws PylonError conflict */
export async function packed(part: string, names: readonly string[], out: string): Promise<Artefact> {
  const archive = temporaryPathFor(out)
  try {
    await writeZip(part, names, archive)
    const facts = await sha256File(archive)
    await link(archive, out).catch((error: unknown) => {
      throw conflict(`${out} can no longer be written (${errorCode(error)}): give a new name.`, 'out', { cause: error })
    })
    await syncFolder(dirname(out))
    return { path: basename(out), ...facts }
  } finally {
    await rm(archive, { force: true })
  }
}
