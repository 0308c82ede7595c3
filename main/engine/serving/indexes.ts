/**
 * Where the ANN indexes of a run lie: its own beside its vectors, others under `indexes/`, each with a file that says how it was built
 * and which typed-in items were added. Keys of catalogue items are their indices; added items have keys from the catalogue's size on.
 */
import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { badData } from '../../contract/errors.ts'
import { BUILT_IN_INDEX, annCurveSchema, type AnnCurve, type IndexInfo } from '../../contract/shapes/ann.ts'
import type { Artefact } from '../../contract/shapes/artefact.ts'
import { AnnIndex, estimateBytes } from '../ann/usearch.ts'
import { readSidecar } from '../ann/sidecar.ts'
import { valueIfAbsent } from '../files/error-code.ts'
import { tryParseJson, readJsonFile, writeJsonFile } from '../files/json-file.ts'
import { ANN_CURVE_FILE, INDEXES, optionalRunFile, type RecordedFiles, RUN_FILES } from '../model/run-files.ts'

const SUFFIX = '.index'

const addedSchema = z.strictObject({
  key: z.int(),
  id: z.string(),
  title: z.string().nullable(),
  /** as they were typed in, to embed it again */
  features: z.record(z.string(), z.unknown()),
  addedAt: z.string(),
})
export type AddedItem = z.infer<typeof addedSchema>

const aboutSchema = z.strictObject({
  version: z.literal(1),
  buildSeconds: z.number().nullable(),
  builtAt: z.string().nullable(),
  added: z.array(addedSchema),
})
export type IndexAbout = z.infer<typeof aboutSchema>

const NOTHING_KNOWN: IndexAbout = { version: 1, buildSeconds: null, builtAt: null, added: [] }

/** The file of a run's index, in its folder. The contract lets no name leave it. */
export function indexFile(name: string): string {
  return name === BUILT_IN_INDEX ? RUN_FILES.index : `${INDEXES}/${name}${SUFFIX}`
}

const sidecarFile = (name: string): string => `${indexFile(name)}.json`
const aboutFile = (name: string): string => `${indexFile(name)}.about.json`

/** All files of an index beside the run's own. */
export const indexFiles = (name: string): string[] => [sidecarFile(name), indexFile(name), aboutFile(name)]

/**
 * The path of an index that is what was written, and its description too.
 * @throws PylonError not-found, bad-data
 */
export async function indexPath(run: RecordedFiles, name: string): Promise<string> {
  await optionalRunFile(run, sidecarFile(name))
  return (await optionalRunFile(run, indexFile(name))) ?? join(run.runFolder, indexFile(name))
}

/** Names of a run's indexes, its own first; none where the model has none. */
export async function indexNames(runFolder: string): Promise<string[]> {
  const others = await readdir(join(runFolder, INDEXES)).catch(valueIfAbsent([]))
  const names = others.filter((file) => file.endsWith(SUFFIX)).map((file) => file.slice(0, -SUFFIX.length))
  return [...(existsSync(join(runFolder, indexFile(BUILT_IN_INDEX))) ? [BUILT_IN_INDEX] : []), ...names.sort()]
}

/** How an index was built and what was added; nothing for the run's own. @throws PylonError bad-data where the file is broken */
export async function readAbout(run: RecordedFiles, name: string): Promise<IndexAbout> {
  const path = await optionalRunFile(run, aboutFile(name))
  if (path === null) return NOTHING_KNOWN
  const parsed = aboutSchema.safeParse(tryParseJson(await readFile(path, 'utf8')))
  if (!parsed.success) throw badData('It does not describe an index: build the index again.', path)
  return parsed.data
}

async function writeAbout(runFolder: string, name: string, about: IndexAbout): Promise<Artefact> {
  const path = aboutFile(name)
  return { path, ...(await writeJsonFile(join(runFolder, path), about)) }
}

/** The workspace's records of a run's files. */
export interface FileRecorder {
  /** before files are written anew, so that a crash before they are recorded leaves none that is refused as damaged */
  readonly forget: (files: readonly string[]) => void
  readonly wrote: (file: Artefact) => void
}

/** Writes an index with its description and what is known of it, and gives each file to `wrote`, to be recorded. */
export async function writeIndexFiles(
  runFolder: string,
  name: string,
  { index, about }: { readonly index: AnnIndex; readonly about: IndexAbout },
  wrote: (file: Artefact) => void,
): Promise<void> {
  const [file, sidecar] = await index.save(join(runFolder, indexFile(name)))
  wrote({ path: indexFile(name), bytes: file.bytes, sha256: file.sha256 })
  wrote({ path: sidecarFile(name), bytes: sidecar.bytes, sha256: sidecar.sha256 })
  wrote(await writeAbout(runFolder, name, about))
}

/** What a page shows of an index. @throws PylonError not-found, bad-data */
export async function showIndex(run: RecordedFiles, name: string, items: number): Promise<IndexInfo> {
  await optionalRunFile(run, sidecarFile(name))
  const { metric, dim, spec, count, bytes } = await readSidecar(join(run.runFolder, indexFile(name)), { check: false })
  const { buildSeconds, builtAt, added } = await readAbout(run, name)
  return {
    name,
    metric,
    dim,
    spec,
    count,
    removed: items + added.length - count,
    added: added.map(({ id, title, addedAt }) => ({ id, title, addedAt })),
    bytes,
    memoryBytes: estimateBytes({ dim, spec, count }),
    buildSeconds,
    builtAt,
  }
}

/** Deletes an index beside the run's own; fine where a part of it is gone already. */
export async function dropIndex(runFolder: string, name: string): Promise<void> {
  for (const file of indexFiles(name)) await rm(join(runFolder, file), { force: true })
}

/**
 * Changes an index on disk: read whole, changed by `change`, written anew. The list of added items is written before what grows and
 * after what shrinks, so that a crash in between leaves no key without its item.
 * @param records hear which files are about to be written, and of each as soon as it is
 * @throws PylonError not-found, bad-data, and whatever `change` throws (then nothing has changed)
 */
export async function changeIndex(
  run: RecordedFiles,
  name: string,
  change: (index: AnnIndex, about: IndexAbout) => Promise<IndexAbout> | IndexAbout,
  { forget, wrote }: FileRecorder,
): Promise<void> {
  const before = await readAbout(run, name)
  const index = await AnnIndex.load(await indexPath(run, name))
  try {
    const after = await change(index, before)
    forget(indexFiles(name))
    if (after.added.length > before.added.length) wrote(await writeAbout(run.runFolder, name, after))
    await writeIndexFiles(run.runFolder, name, { index, about: after }, wrote)
  } finally {
    index.dispose()
  }
}

/** Keeps the curve that was measured last. @returns the file, to be recorded */
export async function writeAnnCurve(runFolder: string, curve: AnnCurve): Promise<Artefact> {
  return { path: ANN_CURVE_FILE, ...(await writeJsonFile(join(runFolder, ANN_CURVE_FILE), curve)) }
}

/** The curve that was measured last; null where there is none, or one of another version. */
export async function readAnnCurve(run: RecordedFiles): Promise<AnnCurve | null> {
  const path = await optionalRunFile(run, ANN_CURVE_FILE)
  return path === null ? null : readJsonFile(path, annCurveSchema)
}
