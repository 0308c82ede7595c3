/**
 * A run as it is served: vectors of its users and items, its towers for whoever is new, and one search for the candidates. All that is
 * needed lies in two folders, the run's and its dataset's (or the part of it that a bundle carries). Items can be added and removed while
 * it serves; a change is in memory only. Calls are synchronous but for the embedding of typed-in rows.
 */
import { readFile } from 'node:fs/promises'
import { PylonError } from '../../contract/errors.ts'
import type { TwoTowerSpec } from '../../contract/shapes/spec.ts'
import { AnnIndex } from '../ann/usearch.ts'
import { unitRows } from '../ann/vectors.ts'
import { rowProperties } from '../features/encode.ts'
import { absent, unknownValues } from '../features/unknown.ts'
import { readNpy } from '../files/npy.ts'
import { parseCell } from '../dataset/cells/typed.ts'
import { beforeTest, type Selection } from '../dataset/interactions.ts'
import { openDataset } from '../dataset/open.ts'
import type { ColumnValues, Dataset, Side } from '../dataset/types.ts'
import { compileFilter, type Filter, itemValue, type ItemValue } from './filter.ts'
import { bestOf, type Ranked } from '../model/scan.ts'
import { RUN_FILES, runFile, type RunFolders } from '../model/files.ts'
import { openTowers, type RowEmbedder } from '../model/towers.ts'

export interface Served {
  readonly item: string
  readonly score: number
  readonly title: string | null
}
export interface Search {
  readonly k: number
  readonly filter: Filter | null
  /** `scan` compares with every item; `index` asks the index however few items there are; null: whichever is quicker */
  readonly by: 'scan' | 'index' | null
}

/** Up to so many items a scan of them all is as quick as the index and exact. */
const SCAN_UP_TO = 4096
/** Compiled filters kept, each with a byte an item. */
const FILTERS_KEPT = 32

export interface ServedFolders extends RunFolders {
  readonly spec: TwoTowerSpec
  readonly threads: number
}

export class ServedModel {
  readonly spec: TwoTowerSpec
  readonly dim: number
  readonly dataset: Dataset
  readonly towers: RowEmbedder
  readonly #seen: Selection
  readonly #index: AnnIndex
  readonly #users: { readonly ids: ReadonlyMap<string, number>; readonly vectors: Float32Array }
  /** by key; '' where an item was removed */
  readonly #itemIds: string[]
  readonly #keyOf: Map<string, number>
  #vectors: Float32Array
  readonly #columns: ReadonlyMap<string, ColumnValues>
  /** features of items that were put here, by key */
  readonly #put = new Map<number, Readonly<Record<string, ItemValue>>>()
  #alive: Uint8Array
  readonly #filters = new Map<string, Uint8Array>()

  private constructor(parts: {
    spec: TwoTowerSpec
    dataset: Dataset
    towers: RowEmbedder
    index: AnnIndex
    users: { ids: ReadonlyMap<string, number>; vectors: Float32Array }
    itemIds: string[]
    vectors: Float32Array
    columns: ReadonlyMap<string, ColumnValues>
  }) {
    this.spec = parts.spec
    this.dataset = parts.dataset
    this.#seen = beforeTest(parts.dataset.interactions)
    this.towers = parts.towers
    this.#index = parts.index
    this.dim = parts.index.dim
    this.#users = parts.users
    this.#itemIds = parts.itemIds
    this.#keyOf = new Map(parts.itemIds.map((id, key) => [id, key]))
    this.#vectors = parts.vectors
    this.#columns = parts.columns
    this.#alive = new Uint8Array(parts.itemIds.length).fill(1)
  }

  /** @throws PylonError not-found or bad-data where the folders are not complete, not what was written, or do not belong together */
  static async open(place: ServedFolders): Promise<ServedModel> {
    const { spec, threads } = place
    const dataset = await openDataset(place.datasetFolder, place.datasetRecord)
    const [userIds, itemIds] = [
      await readIds(await runFile(place, RUN_FILES.userIds)),
      await readIds(await runFile(place, RUN_FILES.itemIds)),
    ]
    const users = await readMatrix(await runFile(place, RUN_FILES.userVectors), userIds.length)
    const items = await readMatrix(await runFile(place, RUN_FILES.itemVectors), itemIds.length)
    await runFile(place, `${RUN_FILES.index}.json`)
    const index = await AnnIndex.load(await runFile(place, RUN_FILES.index), { dim: items.dim })
    if (dataset.manifest.items !== itemIds.length || dataset.manifest.users !== userIds.length || users.dim !== items.dim)
      throw new PylonError('bad-data', 'Ids, vectors and dataset are not of one run.', place.runFolder)
    const columns = new Map<string, ColumnValues>()
    for (const { name, storage } of dataset.manifest.itemColumns)
      if (storage !== 'vector') columns.set(name, await dataset.column('item', name))
    return new ServedModel({
      spec,
      dataset,
      towers: await openTowers(place, spec, threads),
      index,
      users: { ids: new Map(userIds.map((id, i) => [id, i])), vectors: users.data },
      itemIds: [...itemIds],
      vectors: unitRowsFor(items.data, items.dim, index.metric),
      columns,
    })
  }

