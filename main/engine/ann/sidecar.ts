/**
 * The description beside an index file, FILE.json: what it is an index of, and the checksum of FILE. It is written last, so that an
 * index without a fitting description is one whose writing was cut short; it is refused, and built again from the vectors.
 */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { badData, notFound, PylonError } from '../../contract/errors.ts'
import { indexSchema, metricSchema } from '../../contract/shapes/spec.ts'
import { sha256File, writeFileAtomic } from '../files/atomic.ts'
import { errorCode } from '../files/error-code.ts'
import { tryParseJson } from '../files/json-file.ts'
import { checksumOf, changedFileError } from '../files/verified.ts'

const sidecarSchema = z.strictObject({
  version: z.literal(1),
  dim: z.int().min(1),
  metric: metricSchema,
  spec: indexSchema,
  /** items that can be found */
  count: z.int().min(0),
  /** of the index file */
  bytes: z.int().min(0),
  sha256: z.string(),
})
export type Sidecar = z.infer<typeof sidecarSchema>

/** A written file. */
export interface IndexFile {
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

/** Writes the description of the index at `path`. */
export async function writeSidecar(path: string, sidecar: Sidecar): Promise<IndexFile> {
  await writeFileAtomic(`${path}.json`, `${JSON.stringify(sidecar, null, 2)}\n`)
  return { path: `${path}.json`, ...(await sha256File(`${path}.json`)) }
}

/**
 * Reads the description of the index at `path` and checks the file against it.
 * @param options check: false where the description alone is wanted: reading the file for its checksum takes as long as loading it
 * @throws PylonError not-found where one of the two is missing; bad-data where they do not fit
 */
export async function readSidecar(path: string, { check = true }: { check?: boolean } = {}): Promise<Sidecar> {
  const file = check ? await checksumOf(path) : null
  const text = await readFile(`${path}.json`, 'utf8').catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error
    throw notFound('The description of the index is missing: build it again.', `${path}.json`)
  })
  const parsed = sidecarSchema.safeParse(tryParseJson(text))
  if (!parsed.success) throw brokenIndex(`${path}.json`, 'is not the description of an index')
  if (file !== null && (parsed.data.bytes !== file.bytes || parsed.data.sha256 !== file.sha256))
    throw changedFileError(path, parsed.data, file, 'Build the index again: pylon index --replace.')
  return parsed.data
}

/** An index that cannot be used, and what to do. */
export function brokenIndex(path: string, what: string): PylonError {
  return badData(`The file ${what}: build the index again.`, path)
}
