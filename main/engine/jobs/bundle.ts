/** Bundles from elsewhere, in a process of their own: what a damaged file may do to a native library ends here. */
import { cp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { listFiles } from '../export/bundle/write-bundle.ts'
import { applyDelta, DELTA_FILES, writeDelta } from '../export/bundle/delta.ts'
import { packed } from '../export/bundle/packed.ts'
import { openBundle, verifyBundle } from '../export/bundle/read-bundle.ts'
import { isZip } from '../export/bundle/zip.ts'
import { checkExportFolder, refuseInside, settle } from '../export/export-folder.ts'
import { temporaryPathFor } from '../files/atomic.ts'
import { makeFolders } from '../files/error-code.ts'
import { pylonVersion } from '../files/version.ts'
import { readManifest } from '../dataset/open.ts'
import { withChecksums } from '../dataset/dataset-files.ts'
import { verifyExport } from '../export/verify.ts'
import { asFacts } from './training/facts.ts'
import type { JobContext, JobFact, Jobs } from '../queue/job-types.ts'

export async function* verifyJob(
  { path }: Jobs['verify']['input'],
  { temp, threads, signal }: JobContext,
): AsyncGenerator<JobFact, Jobs['verify']['result']> {
  return (await verifyExport(path)) ?? (yield* asFacts(verifyBundle(path, temp, threads), signal)).result
}

/** What one bundle has that another lacks, as an archive. */
export async function* deltaJob(
  { from, to, out, guarded }: Jobs['delta']['input'],
  { temp, signal }: JobContext,
): AsyncGenerator<JobFact, Jobs['delta']['result']> {
  const place = await checkExportFolder(out, guarded)
  await refuseInside(place, [from, to])
  const places = { old: join(temp, 'old'), new: join(temp, 'new') }
  for (const folder of Object.values(places)) await mkdir(folder)
  const part = temporaryPathFor(place)
  try {
    makeFolders(part, 0o777)
    const old = yield* asFacts(openBundle(from, places.old), signal)
    const next = yield* asFacts(openBundle(to, places.new), signal)
    const { items, files, dataBytes } = yield* asFacts(writeDelta(old, next, part, pylonVersion()), signal)
    const { bytes } = await packed(part, Object.values(DELTA_FILES), place)
    const ofBytes = files.reduce((sum, file) => sum + file.bytes, 0)
    return { out: place, bytes, dataBytes, ofBytes, from: old.manifest.run.name, to: next.manifest.run.name, ...items }
  } finally {
    await rm(part, { recursive: true, force: true })
  }
}

/** Makes the newer bundle of an older one and the delta between them, and checks it as any bundle. */
export async function* applyDeltaJob(
  { path, onto, out, guarded }: Jobs['apply-delta']['input'],
  { temp, threads, signal }: JobContext,
): AsyncGenerator<JobFact, Jobs['apply-delta']['result']> {
  const place = await checkExportFolder(out, guarded)
  await refuseInside(place, [onto])
  const places = { old: join(temp, 'old'), delta: join(temp, 'delta'), check: join(temp, 'check') }
  for (const folder of Object.values(places)) await mkdir(folder)
  const part = temporaryPathFor(place)
  try {
    makeFolders(part, 0o777)
    const base = yield* asFacts(openBundle(onto, places.old), signal)
    const { files } = yield* asFacts(applyDelta(path, base, part, places.delta), signal)
    const { result } = yield* asFacts(verifyBundle(part, places.check, threads), signal)
    if (isZip(place))
      await packed(
        part,
        files.map((file) => file.path),
        place,
      )
    else await settle(part, place)
    return { ...result, path: place }
  } finally {
    await rm(part, { recursive: true, force: true })
  }
}

/** Verifies a bundle and copies its run and the dataset it carries. */
export async function* importBundleJob(
  { path, folder }: Jobs['import-bundle']['input'],
  { temp, threads, signal }: JobContext,
): AsyncGenerator<JobFact, Jobs['import-bundle']['result']> {
  const { bundle, result } = yield* asFacts(verifyBundle(path, temp, threads), signal)
  yield { kind: 'progress', progress: { stage: 'copy files', done: 0, total: 2, unit: 'folders' } }
  await mkdir(folder)
  for (const part of ['run', 'dataset']) await cp(join(bundle.folder, part), join(folder, part), { recursive: true, errorOnExist: true })
  return {
    manifest: bundle.manifest,
    spec: bundle.spec,
    protocol: bundle.protocol,
    dataset: await withChecksums(join(folder, 'dataset'), await readManifest(join(folder, 'dataset'))),
    files: await listFiles(join(folder, 'run')),
    verified: result,
  }
}
