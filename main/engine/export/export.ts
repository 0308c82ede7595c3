/**
 * Exports are verified copies of what the run wrote when it finished: each file is hashed while it is copied and compared with the
 * checksum the store has, so that what leaves is what was measured. Written beside `out` and renamed: it is there whole or not.
 */
import { createHash } from 'node:crypto'
import { open, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { badData, badInput, notFound } from '../../contract/errors.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import type { Artefact } from '../../contract/shapes/artefact.ts'
import type { ExportFormat } from '../../contract/shapes/export.ts'
import { temporaryPathFor, writeFileAtomic } from '../files/atomic.ts'
import { makeFolders } from '../files/error-code.ts'
import { withFile, writeFully } from '../files/bytes.ts'
import { readNpyHeader } from '../files/npy.ts'
import { changedFileError } from '../files/verified.ts'
import { listFiles } from './bundle/write-bundle.ts'
import { packed } from './bundle/packed.ts'
import { filesOf, formatOf, INPUT_FOLDER, readsTowers } from './formats.ts'
import { alignment, type AlignTo, alignmentWords, turnVectors, writeAlignment } from './align.ts'
import { checkExportFolder, settle } from './export-folder.ts'
import { hubMetadata, hubSections } from './hub-card.ts'
import { int8Words } from './int8/write-int8.ts'
import { narrowVectors, widthWords } from './narrow.ts'
import { ROWS_OF, checksums, readme } from './readme.ts'
import type { ExportSource } from './source.ts'
import { BLEND_WORDS } from './words.ts'
import { METRIC_FILE, metricFacts, rankingOf } from './ranking.ts'

/** Bytes copied between two progress reports. */
const SLICE = 8 * 1024 * 1024

export interface ExportOptions {
  readonly format: ExportFormat
  readonly runFolder: string
  /** the finished run's artefacts as the store has them; paths relative to `runFolder` */
  readonly artefacts: readonly Artefact[]
  /** new or empty; for a bundle also a new file whose name ends with .zip */
  readonly out: string
  /** what the formats that make something of the run need besides its files */
  readonly source?: Omit<ExportSource, 'folder' | 'runFolder' | 'ranking' | 'rotation'>
  /** a run that vectors are rotated onto */
  readonly alignTo?: AlignTo | undefined
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
export async function* exportRun(options: ExportOptions): Stage<Exported> {
  const { format, runFolder, artefacts, guarded = [dirname(runFolder)], source } = options
  const out = await checkExportFolder(options.out, guarded)
  const row = formatOf(format)
  const isZip = out.toLowerCase().endsWith('.zip')
  if (isZip && row.zip !== true) throw badInput(`${format} is written into a folder: give one that is new or empty.`, 'out')
  const wanted = (source === undefined ? row.files : filesOf(format, source.run)).map((path) => recorded(path, format, artefacts))
  const part = temporaryPathFor(out)
  try {
    const into = row.into === undefined ? part : join(part, row.into)
    makeFolders(into, 0o777)
    yield* copyAll(runFolder, into, wanted)
    await checkRows(into, wanted)
    if (source?.dim !== undefined) await narrowVectors(into, source.dim, source.run)
    const aligned =
      options.alignTo === undefined ? null : yield* alignment(rotatedRun(options, needed(source)), options.alignTo, needed(source).threads)
    if (aligned !== null) {
      await turnVectors(into, row.files, aligned.rotation)
      await writeAlignment(part, aligned.rotation, aligned.facts)
    }
    const ranking =
      row.ranks === true ? await rankingOf(needed(source).run, source?.dim === undefined ? runFolder : into, needed(source).threads) : null
    if (ranking !== null) await writeFileAtomic(join(part, METRIC_FILE), `${JSON.stringify(metricFacts(ranking))}\n`)
    if (row.write !== undefined)
      yield* row.write({ ...needed(source), folder: part, runFolder: into, ranking, rotation: aligned?.rotation })
    if (row.into === INPUT_FOLDER) await rm(into, { recursive: true })
    const ownWords = source?.run.spec.model === 'blend' && readsTowers(row) ? BLEND_WORDS : []
    if (row.readme !== undefined) {
      const widths = source?.dim === undefined ? [] : widthWords(source.dim, source.run)
      const words = [
        ...row.readme,
        ...widths,
        ...(aligned === null ? [] : alignmentWords(aligned.facts, format)),
        ...ownWords,
        ...(source?.int8 === true ? await int8Words(part) : []),
      ]
      await writeFileAtomic(join(part, 'README.md'), readme(format, words, await listFiles(part), ranking, cardOf(row.hub, source)))
      await writeFileAtomic(join(part, 'SHA256SUMS'), checksums(await listFiles(part)))
    }
    const files = await listFiles(part)
    if (isZip) {
      const paths = files.map(({ path }) => path)
      return { out, files: [await packed(part, paths, out)] }
    }
    await settle(part, out)
    return { out, files }
  } finally {
    await rm(part, { recursive: true, force: true })
  }
}

/** The run as its own files have it. */
const rotatedRun = (
  { runFolder, artefacts }: ExportOptions,
  { run, datasetFolder, datasetRecord }: NonNullable<ExportOptions['source']>,
) => ({
  run: run.run,
  spec: run.spec,
  runFolder,
  fileRecords: artefacts,
  datasetFolder,
  datasetRecord,
})

/** What makes README.md a model card, in a format that is one. */
const cardOf = (hub: string | undefined, source: ExportOptions['source']) =>
  hub === undefined || source === undefined ? undefined : { metadata: hubMetadata(hub, source.run), sections: hubSections(source.run) }

function needed(source: ExportOptions['source']): NonNullable<ExportOptions['source']> {
  if (source === undefined) throw new Error('This format needs the run and its dataset.')
  return source
}

function recorded(path: string, format: ExportFormat, artefacts: readonly Artefact[]): Artefact {
  const artefact = artefacts.find((each) => each.path === path)
  if (artefact === undefined) {
    throw notFound(`This run has no ${path}, so it cannot be exported as ${format}: choose a two-tower run that has finished.`)
  }
  return artefact
}

async function* copyAll(from: string, to: string, files: readonly Artefact[]): Stage {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  let before = 0
  for (const file of files) {
    if (file.path.includes('/')) makeFolders(dirname(join(to, file.path)), 0o777)
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
    const found = { bytes: done, sha256: hash.digest('hex') }
    if (done !== expected.bytes || found.sha256 !== expected.sha256)
      throw changedFileError(from, expected, found, 'Restore it from a backup, or train the run again.')
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
      throw badData(`${vectors} has the shape (${shape.join(', ')}), which does not fit ${list}: train the run again.`)
    }
  }
}
