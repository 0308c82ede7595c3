/**
 * A bundle as what changed since another one, and back: what is put together is the new bundle to the bit, and is checked as every bundle is
 * when it is opened. So user and item vectors are of one version, whatever was sent. A run that was trained again has other vectors for
 * every item; a delta pays where most are the same: new or changed items under the same towers, other settings of an index, other metadata.
 */
import { createHash, hash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, open, readFile, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { badData, conflict, unavailable } from '../../../contract/errors.ts'
import type { Artefact } from '../../../contract/shapes/artefact.ts'
import type { BundleManifest } from '../../../contract/shapes/bundle.ts'
import {
  type BundleDelta,
  bundleDeltaSchema,
  DELTA_FORMAT,
  DELTA_VERSION,
  type ItemChanges,
} from '../../../contract/shapes/bundle-delta.ts'
import type { Stage } from '../../../contract/shapes/progress.ts'
import { sha256File, writeFileAtomic } from '../../files/atomic.ts'
import { readFully, writeFully } from '../../files/bytes.ts'
import { freeSpaceAt } from '../../files/disk-space.ts'
import { parseJson } from '../../files/json-file.ts'
import { readNpy } from '../../files/npy.ts'
import { piecesOf } from '../../files/pieces.ts'
import { RUN_FILES } from '../../model/run-files.ts'
import { readIds } from '../../model/run-vectors.ts'
import { BUNDLE_FILES } from './bundle-files.ts'
import type { OpenBundle } from './read-bundle.ts'
import { checkEntryName, readZip } from './zip.ts'

export const DELTA_FILES = { manifest: 'delta.json', data: 'data.bin' } as const
/** Of delta.json: each second row of a million changed takes some 20 MB. */
const MAX_MANIFEST_BYTES = 64 << 20
/** Bytes copied at once. */
const BLOCK = 1 << 20
/** Pieces written at once: about a megabyte. */
const HELD = 2048

type Piece = BundleDelta['files'][number]['pieces'][number]

/** Fills a new folder with the delta from one checked bundle to another. */
export async function* writeDelta(from: OpenBundle, to: OpenBundle, folder: string, pylon: string): Stage<BundleDelta> {
  const names = new Set((await filesOf(from)).map(({ path }) => path))
  const files: BundleDelta['files'] = []
  const data = await open(join(folder, DELTA_FILES.data), 'wx')
  let dataBytes = 0
  // pieces are views of what is read next: copied, and written many at once
  const held: Buffer[] = []
  const write = async (): Promise<void> => writeFully(data, Buffer.concat(held.splice(0)))
  const listed = await filesOf(to)
  const total = listed.reduce((sum, { bytes }) => sum + bytes, 0)
  let done = 0
  try {
    for (const { path, bytes, sha256 } of listed) {
      yield { stage: 'compare files', done, total, unit: 'bytes', note: path }
      const known = names.has(path) ? await knownPieces(join(from.folder, path)) : new Map<string, number>()
      const pieces: Piece[] = []
      for await (const { bytes: piece } of piecesOf(join(to.folder, path))) {
        const there = known.get(keyOf(piece))
        if (there === undefined) {
          append(pieces, [1, dataBytes, piece.length])
          dataBytes += piece.length
          if (held.push(Buffer.from(piece)) === HELD) await write()
        } else append(pieces, [0, there, piece.length])
      }
      files.push({ path, bytes, sha256, pieces })
      done += bytes
    }
    await write()
  } finally {
    await data.close()
  }
  const delta: BundleDelta = {
    format: DELTA_FORMAT,
    version: DELTA_VERSION,
    pylon,
    from: { ...versionOf(from.manifest), manifest: await manifestSum(from) },
    to: versionOf(to.manifest),
    items: await itemChanges(from, to),
    dataBytes,
    files,
  }
  await writeFileAtomic(join(folder, DELTA_FILES.manifest), JSON.stringify(delta))
  return delta
}

/**
 * Puts the new bundle together in a new folder.
 * @param temp gets what the delta unpacks to
 * @throws PylonError conflict where it is of another bundle than `base`; bad-data naming what is damaged or leads elsewhere; unavailable where the
 * disk is too small
 */
export async function* applyDelta(path: string, base: OpenBundle, folder: string, temp: string): Stage<BundleDelta> {
  await readZip(path, temp, {
    first: DELTA_FILES.manifest,
    firstBytes: MAX_MANIFEST_BYTES,
    check: async (listing) => {
      const { dataBytes } = await readDelta(temp, path)
      for (const [name, bytes] of listing)
        if (name !== DELTA_FILES.manifest && (name !== DELTA_FILES.data || bytes !== dataBytes))
          throw badData(`${name} is not what its ${DELTA_FILES.manifest} says: get the delta again.`, path)
    },
  })
  const delta = await readDelta(temp, path)
  if (delta.from.manifest !== (await manifestSum(base)))
    throw conflict(
      `It is a delta from run ${delta.from.id} (${delta.from.name}), as bundled at ${delta.from.createdAt}, and this bundle is of run ${base.manifest.run.id}, made at ${base.manifest.createdAt}: apply it to the bundle that it was made from.`,
      'onto',
    )
  const total = delta.files.reduce((sum, { bytes }) => sum + bytes, 0)
  const room = await freeSpaceAt(dirname(folder))
  if (total > room)
    throw unavailable(`The new bundle has ${Math.ceil(total / 2 ** 20)} MB, and the disk ${Math.floor(room / 2 ** 20)} MB of room.`, folder)
  const data = await open(join(temp, DELTA_FILES.data)).catch((error: unknown) => {
    throw badData(`It has no ${DELTA_FILES.data}: get the delta again.`, path, { cause: error })
  })
  let done = 0
  try {
    for (const file of delta.files) {
      yield { stage: 'put files together', done, total, unit: 'bytes', note: file.path }
      await assemble(file, { old: join(base.folder, file.path), data, to: join(folder, file.path), place: path })
      done += file.bytes
    }
  } finally {
    await data.close()
  }
  return delta
}

async function readDelta(folder: string, path: string): Promise<BundleDelta> {
  const text = await readFile(join(folder, DELTA_FILES.manifest), 'utf8').catch((error: unknown) => {
    throw badData(`It has no ${DELTA_FILES.manifest}: it is no delta of Pylon. A bundle is used as it is.`, path, { cause: error })
  })
  const value = parseJson(text, path) as { format?: unknown; version?: unknown } | null
  if (value?.format === DELTA_FORMAT && typeof value.version === 'number' && value.version > DELTA_VERSION)
    throw badData(`It is of version ${value.version}, and this Pylon reads up to ${DELTA_VERSION}: use a newer Pylon.`, path)
  const parsed = bundleDeltaSchema.safeParse(value)
  if (!parsed.success) throw badData(`${DELTA_FILES.manifest} does not fit its schema. ${z.prettifyError(parsed.error)}`, path)
  const seen = new Set<string>()
  for (const { path: name, bytes, pieces } of parsed.data.files) {
    checkEntryName(name, path)
    if (seen.has(name)) throw badData(`${name} is in it twice.`, path)
    seen.add(name)
    if (pieces.reduce((sum, [, , length]) => sum + length, 0) !== bytes)
      throw badData(`The pieces of ${name} are not its ${bytes} bytes.`, path)
  }
  return parsed.data
}

interface Place {
  readonly old: string
  readonly data: FileHandle
  readonly to: string
  /** of errors: the delta */
  readonly place: string
}

async function assemble({ path, sha256, pieces }: BundleDelta['files'][number], { old, data, to, place }: Place): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  const out = await open(to, 'wx')
  const needsOld = pieces.some(([source]) => source === 0)
  const base = needsOld ? await open(old).catch(() => null) : null
  const sum = createHash('sha256')
  const buffer = Buffer.allocUnsafe(BLOCK)
  try {
    if (needsOld && base === null) throw badData(`It takes pieces of ${path}, which the bundle it is applied to does not have.`, place)
    for (const [source, offset, length] of pieces) {
      for (let at = 0; at < length; at += BLOCK) {
        const some = buffer.subarray(0, Math.min(BLOCK, length - at))
        if (!(await readFully(source === 0 ? base! : data, some, offset + at)))
          throw badData(`A piece of ${path} is beyond the end of what it is taken from: get the delta again.`, place)
        sum.update(some)
        await writeFully(out, some)
      }
    }
  } finally {
    await base?.close()
    await out.close()
  }
  if (sum.digest('hex') !== sha256) throw badData(`What became of ${path} is not what was bundled: get the delta again.`, place)
}

