/** What vector stores are given: the items of a run, their vectors and their metadata, in the kinds that stores tell apart. */
import { join } from 'node:path'
import type { Column } from '../../../contract/shapes/dataset.ts'
import type { Dataset } from '../../dataset/dataset.ts'
import { openDataset } from '../../dataset/open.ts'
import { RUN_FILES } from '../../model/run-files.ts'
import { readIds, readMatrix } from '../../model/run-vectors.ts'
import { itemValue, type ItemValue } from '../../serving/filter.ts'
import type { ExportSource } from '../source.ts'

/** Metadata of items, but vectors. A `date` is a time of which all values are midnights; `date` and `time` have ISO 8601 texts (UTC). */
export interface ItemColumn {
  readonly name: string
  readonly type: 'text' | 'number' | 'list' | 'date' | 'time'
  readonly valueOf: (k: number) => ItemValue
}

/** Row k belongs to entry k of the ids. */
export interface StoreItems {
  readonly dim: number
  readonly ids: readonly string[]
  /** of row k; a view */
  readonly vector: (k: number) => Float32Array
  readonly columns: readonly ItemColumn[]
}

/**
 * @param taken names that the store's own fields have; a column of such a name gets a `_` at its end
 * @throws PylonError bad-data where rows and ids are not as many
 */
export async function storeItems(source: ExportSource, taken: readonly string[]): Promise<StoreItems> {
  const ids = await readIds(join(source.runFolder, RUN_FILES.itemIds))
  const { data, width: dim } = await readMatrix(join(source.runFolder, RUN_FILES.itemVectors), ids.length)
  const dataset = await openDataset(source.datasetFolder, source.datasetRecord)
  const names = new Set(taken)
  const columns: ItemColumn[] = []
  for (const column of dataset.manifest.itemColumns) {
    if (column.storage === 'vector') continue
    let { name } = column
    while (names.has(name)) name += '_'
    names.add(name)
    columns.push({ name, ...(await typed(dataset, column)) })
  }
  return { dim, ids, vector: (k) => data.subarray(k * dim, (k + 1) * dim), columns }
}

/** Seconds since 1970 that ISO 8601 writes with four digits of the year: 0001-01-01 to 9999-12-31. */
const [FIRST, LAST] = [-62_135_596_800, 253_402_300_799]
const DAY = 86_400

async function typed(dataset: Dataset, { name, kind, storage }: Column): Promise<Omit<ItemColumn, 'name'>> {
  const values = await dataset.column('item', name)
  const plain = (k: number): ItemValue => itemValue(values, k)
  if (kind !== 'time' || values.storage !== 'number') return { type: storage === 'vector' ? 'text' : storage, valueOf: plain }
  const known = values.values.filter((value) => !Number.isNaN(value))
  // of a time that cannot be written as one, the seconds stay
  if (known.some((value) => value < FIRST || value > LAST)) return { type: 'number', valueOf: plain }
  const isDate = known.every((value) => value % DAY === 0)
  const iso = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, isDate ? 10 : 24)
  return {
    type: isDate ? 'date' : 'time',
    valueOf: (k) => (Number.isNaN(values.values[k]!) ? null : iso(values.values[k]!)),
  }
}

/** An item's metadata by column; what has no type for days gets the instant they begin. */
export function payloadOf({ columns }: StoreItems, k: number): Record<string, ItemValue> {
  return Object.fromEntries(columns.map(({ name, type, valueOf }) => [name, type === 'date' ? midnight(valueOf(k)) : valueOf(k)]))
}

const midnight = (date: ItemValue): ItemValue => (typeof date === 'string' ? `${date}T00:00:00Z` : date)
