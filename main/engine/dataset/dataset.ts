/** A dataset in memory, as the later stages see it: dense user and item indices, typed arrays, columns read on demand. */
import type { DatasetManifest } from '../../contract/shapes/dataset.ts'

/**
 * Interactions ordered by (user, time, source order). All arrays have one entry an interaction, but `offsets`.
 * Index order of users and items is id order: numeric where every id is an integer, else by code point; so "ties by item order" is by id.
 */
export interface Interactions {
  readonly length: number
  readonly user: Int32Array
  readonly item: Int32Array
  /** seconds since 1970 UTC; null where the data has no time */
  readonly time: Float64Array | null
  readonly weight: Float32Array | null
  /** code into `manifest.events`; null where there is one type */
  readonly event: Uint8Array | null
  /** PART_CODE; of one user, train comes before validation before test wherever the data is ordered */
  readonly part: Uint8Array
  /** [users + 1]: user u's interactions are offsets[u] .. offsets[u+1] */
  readonly offsets: Int32Array
}

/** One metadata column, a value per user or item in index order. */
export type ColumnValues =
  | { readonly storage: 'text'; readonly values: readonly (string | null)[] }
  /** NaN: missing */
  | { readonly storage: 'number'; readonly values: Float64Array }
  | { readonly storage: 'list'; readonly values: readonly (readonly string[] | null)[] }
  /** [rows * width]; a missing vector is all NaN */
  | { readonly storage: 'vector'; readonly width: number; readonly values: Float32Array }

export type Side = 'user' | 'item'

export interface Dataset {
  readonly folder: string
  readonly manifest: DatasetManifest
  readonly interactions: Interactions
  /** raw ids in index order; read once, then kept */
  ids(side: Side): Promise<readonly string[]>
  /** the Parquet file of a side, which is what was written; @throws PylonError bad-data where it is not */
  rowsPath(side: Side): Promise<string>
  /** @throws PylonError bad-input naming the column and the ones there are */
  column(side: Side, name: string): Promise<ColumnValues>
  /** metadata of a few rows for display, column name → value (string, number, string[] or null) */
  rows(side: Side, indices: readonly number[]): Promise<Record<string, unknown>[]>
}
