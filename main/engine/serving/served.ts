/**
 * A run as it is served over HTTP: vectors of its users and items, its towers for whoever is new, and its index. All that is needed lies in
 * two folders, the run's and its dataset's (or the part of it that a bundle carries). Items can be added and removed while it serves, in
 * memory: who serves it keeps a log.
 */
import type { z } from 'zod'
import { badData, badInput, notFound } from '../../contract/errors.ts'
import type { hitsResponse, ItemsPage, ListItemsRequest } from '../../contract/shapes/serving.ts'
import type { IndexedSpec } from '../../contract/shapes/spec.ts'
import type { Hits } from '../ann/topk.ts'
import { AnnIndex } from '../ann/usearch.ts'
import { parseCell } from '../dataset/cells/typed.ts'
import { beforeTest, type InteractionSelection } from '../dataset/interactions.ts'
import { openDataset } from '../dataset/open.ts'
import type { ColumnValues, Dataset, Side } from '../dataset/dataset.ts'
import { absentWarnings } from '../features/unknown.ts'
import { RUN_FILES, runFile, type RunFolders } from '../model/run-files.ts'
import { type Similarity, Retriever } from '../model/retriever.ts'
import { Towers } from '../model/towers.ts'
import { loadVectors, readIds } from '../model/run-vectors.ts'
import { matchingOf } from '../towers/metric.ts'
import { compileFilter, type Filter, itemValue, type ItemValue } from './filter.ts'
import { type RowSchemas, rowSchemas } from './row-schemas.ts'
import { pageOfItems } from './served-items.ts'

export type ServedHit = z.output<typeof hitsResponse>['items'][number]

export interface ServedSearch {
  readonly k: number
  readonly filter: Filter | null
  /** `quickest`: every item is compared, or the index asked, whichever is quicker */
  readonly by: 'exact' | 'ann' | 'quickest'
  /** ids of items that are not retrieved; those that are not here are no matter */
  readonly exclude: readonly string[]
}

/** Compiled filters kept, each with a byte an item. */
const FILTERS_KEPT = 32

export interface ServedFolders extends RunFolders {
  readonly spec: IndexedSpec
  readonly threads: number
}

/** One user with a history and one item, to try a request by; null where there is none. */
export interface KnownIds {
  readonly user: string | null
  readonly item: string | null
}

interface Parts {
  readonly spec: IndexedSpec
  readonly dataset: Dataset
  readonly towers: Towers
  readonly index: AnnIndex
  readonly userIds: readonly string[]
  /** [users × dim] */
  readonly userVectors: Float32Array
  readonly itemIds: readonly string[]
  readonly retriever: Retriever
  readonly columns: ReadonlyMap<string, ColumnValues>
}

export class ServedModel {
  readonly dim: number
  readonly #parts: Parts
  readonly #userOf: ReadonlyMap<string, number>
  readonly #seen: InteractionSelection
  readonly #knownUser: string | null
  /** by key; '' where an item was removed */
  readonly #itemIds: string[]
  readonly #keyOf: Map<string, number>
  /** features of items that were put here, by key */
  readonly #put = new Map<number, Readonly<Record<string, ItemValue>>>()
  readonly #deleted = new Set<string>()
  readonly #filters = new Map<string, Uint8Array>()

