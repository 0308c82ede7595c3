/**
 * The part of a dataset that a bundle carries, as a dataset folder of its own: both sides' ids, the items' metadata, and the interactions
 * of train and validation, which say what a user has seen, what a history holds and how popular an item was. Users' metadata and the
 * test part stay behind. It has a checksum of its own, so that no number measured on it is taken for one of the whole dataset.
 */
import { createHash } from 'node:crypto'
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { DatasetManifest } from '../../contract/shapes/dataset.ts'
import { writeFileAtomic } from '../files/atomic.ts'
import { bytesOf } from '../files/bytes.ts'
import { NO_HIVE_PARTITIONS, Duck, sqlFile, sqlText } from './duck.ts'
import { ARRAYS, arrayPath, manifestPath, rowsPath, type ArrayName } from './dataset-files.ts'
import { beforeTest } from './interactions.ts'
import type { Dataset } from './dataset.ts'

/**
 * Writes the carried part of a dataset into the new folder `to`. The bundle has the checksums of its files, so its manifest has none.
 * @returns its manifest
 */
export async function carryDataset(from: Dataset, to: string): Promise<DatasetManifest> {
  const { interactions } = from
  const { files: _, ...manifest } = from.manifest
  await mkdir(join(to, 'interactions'), { recursive: true })
  const kept = beforeTest(interactions).positions()
  for (const array of Object.keys(ARRAYS) as ArrayName[]) {
    const values = interactions[array]
    if (values !== null) await writeFileAtomic(arrayPath(to, array), bytesOf(select(values, kept)))
  }
  await copyFile(await from.rowsPath('item'), rowsPath(to, 'item'))
  await writeIds(await from.rowsPath('user'), to)
  const { train, validation } = manifest.parts
  const carried: DatasetManifest = {
    ...manifest,
    checksum: createHash('sha256').update(`carried ${manifest.checksum}`).digest('hex'),
    source: { format: 'bundle', files: [], seed: null },
    interactions: kept.length,
    parts: { train, validation, test: 0, unused: 0 },
    userColumns: [],
    warnings: [
      'Carried by a bundle: ids, item metadata, and the interactions of train and validation. User metadata and the test part are not here; counts in the profile are of the whole dataset.',
    ],
  }
  await writeFileAtomic(manifestPath(to), `${JSON.stringify(carried)}\n`)
  return carried
}

function select<T extends Int32Array | Uint8Array | Float64Array | Float32Array>(values: T, kept: Int32Array): T {
  const selected = new (values.constructor as new (length: number) => T)(kept.length)
  for (let i = 0; i < kept.length; i++) selected[i] = values[kept[i]!]!
  return selected
}

/** The users' Parquet with its ids alone; one file of rows in order, so its order is kept. */
async function writeIds(users: string, to: string): Promise<void> {
  const duck = await Duck.open({ threads: 1, memoryLimit: '1GB', spillIn: to })
  try {
    await duck.run(
      `COPY (SELECT id FROM read_parquet(${sqlFile(users)}, ${NO_HIVE_PARTITIONS})) TO ${sqlText(rowsPath(to, 'user'))} (FORMAT parquet, COMPRESSION zstd)`,
    )
  } finally {
    await duck.close()
  }
}