async function knownPieces(path: string): Promise<Map<string, number>> {
  const known = new Map<string, number>()
  for await (const { offset, bytes } of piecesOf(path)) {
    const key = keyOf(bytes)
    if (!known.has(key)) known.set(key, offset)
  }
  return known
}

const keyOf = (bytes: Buffer): string => hash('sha256', bytes, 'base64')

/** One more piece, or a longer last one. */
function append(pieces: Piece[], [source, offset, length]: Piece): void {
  const last = pieces.at(-1)
  if (last?.[0] === source && last[1] + last[2] === offset) last[2] += length
  else pieces.push([source, offset, length])
}

const versionOf = ({ run: { id, name }, createdAt }: BundleManifest): BundleDelta['to'] => ({ id, name, createdAt })

/** All files of a checked bundle by path, as its manifest has them: only what the manifest does not list is hashed. */
async function filesOf({ folder, manifest }: OpenBundle): Promise<Artefact[]> {
  const own = [BUNDLE_FILES.manifest, BUNDLE_FILES.checksums].filter((path) => existsSync(join(folder, path)))
  const hashed = await Promise.all(own.map(async (path) => ({ path, ...(await sha256File(join(folder, path))) })))
  return [...manifest.files, ...hashed].sort((a, b) => (a.path < b.path ? -1 : 1))
}

const manifestSum = async ({ folder }: OpenBundle): Promise<string> => (await sha256File(join(folder, BUNDLE_FILES.manifest))).sha256

/** By ids, and by the bits of their vectors. */
async function itemChanges(from: OpenBundle, to: OpenBundle): Promise<ItemChanges> {
  const [before, now] = [await itemsOf(from), await itemsOf(to)]
  let [added, changed] = [0, 0]
  for (const [id, row] of now.rows) {
    const old = before.rows.get(id)
    if (old === undefined) added++
    else if (Buffer.compare(before.vector(old), now.vector(row)) !== 0) changed++
  }
  return { items: now.rows.size, added, changed, removed: before.rows.size + added - now.rows.size }
}

async function itemsOf({ folder }: OpenBundle): Promise<{ rows: Map<string, number>; vector: (row: number) => Buffer }> {
  const { data, shape } = await readNpy(join(folder, 'run', RUN_FILES.itemVectors))
  const ids = await readIds(join(folder, 'run', RUN_FILES.itemIds))
  const bytes = data.BYTES_PER_ELEMENT * shape.slice(1).reduce((a, b) => a * b, 1)
  return {
    rows: new Map(ids.map((id, row) => [id, row])),
    vector: (row) => Buffer.from(data.buffer, data.byteOffset + row * bytes, bytes),
  }
}
