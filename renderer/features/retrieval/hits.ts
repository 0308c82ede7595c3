/** Helpers for lists of retrieved items: ranks by item, and which columns to show beside them. */
import type { Column } from '@contract/shapes/dataset.ts'
import type { InspectResult } from '@contract/verbs/inspect.ts'

/** Where each item stands in a list, from 1. */
export function ranksOf(result: InspectResult | null): ReadonlyMap<string, number> {
  return new Map(result?.hits.map(({ item, rank }) => [item, rank]))
}

/** Columns worth a place beside a hit when nobody has chosen: short ones, with something to tell. */
export function defaultColumns(columns: readonly Column[], title: string | null, maxColumns: number): string[] {
  const worth: Partial<Record<Column['kind'], number>> = { category: 0, number: 1, tags: 2, time: 3 }
  return columns
    .filter(({ name, kind, distinct, missing }) => name !== title && kind in worth && distinct > 1 && (missing === 0 || distinct > 2))
    .map((column, i) => ({ column, key: worth[column.kind]! * 1000 + i }))
    .sort((a, b) => a.key - b.key)
    .slice(0, maxColumns)
    .map(({ column }) => column.name)
}
