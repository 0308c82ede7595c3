/** What exports of vectors read: the vectors a row at a time with their ids, and an item's metadata as plain values. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readNpy } from '../files/npy.ts'
import { openDataset } from '../dataset/open.ts'
import { itemValue, type ItemValue } from '../serving/filter.ts'
import { RUN_FILES } from '../model/files.ts'
import type { ExportSource } from './source.ts'

export interface VectorRows {
  readonly dim: number
  readonly ids: readonly string[]
  /** of row k; a view */
  readonly vector: (k: number) => Float32Array
}

/** The vectors of a side; rows and ids were checked against each other when they were copied. */
export async function vectorRows(runFolder: string, side: 'user' | 'item'): Promise<VectorRows> {
  const [vectors, list] = side === 'user' ? [RUN_FILES.userVectors, RUN_FILES.userIds] : [RUN_FILES.itemVectors, RUN_FILES.itemIds]
  const { data, shape } = await readNpy(join(runFolder, vectors))
  const ids = JSON.parse(await readFile(join(runFolder, list), 'utf8')) as string[]
  const dim = shape[1]!
  return { dim, ids, vector: (k) => (data as Float32Array).subarray(k * dim, (k + 1) * dim) }
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
