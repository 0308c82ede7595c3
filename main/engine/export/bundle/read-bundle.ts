/**
 * Opening a bundle from elsewhere. Nothing in it is trusted before it is checked: the manifest against its schema, every file against the
 * manifest, links and strange files refused, and nothing in it is ever run as code. What is loaded after that is data: ONNX graphs are
 * not even needed, as the towers are built from the spec.
 */
import { lstat, mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { badData, badInput, notFound, PylonError } from '../../../contract/errors.ts'
import { BUNDLE_FORMAT, BUNDLE_VERSION, type BundleManifest, bundleManifestSchema, probesSchema } from '../../../contract/shapes/bundle.ts'
import type { Stage } from '../../../contract/shapes/progress.ts'
import { type Protocol, storedProtocolSchema } from '../../../contract/shapes/protocol.ts'
import { type IndexedSpec, isIndexed, specSchema } from '../../../contract/shapes/spec.ts'
import type { VerifiedBundle } from '../../../contract/verbs.ts'
import { readManifest } from '../../dataset/open.ts'
import { errorCode } from '../../files/error-code.ts'
import { parseJson, readCheckedJson } from '../../files/json-file.ts'
import { checksumOf } from '../../files/verified.ts'
import { upgradedProtocol } from '../../protocol/protocol.ts'
import { replayProbes } from '../../serving/probes.ts'
import { RUN_FILES, type RunFolders } from '../../model/run-files.ts'
import { ServedModel } from '../../serving/served.ts'
import { BUNDLE_FILES } from './bundle-files.ts'
import { checkMatch } from './write-bundle.ts'
import { checkEntryName, isZip, readZip, type ZipListing } from './zip.ts'

/** A bundle whose files are what its manifest says. */
export interface OpenBundle {
  readonly folder: string
  /** its run and dataset, every file of which was checked */
  readonly folders: RunFolders & { readonly spec: IndexedSpec }
  readonly manifest: BundleManifest
  readonly spec: IndexedSpec
  readonly protocol: Protocol
}

/** Files without which a bundle is none. */
const NEEDED = [
  ...[RUN_FILES.spec, RUN_FILES.userVectors, RUN_FILES.userIds, RUN_FILES.itemVectors].map((file) => `run/${file}`),
  ...[RUN_FILES.itemIds, RUN_FILES.index, `${RUN_FILES.index}.json`, RUN_FILES.protocol, RUN_FILES.metrics].map((file) => `run/${file}`),
  'dataset/dataset.json',
  BUNDLE_FILES.probes,
]

/**
 * Opens a folder, or a .zip by way of `temp`.
 * @throws PylonError not-found, or bad-data naming the file and the reason
 */
export async function* openBundle(path: string, temp: string): Stage<OpenBundle> {
  let folder = path
  if ((await isFile(path)) || isZip(path)) {
    yield { stage: 'unpack', done: 0, total: 1, unit: 'archives' }
    folder = join(temp, 'bundle')
    await mkdir(folder, { recursive: true })
    await readZip(path, folder, {
      first: BUNDLE_FILES.manifest,
      firstBytes: MAX_MANIFEST_BYTES,
      check: async (listing) => checkListing(listing, await readManifestFile(folder, path), path),
    })
  }
  const manifest = await readManifestFile(folder, path)
  yield* checkFiles(folder, path, manifest)
  const spec = await readSpec(join(folder, 'run', RUN_FILES.spec))
  const stored = await readCheckedJson(join(folder, 'run', RUN_FILES.protocol), storedProtocolSchema)
  const protocol = upgradedProtocol(stored, spec, await readManifest(join(folder, 'dataset')))
  const fileRecords = manifest.files.flatMap(({ path: name, ...checksum }) =>
    name.startsWith('run/') ? [{ path: name.slice('run/'.length), ...checksum }] : [],
  )
  const folders = { runFolder: join(folder, 'run'), fileRecords, datasetFolder: join(folder, 'dataset'), datasetRecord: null, spec }
  return { folder, folders, manifest, spec, protocol }
}

/** Checks everything and asks the probes again. @throws PylonError bad-data naming what differs */
export async function* verifyBundle(path: string, temp: string, threads: number): Stage<{ bundle: OpenBundle; result: VerifiedBundle }> {
  const { model, ...verified } = yield* openVerified(path, temp, threads)
  await model.dispose()
  return verified
}

/** The same, with the model that answered the probes: it is the caller's to dispose of. */
export async function* openVerified(
  path: string,
  temp: string,
  threads: number,
): Stage<{ bundle: OpenBundle; model: ServedModel; result: VerifiedBundle }> {
  const bundle = yield* openBundle(path, temp)
  const { folder, manifest } = bundle
  const probes = await readCheckedJson(join(folder, BUNDLE_FILES.probes), probesSchema)
  yield { stage: 'ask the probes', done: 0, total: probes.probes.length, unit: 'probes' }
  const model = await ServedModel.open({ ...bundle.folders, threads })
  try {
    const { dim, users, items } = manifest.model
    if (model.dim !== dim || model.users !== users || model.items !== items)
      throw badData(
        `The vectors are of ${model.users} users and ${model.items} items of width ${model.dim}, the manifest of ${users}, ${items} and ${dim}.`,
        BUNDLE_FILES.manifest,
      )
    const { probes: asked, worst, indexRecall } = await replayProbes(model, probes)
    const { run, dataset, pylon, createdAt, files } = manifest
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    return {
      bundle,
      model,
      result: {
        kind: 'bundle',
        path,
        run: run.id,
        name: run.name,
        dataset: dataset.name,
        pylon,
        createdAt,
        files: files.length,
        bytes,
        probes: asked,
        worst,
        indexRecall,
      },
    }
  } catch (error) {
    await model.dispose()
    throw error
  }
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') throw notFound('There is no bundle here.', path)
    throw badInput(`No bundle can be opened here (${errorCode(error)}).`, path, { cause: error })
  })
  return found.isFile()
}

