/** What the exports for vector stores have in common: a script that loads them, probes that it ends with, and the store's own files. */
import { cp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Stage } from '../../../contract/shapes/progress.ts'
import { writePieces } from '../lines.ts'
import type { Ranking } from '../ranking.ts'
import { type ExportSource, requireRanking } from '../source.ts'
import { storeItems, type StoreItems } from './items.ts'
import { writeProbes } from './probes.ts'

const ASSETS = join(import.meta.dirname, '..', 'assets', 'stores')

/** Names of files, their pieces, and how many items lie in the files before. */
export type StoreFiles = Iterable<readonly [name: string, pieces: Parameters<typeof writePieces>[1], done?: number]>

/** Copies the store's loader and writes the probes. */
export async function writeLoader(source: ExportSource, store: string, items: StoreItems): Promise<void> {
  await cp(join(ASSETS, 'probes.py'), join(source.folder, 'probes.py'))
  for (const file of await readdir(join(ASSETS, store)))
    if (/\.(py|txt)$/.test(file)) await cp(join(ASSETS, store, file), join(source.folder, file))
  await writeProbes(source, items)
}

/** @param taken names of the store's own fields */
export const storeWriter = (store: string, taken: readonly string[], filesOf: (items: StoreItems, ranking: Ranking) => StoreFiles) =>
  async function* (source: ExportSource): Stage {
    const items = await storeItems(source, taken)
    for (const [name, pieces, done = 0] of filesOf(items, requireRanking(source))) {
      yield { stage: 'write items', done, total: items.ids.length, unit: 'items' }
      await writePieces(join(source.folder, name), pieces)
    }
    await writeLoader(source, store, items)
  }