  get items(): number {
    return this.#keyOf.size
  }
  get users(): number {
    return this.#users.ids.size
  }
  get memoryBytes(): number {
    return this.#index.memoryBytes + this.#vectors.byteLength + this.#users.vectors.byteLength
  }

  /** What a typed-in entity may be described by. */
  properties(side: Side): string[] {
    return rowProperties(this.towers.encoders, side)
  }

  /** The stored vector of a known user. @throws PylonError not-found */
  userVector(id: string): Float32Array {
    const row = this.#users.ids.get(id)
    if (row === undefined)
      throw new PylonError('not-found', `There is no user "${id}". Give "features" or "history" for a new one.`, 'user')
    return this.#users.vectors.subarray(row * this.dim, (row + 1) * this.dim)
  }

  /** The vector of an item. @throws PylonError not-found */
  itemVector(id: string): Float32Array {
    const key = this.#key(id)
    return this.#vectors.subarray(key * this.dim, (key + 1) * this.dim)
  }

  embed(side: Side, row: Readonly<Record<string, unknown>>): Promise<Float32Array> {
    return this.towers.embed(side, row)
  }

  /** What of a typed-in entity the model does not know, as warnings. */
  unknown(side: Side, row: Readonly<Record<string, unknown>>): string[] {
    return unknownValues(this.towers.encoders, side, row)
  }

  /** Keys of the items a known user met in train and validation. */
  seenBy(id: string): number[] {
    const row = this.#users.ids.get(id)
    if (row === undefined) return []
    return this.#seen.distinctItemsOf(row)
  }