/** Of a manifest: a line a file. */
const MAX_MANIFEST_BYTES = 4 << 20

async function readManifestFile(folder: string, path: string): Promise<BundleManifest> {
  const file = join(folder, BUNDLE_FILES.manifest)
  // before anything of it is read: it might be a link to what never ends
  const found = await lstat(file).catch(() => null)
  if (found !== null && !found.isFile()) throw badData('It is a link or no plain file: it is refused.', file)
  if (found !== null && found.size > MAX_MANIFEST_BYTES)
    throw badData(`It has ${found.size} bytes; a manifest has fewer than ${MAX_MANIFEST_BYTES}.`, file)
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw badData(`It has no ${BUNDLE_FILES.manifest}: it is no bundle of Pylon.`, path, { cause: error })
  })
  const value = parseJson(text, file) as { format?: unknown; version?: unknown } | null
  if (value?.format !== BUNDLE_FORMAT)
    throw badData(`Its format is ${JSON.stringify(value?.format ?? null)}, not "${BUNDLE_FORMAT}": it is no bundle of Pylon.`, file)
  if (typeof value.version === 'number' && value.version > BUNDLE_VERSION)
    throw badData(`It is of version ${value.version}, and this Pylon reads up to ${BUNDLE_VERSION}: use a newer Pylon.`, file)
  const parsed = bundleManifestSchema.safeParse(value)
  if (!parsed.success) throw badData(`It does not fit its schema. ${z.prettifyError(parsed.error)}`, file)
  return parsed.data
}

/** That an archive holds just what its manifest lists, before anything more of it is unpacked; {@link checkFiles} looks at the bytes. */
function checkListing(listing: ZipListing, { files }: BundleManifest, path: string): void {
  const listed = new Map(files.map((file) => [file.path, file.bytes]))
  for (const [name, bytes] of listing) {
    if (isOwn(name)) continue
    const expected = listed.get(name)
    if (expected === undefined) throw badData(`${name} is not in its manifest: somebody added it.`, path)
    if (expected !== bytes) throw wrongSize(name, bytes, expected)
  }
}

const isOwn = (name: string): boolean => name === BUNDLE_FILES.manifest || name === BUNDLE_FILES.checksums

const wrongSize = (name: string, bytes: number, expected: number): PylonError =>
  badData(`It has ${bytes} bytes instead of ${expected}: it was cut or changed; get the bundle again.`, name)

async function* checkFiles(folder: string, path: string, { files }: BundleManifest): Stage {
  for (const { path: name } of files) checkEntryName(name, BUNDLE_FILES.manifest)
  const listed = new Map(files.map((file) => [file.path, file]))
  const missing = NEEDED.find((name) => !listed.has(name))
  if (missing !== undefined) throw badData(`Its manifest does not list ${missing}: it is not whole.`, path)
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const name = join(entry.parentPath, entry.name)
      .slice(folder.length + 1)
      .replaceAll('\\', '/')
    if (entry.isDirectory()) continue
    if (!entry.isFile()) throw badData(`${name} is a link or no plain file: it is refused.`, path)
    if (!isOwn(name) && !listed.has(name)) throw badData(`${name} is not in its manifest: somebody added it.`, path)
  }
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  let done = 0
  for (const expected of files) {
    yield { stage: 'check files', done, total, unit: 'bytes', note: expected.path }
    const file = join(folder, expected.path)
    const found = await lstat(file).catch(() => null)
    if (found === null) throw badData('It is missing: the bundle is not whole; get it again.', expected.path)
    if (found.size !== expected.bytes) throw wrongSize(expected.path, found.size, expected.bytes)
    if ((await checksumOf(file)).sha256 !== expected.sha256)
      throw badData('Its checksum differs: it was damaged or changed; get the bundle again.', expected.path)
    done += expected.bytes
  }
}

async function readSpec(file: string): Promise<IndexedSpec> {
  const parsed = specSchema.safeParse(parseJson(await readFile(file, 'utf8'), file))
  if (!parsed.success) throw badData(`This Pylon cannot read it. ${z.prettifyError(parsed.error)}`, file)
  if (!isIndexed(parsed.data)) throw badData(`It is of a ${parsed.data.model}; bundles are of two-tower runs and blends.`, file)
  // read from what was parsed, which is what would be run; no match of a blend's members is ever asked
  if (parsed.data.model === 'two-tower' && (parsed.data.match.kind === 'module' || parsed.data.match.module !== null))
    throw badData('Its match is a module, which would have to be run as code from a file of somebody else: it is refused.', file)
  checkMatch(parsed.data)
  return parsed.data
}
