/** A workspace of version 0.1.0, and what tests of workspaces share. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { toErrorShape } from '../../main/contract/errors.ts'
import type { Store } from '../../main/engine/store/store.ts'
import { tinyManifest } from './job-bodies.ts'

const FIXTURE = resolve(import.meta.dirname, '../fixtures/workspaces/0.1.0.tar.gz')

/** The runs in it: a finished two-tower, an item-kNN, one that was stopped. */
export const OLD_RUNS = ['0v90kv8v', '0v90kxk9', '0v90kygf'] as const

/** A workspace as version 0.1.0 left it, in a folder of `into`. */
export function unpackOld(into: string): string {
  execFileSync('tar', ['xzf', FIXTURE, '-C', into])
  return join(into, 'ws')
}

/** A dataset of a few rows, by its manifest alone. */
export function addTinyDataset(store: Store, name: string, { createdAt = '2026-01-01T00:00:00.000Z', replace = false } = {}): void {
  const folder = join(store.workspace.temporary(), 'dataset')
  mkdirSync(folder)
  const manifest = tinyManifest(name, createdAt)
  writeFileSync(join(folder, 'dataset.json'), JSON.stringify(manifest))
  store.datasets.add(manifest, folder, replace)
}

/** What a user is told where `body` throws. */
export function messageOf(body: () => unknown): string {
  try {
    body()
  } catch (error) {
    return toErrorShape(error).message
  }
  return 'nothing was thrown'
}

/** What a stage returns in the end. */
export async function drained<R>(stage: AsyncGenerator<unknown, R>): Promise<R> {
  for (;;) {
    const next = await stage.next()
    if (next.done === true) return next.value
  }
}
