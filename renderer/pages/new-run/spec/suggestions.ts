/**
 * What the dataset offers for a field, told by the field's name: columns of its side, event types. null: nothing of the
 * dataset is meant.
 */
import type { ColumnKind, DatasetManifest } from '@contract/shapes/dataset.ts'
import type { Path } from './tree.ts'

export function suggestions(path: Path, manifest: DatasetManifest | null): readonly string[] | null {
  const key = path.findLast((part) => typeof part === 'string')
  if (manifest === null || typeof key !== 'string') return null
  if (key === 'events') return manifest.events
  if (key === 'event') return manifest.events.length === 0 ? null : manifest.events
  const kinds: readonly ColumnKind[] | null =
    key === 'latitude' ? ['latitude', 'number'] : key === 'longitude' ? ['longitude', 'number'] : null
  if (key !== 'column' && kinds === null) return null
  // outside the user tower a column is of the items: negatives of one market, popularity by market
  const columns = path[0] === 'user' ? manifest.userColumns : manifest.itemColumns
  const fitting = kinds === null ? columns : columns.filter(({ kind }) => kinds.includes(kind))
  return fitting.map(({ name }) => name)
}