  /** Keys of the items among `ids` that are here. */
  keysOf(ids: readonly string[]): number[] {
    return ids.flatMap((id) => this.#keyOf.get(id) ?? [])
  }

  /** A warning of the items among `ids` that are not here, where there are any. */
  unknownItems(property: string, ids: readonly string[]): string[] {
    return absent(
      property,
      ids.filter((id) => !this.#keyOf.has(id)),
    )
  }

  /** The items that match a user's vector best. */
  recommend(vector: Float32Array, search: Search, excluded: readonly number[]): Served[] {
    return this.#served(this.#find(vector, search, new Set(excluded), false))
  }

  /** The items whose vectors have the nearest direction. */
  similar(vector: Float32Array, search: Search, excluded: readonly number[]): Served[] {
    return this.#served(this.#find(unitRows(vector, this.dim), search, new Set(excluded), true))
  }

  /** Adds an item, or describes it anew. @returns whether it is new, and warnings of what the model does not know of it */
  async put(id: string, row: Readonly<Record<string, unknown>>): Promise<{ readonly isNew: boolean; readonly warnings: string[] }> {
    const reads = this.properties('item')
    const cells = this.#cellsOf(row)
    const features = Object.fromEntries(Object.entries(row).filter(([name]) => reads.includes(name) || !this.#columns.has(name)))
    const vector = unitRowsFor(
      await this.embed('item', { ...features, ...(reads.includes('id') ? { id } : {}) }),
      this.dim,
      this.#index.metric,
    )
    const known = this.#keyOf.get(id)
    const key = known ?? this.#itemIds.push(id) - 1
    if ((key + 1) * this.dim > this.#vectors.length) this.#grow(2 * (key + 1))
    this.#vectors.set(vector, key * this.dim)
    this.#index.add(Int32Array.of(key), vector)
    this.#alive[key] = 1
    this.#keyOf.set(id, key)
    this.#put.set(key, cells)
    this.#filters.clear()
    return { isNew: known === undefined, warnings: this.unknown('item', features) }
  }

  /** @throws PylonError not-found */
  remove(id: string): void {
    const key = this.#key(id)
    this.#index.remove(Int32Array.of(key))
    this.#alive[key] = 0
    this.#itemIds[key] = ''
    this.#keyOf.delete(id)
    this.#put.delete(key)
  }

  dispose(): Promise<void> {
    this.#index.dispose()
    return this.towers.dispose()
  }

  #find(vector: Float32Array, { k, filter, by }: Search, excluded: ReadonlySet<number>, byDirection: boolean): Ranked {
    const allowed = filter === null ? null : this.#allowed(filter)
    const candidates = allowed === null ? this.items : count(allowed)
    const indexed = !byDirection || this.#index.metric === 'cosine'
    if (by === 'scan' || !indexed || (by === null && candidates <= SCAN_UP_TO)) return this.#scan(vector, k, allowed, excluded, byDirection)
    const share = candidates / this.items
    const asked = Math.ceil((k + excluded.size) / share) + (allowed === null ? 0 : 2 * k)
    const found = asked > this.items / 4 ? null : this.#index.search(vector, asked)
    const kept =
      found === null
        ? []
        : [...found.keys.keys()].filter((i) => !excluded.has(found.keys[i]!) && allowed?.[found.keys[i]!] !== 0).slice(0, k)
    // too few of the nearest fit the filter: all that fit it are compared instead
    if (found === null || kept.length < Math.min(k, candidates - excluded.size))
      return this.#scan(vector, k, allowed, excluded, byDirection)
    return { keys: kept.map((i) => found.keys[i]!), scores: kept.map((i) => found.scores[i]!) }
  }

  #scan(vector: Float32Array, k: number, allowed: Uint8Array | null, excluded: ReadonlySet<number>, byDirection: boolean): Ranked {
    const allows = (key: number): boolean => this.#alive[key] === 1 && allowed?.[key] !== 0 && !excluded.has(key)
    const { metric } = this.#index
    const by = byDirection && metric !== 'cosine' ? 'direction' : metric === 'euclidean' ? 'euclidean' : 'product'
    return bestOf(this.#vectors, this.dim, this.#itemIds.length, vector, k, allows, by)
  }

  /** [keys]: 1 where the filter lets an item through; kept for the next request with the same filter. */
  #allowed(filter: Filter): Uint8Array {
    const text = JSON.stringify(filter)
    const known = this.#filters.get(text)
    if (known !== undefined) return known
    const fits = compileFilter(filter, [...this.#columns.keys()])
    const allowed = Uint8Array.from(this.#itemIds, (_, key) => Number(this.#alive[key] === 1 && fits((name) => this.#value(key, name))))
    if (this.#filters.size >= FILTERS_KEPT) this.#filters.delete(this.#filters.keys().next().value!)
    this.#filters.set(text, allowed)
    return allowed
  }

  #value(key: number, name: string): ItemValue {
    const put = this.#put.get(key)
    return put === undefined ? itemValue(this.#columns.get(name)!, key) : (put[name] ?? null)
  }

  /** What filters read of a typed-in item: its cells as they would have been imported. */
  #cellsOf(row: Readonly<Record<string, unknown>>): Readonly<Record<string, ItemValue>> {
    const typed = this.dataset.manifest.itemColumns.filter(({ name }) => this.#columns.has(name) && Object.hasOwn(row, name))
    return Object.fromEntries(
      typed.map(({ name, kind, storage, form }) => {
        const column = parseCell(storage, { value: row[name], name, isTime: kind === 'time', width: 0, form })
        return [name, itemValue(column, 0)]
      }),
    )
  }

  #served({ keys, scores }: Ranked): Served[] {
    const name = this.dataset.manifest.itemTitle
    return keys.map((key, i) => {
      const title = name === null ? null : this.#value(key, name)
      return { item: this.#itemIds[key]!, score: scores[i]!, title: title === null ? null : String(title) }
    })
  }

  #key(id: string): number {
    const key = this.#keyOf.get(id)
    if (key === undefined) throw new PylonError('not-found', `There is no item "${id}".`, 'item')
    return key
  }

  #grow(items: number): void {
    const [vectors, alive] = [new Float32Array(items * this.dim), new Uint8Array(items)]
    vectors.set(this.#vectors)
    alive.set(this.#alive)
    this.#vectors = vectors
    this.#alive = alive
  }
}

function count(flags: Uint8Array): number {
  let sum = 0
  for (const flag of flags) sum += flag
  return sum
}

/** Cosine models compare vectors of unit length; the towers give them, so this copies nothing. */
function unitRowsFor(vectors: Float32Array, dim: number, metric: string): Float32Array {
  return metric === 'cosine' ? unitRows(vectors, dim) : vectors
}

async function readIds(path: string): Promise<string[]> {
  const ids = JSON.parse(await readFile(path, 'utf8')) as unknown
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string')) throw new PylonError('bad-data', 'It is no list of ids.', path)
  return ids
}

async function readMatrix(path: string, rows: number): Promise<{ data: Float32Array; dim: number }> {
  const { dtype, shape, data } = await readNpy(path)
  const [count, dim] = shape
  if (dtype === 'float32' && shape.length === 2 && count === rows && dim !== undefined) return { data, dim }
  throw new PylonError('bad-data', `It holds ${dtype} of shape (${shape.join(', ')}), not ${rows} rows of float32.`, path)
}
