/** Types of a DataTable's input: columns, sorting, groups and lines. */

/** A column over rows of T. Cells are drawn by a slot `cell-<id>`, else as `text`, else as `value`. */
export interface DataColumn<T> {
  readonly id: string
  /** already in the user's language */
  readonly title: string
  /** stands once, in the header */
  readonly unit?: string
  /** explanation of the header */
  readonly hint?: string
  /** what it is sorted by; null (and NaN) come last in either direction */
  readonly value: (row: T) => string | number | null
  readonly text?: (row: T) => string
  /** end: numbers, which line up */
  readonly align?: 'start' | 'end'
  /** px */
  readonly width?: number
  readonly sortable?: boolean
  /** not shown until it is chosen */
  readonly hidden?: boolean
  /** stays at the left while the rest scrolls, until it is changed */
  readonly pinned?: boolean
  /** always shown */
  readonly fixed?: boolean
}

export interface Sort {
  readonly column: string
  readonly descending: boolean
}

/** A heading over rows that belong together; rows are sorted within a group, never across. */
export interface RowGroup<T> {
  readonly key: string
  readonly rows: readonly T[]
}

/** One line of the table. */
export type TableLine<T> =
  | { readonly kind: 'group'; readonly group: RowGroup<T>; readonly open: boolean }
  | { readonly kind: 'row'; readonly row: T; readonly key: string }

/** A column of a PlainTable. Its cells are drawn by a slot `cell-<id>`, else as `text`. */
export interface PlainColumn<R> {
  readonly id: string
  readonly title: string
  readonly text?: (row: R) => string | number
  readonly num?: boolean
  /** of its cells */
  readonly class?: string
  readonly width?: string
  /** its cells name their rows */
  readonly head?: boolean
  /** the title is for screen readers alone */
  readonly quiet?: boolean
  /** left out where the window is narrow */
  readonly wide?: boolean
}
