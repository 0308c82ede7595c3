/** What exports of vectors read: the vectors a row at a time with their ids, and an item's metadata as plain values. */
import { join } from 'node:path'
import { openDataset } from '../dataset/open.ts'
import { itemValue, type ItemValue } from '../serving/filter.ts'
import { RUN_FILES } from '../model/run-files.ts'
import { readIds, readMatrix } from '../model/vectors.ts'
import type { ExportSource } from './source.ts'

export interface VectorRows {
  readonly dim: number
  readonly ids: readonly string[]
  /** of row k; a view */
  readonly vector: (k: number) => Float32Array
}

/** The vectors of a side. @throws PylonError bad-data where rows and ids are not as many */
export async function vectorRows(runFolder: string, side: 'user' | 'item'): Promise<VectorRows> {
  const [vectors, list] = side === 'user' ? [RUN_FILES.userVectors, RUN_FILES.userIds] : [RUN_FILES.itemVectors, RUN_FILES.itemIds]
  const ids = await readIds(join(runFolder, list))
  const { data, width: dim } = await readMatrix(join(runFolder, vectors), ids.length)
  return { dim, ids, vector: (k) => data.subarray(k * dim, (k + 1) * dim) }
}

export interface ItemColumn {
  readonly name: string
  readonly type: 'text' | 'number' | 'list'
  readonly valueOf: (k: number) => ItemValue
}

/** The items' metadata columns but vectors. */
export async function itemColumns(source: Pick<ExportSource, 'datasetFolder' | 'datasetRecord'>): Promise<ItemColumn[]> {
  const dataset = await openDataset(source.datasetFolder, source.datasetRecord)
  const columns: ItemColumn[] = []
  for (const { name, storage } of dataset.manifest.itemColumns) {
    if (storage === 'vector') continue
    const values = await dataset.column('item', name)
    columns.push({ name, type: storage, valueOf: (k) => itemValue(values, k) })
  }
  return columns
}
