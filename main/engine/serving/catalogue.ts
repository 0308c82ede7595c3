/**
 * A dataset opened for questions: its entities by id, title and popularity, and metadata columns as they are asked for, each read once
 * and kept. Models of one dataset share it. Nothing in it has to be disposed of.
 */
import { notFound } from '../../contract/errors.ts'
import type { DatasetManifest } from '../../contract/shapes/dataset.ts'
import { itemCounts, userCounts } from '../evaluation/held-out.ts'
import { openDataset } from '../dataset/open.ts'
import { positionsByItem, rowOf, type CsrRows } from '../dataset/interactions.ts'
import type { ColumnValues, Dataset, Side } from '../dataset/dataset.ts'
import { createFinder, type Finder } from './find.ts'

export class Catalogue {
  readonly dataset: Dataset
  readonly #indexOf: Partial<Record<Side, Promise<ReadonlyMap<string, number>>>> = {}
  readonly #counts: Partial<Record<Side, Int32Array>> = {}
  readonly #orders: Partial<Record<Side, Int32Array>> = {}
  readonly #finders: Partial<Record<Side, Promise<Finder>>> = {}
  #byItem: CsrRows | null = null
  readonly #columns = new Map<string, Promise<ColumnValues>>()

  constructor(dataset: Dataset) {
    this.dataset = dataset
  }

  /** As {@link openDataset}. */
  static async open(folder: string, recorded: DatasetManifest | null): Promise<Catalogue> {
    return new Catalogue(await openDataset(folder, recorded))
  }

  /** How many entities a side has. */
  size(side: Side): number {
    const { users, items } = this.dataset.manifest
    return side === 'user' ? users : items
  }

  /** Index of a known user or item. @throws PylonError not-found */
  async indexOf(side: Side, id: string): Promise<number> {
    const indices = await (this.#indexOf[side] ??= this.dataset.ids(side).then((ids) => new Map(ids.map((each, i) => [each, i]))))
    const index = indices.get(id)
    if (index === undefined) throw notFound(`Dataset ${this.dataset.manifest.name} has no ${side} "${id}".`, side)
    return index
  }

  /** Training interactions of each entity. */
  counts(side: Side): Int32Array {
    return (this.#counts[side] ??= side === 'user' ? userCounts(this.dataset, ['train']) : itemCounts(this.dataset, ['train']))
  }

  /** Entities by falling training interactions, equal ones by index. */
  order(side: Side): Int32Array {
    return (this.#orders[side] ??= byCount(this.counts(side)))
  }

  finder(side: Side): Promise<Finder> {
    return (this.#finders[side] ??= this.#createFinder(side))
  }

  /** The values of a metadata column. @throws PylonError bad-input naming the column and the ones there are */
  column(side: Side, name: string): Promise<ColumnValues> {
    const key = `${side} ${name}`
    const column = this.#columns.get(key) ?? this.dataset.column(side, name)
    this.#columns.set(key, column)
    column.catch(() => this.#columns.delete(key))
    return column
  }

  /** What names an entity to a person, by its index: null where there is no title. */
  async titles(side: Side): Promise<(index: number) => string | null> {
    const name = side === 'item' ? this.dataset.manifest.itemTitle : null
    if (name === null) return () => null
    const column = await this.column(side, name)
    return (index) => cellText(column, index)
  }

  /** Places of an item's interactions, rising, in a new array. One pass over all interactions the first time. */
  interactionsOfItem(item: number): Int32Array {
    this.#byItem ??= positionsByItem(this.dataset.interactions, this.dataset.manifest.items)
    return rowOf(this.#byItem, item).slice()
  }

  /** Values of a categorical or tags column by falling number of entities, at most `most`. */
  async common(side: Side, name: string, limit: number): Promise<string[]> {
    const column = await this.column(side, name)
    const counts = new Map<string, number>()
    const add = (value: string): void => void counts.set(value, (counts.get(value) ?? 0) + 1)
    if (column.storage === 'text') for (const value of column.values) if (value !== null) add(value)
    if (column.storage === 'list') for (const values of column.values) values?.forEach(add)
    return [...counts]
      .sort(([, a], [, b]) => b - a)
      .slice(0, limit)
      .map(([value]) => value)
  }

  async #createFinder(side: Side): Promise<Finder> {
    const ids = await this.dataset.ids(side)
    const titleOf = await this.titles(side)
    const hasTitles = side === 'item' && this.dataset.manifest.itemTitle !== null
    return createFinder(ids, hasTitles ? ids.map((_, i) => titleOf(i)) : null, this.order(side))
  }
}

/** A cell as the contract carries it: text, number, list, or null where it is missing. A vector is a list of its numbers. */
export type Cell = string | number | readonly string[] | readonly number[] | null

export function cellOf(column: ColumnValues, row: number): Cell {
  switch (column.storage) {
    case 'text':
      return column.values[row] ?? null
    case 'list':
      return column.values[row] ?? null
    case 'number': {
      const value = column.values[row]!
      return Number.isNaN(value) ? null : value
    }
    case 'vector': {
      const vector = column.values.subarray(row * column.width, (row + 1) * column.width)
      return vector.every(Number.isNaN) ? null : Array.from(vector)
    }
  }
}

function cellText(column: ColumnValues, row: number): string | null {
  const value = cellOf(column, row)
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : null
}

function byCount(counts: Int32Array): Int32Array {
  const order = Int32Array.from(counts, (_, i) => i)
  return order.sort((a, b) => counts[b]! - counts[a]! || a - b)
}
