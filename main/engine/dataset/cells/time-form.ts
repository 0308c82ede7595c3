/** What a form of dates and times is. */
import type { CellForm } from './cell-form.ts'

export type TimeForm = CellForm<number>

/** A rewriting of cells: expressions of RE2 and JavaScript alike, and what each match becomes, groups as `\\1`. */
export type Steps = readonly (readonly [found: string, becomes: string])[]

/** How `parse` reads, as data, for readers in another language (export/reading.ts). */
export type Reading =
  /** the groups are parts of one instant (`Fields` of instants.ts) */
  | { readonly kind: 'groups'; readonly test: RegExp }
  /** what fits is spelled anew, then read by another form */
  | { readonly kind: 'respelled'; readonly test: RegExp; readonly steps: Steps; readonly of: Pattern }
  /** groups day, month, year and clock of the first, or month, day, year and clock of the second, spelled anew and read by another form */
  | {
      readonly kind: 'month-in-words'
      readonly first: RegExp
      readonly second: RegExp
      readonly months: readonly (readonly string[])[]
      readonly clock: Steps
      readonly of: Pattern
    }
  | { readonly kind: 'iso-week' | 'ordinal-date'; readonly test: RegExp }

export interface Pattern extends TimeForm {
  readonly test: RegExp
  readonly reading: Reading
  /** forms that write the same digits in another order have one in common; it has the customary order first */
  readonly digits?: string
  /** whether other things than dates are written so, `01-02-03`: a column is a time only where its name says so too */
  readonly weak?: boolean
}