  private constructor(parts: Parts) {
    this.dim = parts.index.dim
    this.#parts = parts
    this.#userOf = new Map(parts.userIds.map((id, user) => [id, user]))
    const { interactions } = parts.dataset
    this.#seen = beforeTest(interactions)
    const first = interactions.user.findIndex((_, position) => this.#seen.has(position))
    this.#knownUser = first < 0 ? null : (parts.userIds[interactions.user[first]!] ?? null)
    this.#itemIds = [...parts.itemIds]
    this.#keyOf = new Map(parts.itemIds.map((id, key) => [id, key]))
  }

  /** @throws PylonError not-found or bad-data where the folders are not complete, not what was written, or do not belong together */
  static async open(place: ServedFolders): Promise<ServedModel> {
    const { spec, threads } = place
    const dataset = await openDataset(place.datasetFolder, place.datasetRecord)
    const [userIds, itemIds] = [
      await readIds(await runFile(place, RUN_FILES.userIds)),
      await readIds(await runFile(place, RUN_FILES.itemIds)),
    ]
    const vectors = await loadVectors(place, { user: userIds.length, item: itemIds.length })
    const { dim } = vectors
    await runFile(place, `${RUN_FILES.index}.json`)
    const retriever = new Retriever(vectors.item, dim, matchingOf(spec), threads)
    retriever.prepare()
    const index = await AnnIndex.load(await runFile(place, RUN_FILES.index), { dim, metric: retriever.metric })
    const { users, items, itemColumns } = dataset.manifest
    if (items !== itemIds.length || users !== userIds.length || vectors.user.length !== users * dim)
      throw badData('Ids, vectors and dataset are not of one run.', place.runFolder)
    const columns = new Map<string, ColumnValues>()
    for (const { name, storage } of itemColumns) if (storage !== 'vector') columns.set(name, await dataset.column('item', name))
    const towers = await Towers.open(place, spec, threads)
    await towers.compile()
    return new ServedModel({ spec, dataset, towers, index, userIds, userVectors: vectors.user, itemIds, retriever, columns })
  }

  get items(): number {
    return this.#keyOf.size
  }
  get users(): number {
    return this.#userOf.size
  }
  get known(): KnownIds {
    const [item = null] = this.#keyOf.keys()
    return { user: this.#knownUser, item }
  }
  get memoryBytes(): number {
    const { index, retriever, userVectors } = this.#parts
    return index.memoryBytes + retriever.bytes + userVectors.byteLength
  }
  get spec(): IndexedSpec {
    return this.#parts.spec
  }
  get dataset(): Dataset {
    return this.#parts.dataset
  }
  get towers(): Towers {
    return this.#parts.towers
  }

  indexOfUser(id: string): number | undefined {
    return this.#userOf.get(id)
  }

  /** The stored vector of a known user. @throws PylonError not-found */
  userVector(id: string): Float32Array {
    const user = this.#userOf.get(id)
    if (user === undefined) throw notFound(`There is no user "${id}". Give "features" or "history" for a new one.`, 'user')
    return this.#parts.userVectors.subarray(user * this.dim, (user + 1) * this.dim)
  }

  /** The vector of an item. @throws PylonError not-found */
  itemVector(id: string): Float32Array {
    return this.#parts.retriever.vectorOf(this.#key(id))
  }

  embed(side: Side, row: Readonly<Record<string, unknown>>): Promise<Float32Array> {
    return this.towers.embed(side, row)
  }

  /** What of a typed-in entity the model does not know, as warnings. */
  unknown(side: Side, row: Readonly<Record<string, unknown>>): string[] {
    return this.towers.unknown(side, row)
  }

  /** What requests may say of users and items, and filter by, as JSON Schemas. */
  schemas(): RowSchemas {
    const { towers, dataset, columns } = this.#parts
    return rowSchemas(towers, dataset.manifest.itemColumns, [...columns.keys()])
  }

  /** The items among `ids` that are not here, each once. */
  absent(ids: readonly string[]): string[] {
    return [...new Set(ids.filter((id) => !this.#keyOf.has(id)))]
  }

  /** A warning of the items among `ids` that are not here, where there are any. */
  unknownItems(property: string, ids: readonly string[]): string[] {
    return absentWarnings(property, this.absent(ids))
  }

  /** One page of the items. */
  page(asked: ListItemsRequest): ItemsPage {
    return pageOfItems({ ids: this.#itemIds, put: this.#put, deleted: this.#deleted, titleOf: (key) => this.#title(key) }, asked)
  }

  /** The items a known user interacted with in train and validation; none for an unknown one. */
  seenBy(id: string): string[] {
    const user = this.#userOf.get(id)
    return user === undefined ? [] : this.#seen.distinctItemsOf(user).map((key) => this.#parts.itemIds[key]!)
  }

  /** The items that match a user's vector best. */
  recommend(vector: Float32Array, search: ServedSearch): Promise<ServedHit[]> {
    return this.#search(vector, search, 'model')
  }

  /** As {@link recommend}, of several users, comparing every item. @param excludes of each, further ids */
  async recommendMany(
    vectors: readonly Float32Array[],
    { k, filter }: Pick<ServedSearch, 'k' | 'filter'>,
    excludes: readonly (readonly string[])[],
  ): Promise<ServedHit[][]> {
    if (filter !== null) this.#allowed(filter) // a filter that is none is refused, where none of the users is known too
    const found: ServedHit[][] = []
    for (const [i, vector] of vectors.entries()) found.push(await this.recommend(vector, { k, filter, by: 'exact', exclude: excludes[i]! }))
    return found
  }

  /** The items whose vectors have the nearest direction; no index that ranks otherwise is asked. */
  similar(vector: Float32Array, search: ServedSearch): Promise<ServedHit[]> {
    return this.#search(vector, this.#parts.index.metric === 'cosine' ? search : { ...search, by: 'exact' }, 'cosine')
  }

  /** Adds an item, or describes it anew. @returns whether it is new, and warnings of what the model does not know of it */
  async put(id: string, row: Readonly<Record<string, unknown>>): Promise<{ readonly isNew: boolean; readonly warnings: string[] }> {
    const { retriever, index, columns, towers } = this.#parts
    const reads = towers.properties('item')
    if (Object.hasOwn(row, 'id') && !columns.has('id') && row['id'] !== id)
      throw badInput(`The features of "${id}" name another id: leave it out there.`, 'property "id"')
    const cells = this.#cellsOf(row)
    const features = Object.fromEntries(Object.entries(row).filter(([name]) => reads.includes(name) || !columns.has(name)))
    const vector = await this.embed('item', { ...features, ...(reads.includes('id') ? { id } : {}) })
    const existing = this.#keyOf.get(id)
    const key = existing ?? this.#itemIds.push(id) - 1
    index.add(Int32Array.of(key), retriever.put(key, vector))
    this.#keyOf.set(id, key)
    this.#put.set(key, cells)
    this.#deleted.delete(id)
    this.#filters.clear()
    return { isNew: existing === undefined, warnings: this.unknown('item', features) }
  }

  /** @throws PylonError not-found */
  remove(id: string): void {
    const key = this.#key(id)
    this.#parts.index.remove(Int32Array.of(key))
    this.#parts.retriever.remove(key)
    this.#itemIds[key] = ''
    this.#keyOf.delete(id)
    this.#put.delete(key)
    this.#deleted.add(id)
  }

  async dispose(): Promise<void> {
    this.#parts.index.dispose()
    await this.#parts.retriever.dispose()
    await this.towers.dispose()
  }

  async #search(vector: Float32Array, { k, filter, by, exclude }: ServedSearch, similarity: Similarity): Promise<ServedHit[]> {
    const { retriever, index } = this.#parts
    const excluded = exclude.flatMap((id) => this.#keyOf.get(id) ?? [])
    const allowed = filter === null ? null : this.#allowed(filter)
    return this.#described(await retriever.search(vector, { k, exclude: excluded, filter: allowed, by, index, similarity }))
  }

  /** [keys]: 1 where the filter lets an item through; kept for the next request with the same filter. */
  #allowed(filter: Filter): Uint8Array {
    const text = JSON.stringify(filter)
    const compiled = this.#filters.get(text)
    if (compiled !== undefined) return compiled
    const { retriever, columns } = this.#parts
    const fits = compileFilter(filter, [...columns.keys()])
    const allowed = Uint8Array.from(this.#itemIds, (_, key) => Number(retriever.has(key) && fits((name) => this.#value(key, name))))
    if (this.#filters.size >= FILTERS_KEPT) this.#filters.delete(this.#filters.keys().next().value!)
    this.#filters.set(text, allowed)
    return allowed
  }

  #value(key: number, name: string): ItemValue {
    const put = this.#put.get(key)
    return put === undefined ? itemValue(this.#parts.columns.get(name)!, key) : (put[name] ?? null)
  }

  /** What filters read of a typed-in item: its cells as they would have been imported. */
  #cellsOf(row: Readonly<Record<string, unknown>>): Readonly<Record<string, ItemValue>> {
    const { dataset, columns } = this.#parts
    const typed = dataset.manifest.itemColumns.filter(({ name }) => columns.has(name) && Object.hasOwn(row, name))
    return Object.fromEntries(
      typed.map(({ name, kind, storage, form }) => {
        const column = parseCell(storage, { value: row[name], name, isTime: kind === 'time', width: 0, form })
        return [name, itemValue(column, 0)]
      }),
    )
  }

  #described({ keys, scores }: Hits): ServedHit[] {
    return Array.from(keys, (key, i) => ({ item: this.#itemIds[key]!, score: scores[i]!, title: this.#title(key) }))
  }

  #title(key: number): string | null {
    const name = this.#parts.dataset.manifest.itemTitle
    const title = name === null ? null : this.#value(key, name)
    return title === null ? null : String(title)
  }

  #key(id: string): number {
    const key = this.#keyOf.get(id)
    if (key === undefined) throw notFound(`There is no item "${id}".`, 'item')
    return key
  }
}
