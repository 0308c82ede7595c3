/**
 * What a public layout of data is: its tables, each known by its columns or, without a header, by the form of its values. A name of a file
 * may decide between two tables that both fit, and nothing else. What a layout says of columns are defaults that `--map` and `--kinds`
 * override.
 */
import type { ColumnKind } from '../../../contract/shapes/dataset.ts'
import type { FileRole } from '../../../contract/shapes/inspection.ts'
import type { RoleMap } from '../roles.ts'
import type { Query, Source } from '../relation.ts'

/** What a table looks like before it is opened. */
export interface TableLook {
  readonly path: string
  readonly bytes: number
  /** whole lines of its beginning; empty where it is no text */
  readonly lines: readonly string[]
  /** names of columns, of what is no delimited text: those have a header by chance only */
  readonly columns: readonly string[]
}

/** How a table of a layout is read. */
export interface Reading extends Omit<Source, 'path'> {
  /** kinds of its columns, where its header says them */
  readonly kinds?: Readonly<Record<string, ColumnKind>>
}

export interface LayoutTable {
  readonly role: FileRole
  /** columns that its header has, in any order, among others */
  readonly columns?: readonly string[]
  /** columns that it does not have: what tells it from a neighbour */
  readonly without?: readonly string[]
  /** without a header: what the values of its first columns are, on every line */
  readonly cells?: readonly RegExp[]
  /** of the cells; in a table with a header it is found by the header */
  readonly delimiter?: string
  /** another sign; answers how it is read, or null */
  readonly match?: (look: TableLook) => Reading | null
  /** a name that speaks for it among tables that fit */
  readonly called?: RegExp
  readonly optional?: boolean
  /** all tables that fit are one, in parts */
  readonly many?: boolean
  /** how it is read; may depend on the split, of which what comes after its cut is not read */
  readonly reading?: Reading | ((input: { readonly split: string | undefined }) => Reading)
}

export interface Layout {
  /** as its authors call it */
  readonly title: string
  /** what files it is made of, for people */
  readonly files: string
  readonly tables: readonly LayoutTable[]
  /** metadata that the interactions' table itself holds, where there is no other table of it: a query over its columns */
  readonly derived?: Partial<Record<'users' | 'items', Query>>
  readonly map: RoleMap
  readonly kinds?: Readonly<Record<string, ColumnKind>>
  /** columns of which no feature is made: figures of after the fact, that a split holds out */
  readonly afterTheFact?: RegExp
  readonly sequence?: boolean
  /** of its event types, those that are positives: others were shown and not taken, or disliked */
  readonly positives?: readonly string[]
  /** what a person should know of what is made of it; of its items, as a warning, where that changes what is learned */
  readonly says?: string
  readonly warns?: string
}

/** A query that keeps every row in its place. */
export const rowByRow = (select: string): Query => ({ sql: (from) => `SELECT ${select} FROM ${from}`, rowByRow: true })

/** A query that makes other rows. */
export const reshaped = (sql: (from: string) => string): Query => ({ sql, rowByRow: false })
