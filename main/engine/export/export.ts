/**
 * Exports are verified copies of what the run wrote when it finished: each file is hashed while it is copied and compared with the
 * checksum the store has, so that what leaves is what was measured. Written beside `out` and renamed: it is there whole or not.
 */
import { createHash } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PylonError } from '../../contract/errors.ts'
import type { Progress } from '../../contract/shapes/progress.ts'
import type { Artefact } from '../../contract/shapes/run.ts'
import { besides, sha256File, syncFolder, writeFileAtomic } from '../files/atomic.ts'
import { withFile, writeFully } from '../files/bytes.ts'
import { readNpyHeader } from '../files/npy.ts'
import { checkPlace } from './place.ts'
import { FORMATS, ROWS_OF, checksums, readme, type ExportFormat } from './plan.ts'

/** Bytes copied between two progress reports. */
const SLICE = 8 * 1024 * 1024

export interface ExportOptions {
  readonly format: ExportFormat
  readonly runFolder: string
  /** the finished run's artefacts as the store has them; paths relative to `runFolder` */
  readonly artefacts: readonly Artefact[]
  /** new or empty */
  readonly out: string
  /** folders of the workspace that `out` must not be in; default: the one of the runs */
  readonly guarded?: readonly string[]
}

/** What was written, in the order it was; `out` is absolute. */
export interface Exported {
  readonly out: string
  readonly files: readonly Artefact[]
}

/**
 * Writes a run in a format.
 * @throws PylonError bad-input or conflict for `out`; not-found where the run has no such file (most-popular has no towers);
 * bad-data where a file is not what was recorded
 */
export async function* exportRun(options: ExportOptions): AsyncGenerator<Progress, Exported> {
  const { format, runFolder, artefacts, guarded = [dirname(runFolder)] } = options
  const out = await checkPlace(options.out, guarded)
  const wanted = FORMATS[format].files.map((path) => recorded(path, format, artefacts))
  const part = besides(out)
  try {
    await mkdir(part, { recursive: true })
    yield* copyAll(runFolder, part, wanted)
    await checkRows(part, wanted)
    const words = [await write(part, 'README.md', readme(format, wanted))]
    words.push(await write(part, 'SHA256SUMS', checksums([...wanted, ...words])))
    await settle(part, out)
    return { out, files: [...wanted, ...words] }
  } finally {
    await rm(part, { recursive: true, force: true })
  }
}

function recorded(path: string, format: ExportFormat, artefacts: readonly Artefact[]): Artefact {
  const artefact = artefacts.find((each) => each.path === path)
  if (artefact === undefined) {
    throw new PylonError(
      'not-found',
      `This run has no ${path}, so it cannot be exported as ${format}: choose a two-tower run that has finished.`,
    )
  }
  return artefact
}

async function* copyAll(from: string, to: string, files: readonly Artefact[]): AsyncGenerator<Progress, void> {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  let before = 0
  for (const file of files) {
    for await (const done of copyVerified(join(from, file.path), join(to, file.path), file)) {
      yield { stage: 'copy files', done: before + done, total, unit: 'bytes', note: file.path }
    }
    before += file.bytes
  }
}

/** Copies one file slice by slice and yields the bytes done. @throws PylonError not-found, or bad-data where it differs from `expected` */
async function* copyVerified(from: string, to: string, expected: Artefact): AsyncGenerator<number, void> {
  const source = await withFile(from, async () => open(from, 'r'))
  const target = await open(to, 'wx').catch(async (error: unknown) => {
    await source.close()
    throw error
  })
  try {
    const hash = createHash('sha256')
    const buffer = Buffer.allocUnsafe(Math.min(SLICE, expected.bytes + 1))
    let done = 0
    for (;;) {
      const { bytesRead } = await source.read(buffer, 0, buffer.length, done)
      if (bytesRead === 0) break
      hash.update(buffer.subarray(0, bytesRead))
      await writeFully(target, buffer.subarray(0, bytesRead))
      done += bytesRead
      yield Math.min(done, expected.bytes)
    }
    if (done !== expected.bytes || hash.digest('hex') !== expected.sha256) {
      throw new PylonError('bad-data', 'The file is not the one the run recorded when it finished: train the run again.', from)
    }
    await target.sync()
  } finally {
    await Promise.all([source.close(), target.close()])
  }
}

/** Rows and ids must be as many, or every row would be somebody else's. */
async function checkRows(folder: string, files: readonly Artefact[]): Promise<void> {
  for (const [vectors, list] of Object.entries(ROWS_OF)) {
    if (!files.some(({ path }) => path === vectors)) continue
    const { shape } = await readNpyHeader(join(folder, vectors))
    const ids = JSON.parse(await readFile(join(folder, list), 'utf8')) as unknown
    if (shape.length !== 2 || !Array.isArray(ids) || ids.length !== shape[0]) {
      throw new PylonError('bad-data', `${vectors} has the shape (${shape.join(', ')}), which does not fit ${list}: train the run again.`)
    }
  }
}

async function write(folder: string, path: string, text: string): Promise<Artefact> {
  await writeFileAtomic(join(folder, path), text)
  return { path, ...(await sha256File(join(folder, path))) }
}

/** Moves the finished folder to its place; what somebody put there meanwhile is not touched. */
async function settle(part: string, out: string): Promise<void> {
  await syncFolder(part)
  await rmdir(out).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return
    throw new PylonError('conflict', `${out} can no longer be replaced (${error.code}): give a folder that is new or empty.`, 'out', {
      cause: error,
    })
  })
  await rename(part, out)
  await syncFolder(dirname(out))
}
