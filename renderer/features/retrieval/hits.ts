/** Helpers for lists of retrieved items: ranks by item, and which columns to show beside them. */
import type { Column } from '@contract/shapes/dataset.ts'
import { spreadsheetLine } from '@contract/csv.ts'
import type { InspectedHit, InspectResult } from '@contract/verbs/inspect.ts'

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

/** A list as CSV (RFC 4180): rank, item, title, score, popularity, what the user met it in, the shown columns, and the rank in the list beside. */
export function hitsCsv(hits: readonly InspectedHit[], columns: readonly Column[], other: ReadonlyMap<string, number> | null): string {
  const head = ['rank', 'item', 'title', 'score', 'popularity', 'seen_in', ...(other === null ? [] : ['other_rank'])]
  const line = (hit: InspectedHit): (string | number | null)[] => [
    ...[hit.rank, hit.item, hit.title, hit.score, hit.popularity, hit.seenIn],
    ...(other === null ? [] : [other.get(hit.item) ?? null]),
    ...columns.map((_, c) => cellText(hit.values[c] ?? null)),
  ]
  return [[...head, ...columns.map(({ name }) => name)], ...hits.map(line)].map((cells) => `${spreadsheetLine(cells)}\r\n`).join('')
}

const cellText = (value: InspectedHit['values'][number] | null): string | number | null =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : value
