/** Stores what was imported: metadata as Parquet, arrays as they lie in memory, and the checksum over all of their values. */
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { Column } from '../../contract/shapes/dataset.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import { bytesOf, writeFully } from '../files/bytes.ts'
import { ARRAYS, arrayPath, rowsPath, type ArrayName } from '../dataset/dataset-files.ts'
import type { ImportContext } from './import-context.ts'
import type { SortedInteractions } from './encode-interactions.ts'
import { convertMetadata, describeColumns, hashMetadata, writeMetadata, type Metadata } from './metadata.ts'

export interface StoredSide {
  readonly columns: Column[]
  /** 1 where the entity has a row of metadata */
  readonly hasMetadata: Uint8Array
}

/** Converts and writes one side's metadata. */
export async function* storeSide(
  job: ImportContext,
  side: 'user' | 'item',
  metadata: Metadata | null,
  entities: number,
): Stage<StoredSide> {
  const { duck } = job.source
  for (const warning of yield* convertMetadata(duck, side, metadata)) job.warn(warning)
  const columns = await describeColumns(duck, side, metadata, entities)
  yield* writeMetadata(duck, side, columns, rowsPath(job.folder, side))
  const hasMetadata = new Uint8Array(entities)
  if (metadata !== null)
    for await (const chunk of duck.chunks(`SELECT __k FROM ${side}_rows WHERE __source IS NOT NULL`))
      for (const k of chunk.getColumnValues(0)) hasMetadata[Number(k)] = 1
  return { columns, hasMetadata }
}

/** Writes the arrays and answers the checksum over them, the ids and the metadata. */
export async function* writeArrays(
  job: ImportContext,
  arrays: Omit<SortedInteractions, 'offsets' | 'given'> & { part: Uint8Array },
  sides: Record<'user' | 'item', StoredSide>,
  counts: { users: number; items: number; events: readonly string[] },
): Stage<string> {
  const hash = createHash('sha256').update(JSON.stringify({ pylonDataset: 1, ...counts }))
  for (const side of ['user', 'item'] as const) await hashMetadata(job.source.duck, side, sides[side].columns, hash)
  for (const array of Object.keys(ARRAYS) as ArrayName[]) {
    const values = arrays[array]
    if (values === null) continue
    yield { stage: `write ${array}s`, done: 0, total: values.length, unit: 'rows' }
    const file = await open(arrayPath(job.folder, array), 'wx')
    try {
      const bytes = bytesOf(values)
      hash.update(array)
      for (let at = 0; at < bytes.length; at += 1 << 24) {
        const slice = bytes.subarray(at, at + (1 << 24))
        hash.update(slice)
        await writeFully(file, slice)
        yield { stage: `write ${array}s`, done: Math.floor(at / ARRAYS[array].bytes), total: values.length, unit: 'rows' }
      }
      await file.sync()
    } finally {
      await file.close()
    }
  }
  return hash.digest('hex')
}
