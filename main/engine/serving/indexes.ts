/**
 * Where the ANN indexes of a run lie: its own beside its vectors, others under `indexes/`, each with a file that says how it was built
 * and which typed-in items were added. Keys of catalogue items are their indices; added items have keys from the catalogue's size on.
 */
import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { PylonError } from '../../contract/errors.ts'
import { OWN_INDEX, curveSchema, type Curve, type IndexShow } from '../../contract/shapes/ann.ts'
import { AnnIndex, estimateBytes } from '../ann/usearch.ts'
import { readSidecar } from '../ann/sidecar.ts'
import { absentAs } from '../files/error-code.ts'
import { parsedJson, readKept, writeKept } from '../files/kept.ts'
import { RUN_FILES } from './run-files.ts'

const FOLDER = 'indexes'
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

/** The file of a run's index. The contract lets no name leave the folder. */
export function indexPath(runFolder: string, name: string): string {
  return name === OWN_INDEX ? join(runFolder, RUN_FILES.index) : join(runFolder, FOLDER, `${name}${SUFFIX}`)
}

const aboutPath = (runFolder: string, name: string): string => `${indexPath(runFolder, name)}.about.json`

/** Names of a run's indexes, its own first; none where the model has none. */
export async function indexNames(runFolder: string): Promise<string[]> {
  const others = await readdir(join(runFolder, FOLDER)).catch(absentAs([]))
  const names = others.filter((file) => file.endsWith(SUFFIX)).map((file) => file.slice(0, -SUFFIX.length))
  return [...(existsSync(indexPath(runFolder, OWN_INDEX)) ? [OWN_INDEX] : []), ...names.sort()]
}

/** How an index was built and what was added; nothing for the run's own. @throws PylonError bad-data where the file is broken */
export async function readAbout(runFolder: string, name: string): Promise<IndexAbout> {
  const path = aboutPath(runFolder, name)
  const text = await readFile(path, 'utf8').catch(absentAs(null))
  if (text === null) return NOTHING_KNOWN
  const parsed = aboutSchema.safeParse(parsedJson(text))
  if (!parsed.success) throw new PylonError('bad-data', 'It does not describe an index: build the index again.', path)
  return parsed.data
}

export function writeAbout(runFolder: string, name: string, about: IndexAbout): Promise<void> {
  return writeKept(aboutPath(runFolder, name), about)
}

/** What a page shows of an index. @throws PylonError not-found, bad-data */
export async function showIndex(runFolder: string, name: string, items: number): Promise<IndexShow> {
  const path = indexPath(runFolder, name)
  const { metric, dim, spec, count, bytes } = await readSidecar(path, { check: false })
  const { buildSeconds, builtAt, added } = await readAbout(runFolder, name)
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
  const path = indexPath(runFolder, name)
  for (const file of [`${path}.json`, path, aboutPath(runFolder, name)]) await rm(file, { force: true })
}

/**
 * Changes an index on disk: read whole, changed by `change`, written anew. The list of added items is written before what grows and
 * after what shrinks, so that a crash in between leaves no key without its item.
 * @throws PylonError not-found, bad-data, and whatever `change` throws (then nothing has changed)
 */
export async function changeIndex(
  runFolder: string,
  name: string,
  change: (index: AnnIndex, about: IndexAbout) => Promise<IndexAbout> | IndexAbout,
): Promise<void> {
  const path = indexPath(runFolder, name)
  const before = await readAbout(runFolder, name)
  const index = await AnnIndex.load(path)
  try {
    const after = await change(index, before)
    if (after.added.length > before.added.length) await writeAbout(runFolder, name, after)
    await index.save(path)
    await writeAbout(runFolder, name, after)
  } finally {
    index.dispose()
  }
}

const curvePath = (runFolder: string): string => join(runFolder, FOLDER, 'curve.json')

/** Keeps the curve that was measured last. */
export function writeCurve(runFolder: string, curve: Curve): Promise<void> {
  return writeKept(curvePath(runFolder), curve)
}

/** The curve that was measured last; null where there is none, or one of another version. */
export function readCurve(runFolder: string): Promise<Curve | null> {
  return readKept(curvePath(runFolder), curveSchema)
}
