/** Throw-away folders for tests that touch the file system. */
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A new empty folder that is removed when the calling test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'pylon-test-')))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
