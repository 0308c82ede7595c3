/**
 * One side of a dataset as a list to look through: searched, sorted, a page at a time. The order of the last question is kept (four
 * bytes an entity), so that scrolling costs one read of the page's rows. A search reads the text columns once: 0.1 s for a million rows.
 */
import { tmpdir } from 'node:os'
import { PARTS, type Column, type DatasetManifest, type Part } from '../../contract/shapes/dataset.ts'
import type { EntityRow } from '../../contract/verbs.ts'
import { badInput } from '../../contract/errors.ts'
import { didYouMean } from '../../contract/did-you-mean.ts'
import { openDataset } from './open.ts'
import { NO_HIVE_PARTITIONS, Duck, sqlFile, fixedWidthValues, sqlName, sqlText } from './duck.ts'
import { InteractionSelection } from './interactions.ts'
import type { Dataset, Side } from './dataset.ts'

export interface BrowseQuery {
  readonly side: Side
  readonly search: string
  /** `id`, `interactions`, a column, or empty */
  readonly sort: string
  readonly descending: boolean
  readonly offset: number
  readonly limit: number
}

/** Interactions of each entity: all, and those of the training part. */
interface Counts {
  readonly all: Int32Array
  readonly train: Int32Array
}

/** Numbers of a vector that a row shows. */
const SHOWN_VECTOR = 8

export class Browser {
  readonly #dataset: Dataset
  readonly #duck: Duck
  readonly #counts: Partial<Record<Side, Counts>> = {}
  #last: { key: string; order: Int32Array } | null = null

  private constructor(dataset: Dataset, duck: Duck) {
    this.#dataset = dataset
    this.#duck = duck
  }

  /** As {@link openDataset}. */
  static async open(folder: string, recorded: DatasetManifest | null): Promise<Browser> {
    const dataset = await openDataset(folder, recorded)
    const duck = await Duck.open({ threads: 1, memoryLimit: '512MB', spillIn: tmpdir() })
    return new Browser(dataset, duck)
  }

  /** A page, and how many entities the search finds. @throws PylonError bad-input for a column that is not there */
  async page(query: BrowseQuery): Promise<{ total: number; rows: EntityRow[] }> {
    const order = await this.#order(query)
    const indices = [...order.subarray(query.offset, query.offset + query.limit)]
    const { all, train } = this.#countsOf(query.side)
    const columns = this.#columns(query.side)
    const rows = await this.#dataset.rows(query.side, indices)
    return {
      total: order.length,
      rows: rows.map((row, at) => ({
        id: String(row['id']),
        interactions: all[indices[at]!]!,
        train: train[indices[at]!]!,
        values: columns.map((column) => shown(row[column.name], column)),
      })),
    }
  }

  async dispose(): Promise<void> {
    await this.#duck.close()
  }

  #columns(side: Side): readonly Column[] {
    const { userColumns, itemColumns } = this.#dataset.manifest
    return side === 'user' ? userColumns : itemColumns
  }

  /** Indices that the search finds, in the wanted order; ties and no order: by index. */
  async #order({ side, search, sort, descending }: BrowseQuery): Promise<Int32Array> {
    const key = JSON.stringify([side, search, sort, descending])
    if (this.#last?.key === key) return this.#last.order
    const columns = this.#columns(side)
    const byColumn = columns.find((column) => column.name === sort)
    if (byColumn === undefined && !['', 'id', 'interactions'].includes(sort)) {
      const names = ['id', 'interactions', ...columns.map((column) => column.name)]
      throw badInput(`The ${side}s have no column "${sort}"; ${didYouMean(sort, names)}there are ${names.join(', ')}.`, 'sort')
    }
    const found = await this.#found(side, search.trim(), byColumn === undefined ? null : { column: byColumn, descending })
    if (sort === 'interactions') {
      const { all } = this.#countsOf(side)
      found.sort((a, b) => (descending ? all[b]! - all[a]! : all[a]! - all[b]!) || a - b)
    } else if (byColumn === undefined && descending) found.reverse()
    this.#last = { key, order: found }
    return found
  }

  async #found(side: Side, search: string, sort: { column: Column; descending: boolean } | null): Promise<Int32Array> {
    const { manifest } = this.#dataset
    const size = side === 'user' ? manifest.users : manifest.items
    if (search === '' && sort === null) return Int32Array.from({ length: size }, (_, k) => k)
    const where = search === '' ? 'true' : this.#matches(side, search)
    const by = sort === null ? 'file_row_number' : `${sortSql(sort.column)} ${sort.descending ? 'DESC' : 'ASC'} NULLS LAST, file_row_number`
    const from = `read_parquet(${sqlFile(await this.#dataset.rowsPath(side))}, ${NO_HIVE_PARTITIONS}, file_row_number = true)`
    const found = new Int32Array(size)
    let at = 0
    for await (const chunk of this.#duck.chunks(`SELECT CAST(file_row_number AS INTEGER) FROM ${from} WHERE ${where} ORDER BY ${by}`)) {
      found.set(fixedWidthValues(chunk, 0) as Int32Array, at)
      at += chunk.rowCount
    }
    return found.subarray(0, at)
  }

  /** The id or any column of text or lists contains it. */
  #matches(side: Side, search: string): string {
    const cells = this.#columns(side).flatMap(({ name: column, storage }) =>
      storage === 'text' ? [sqlName(column)] : storage === 'list' ? [`array_to_string(${sqlName(column)}, ' ')`] : [],
    )
    return ['id', ...cells].map((cell) => `contains(lower(${cell}), ${sqlText(search.toLowerCase())})`).join(' OR ')
  }

  #countsOf(side: Side): Counts {
    const counted = this.#counts[side]
    if (counted !== undefined) return counted
    const { manifest, interactions } = this.#dataset
    const size = side === 'user' ? manifest.users : manifest.items
    const countsOf = (parts: readonly Part[]): Int32Array => new InteractionSelection(interactions, parts).counts(side, size)
    return (this.#counts[side] = { all: countsOf(PARTS), train: countsOf(['train']) })
  }
}

function sortSql({ name: column, storage }: Column): string {
  return storage === 'text'
    ? `lower(${sqlName(column)})`
    : storage === 'list' || storage === 'vector'
      ? `len(${sqlName(column)})`
      : sqlName(column)
}

function shown(value: unknown, { storage }: Column): EntityRow['values'][number] {
  if (value === null || value === undefined) return null
  if (storage === 'vector') {
    const numbers = value as number[]
    const head = numbers.slice(0, SHOWN_VECTOR).map((number) => number.toPrecision(3))
    return `${head.join(', ')}${numbers.length > SHOWN_VECTOR ? ', …' : ''}`
  }
  return value as EntityRow['values'][number]
}
