/** What a form of dates and times is. */
import type { CellForm } from './cell-form.ts'

export type TimeForm = CellForm<number>

export interface Pattern extends TimeForm {
  readonly test: RegExp
  /** forms that write the same digits in another order have one in common; it has the customary order first */
  readonly digits?: string
  /** whether other things than dates are written so, `01-02-03`: a column is a time only where its name says so too */
  readonly weak?: boolean
}
