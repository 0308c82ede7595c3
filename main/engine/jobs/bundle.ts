/** Bundles from elsewhere, in a process of their own: what a damaged file may do to a native library ends here. */
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { listFiles } from '../export/bundle/write-bundle.ts'
import { verifyBundle } from '../export/bundle/read-bundle.ts'
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
