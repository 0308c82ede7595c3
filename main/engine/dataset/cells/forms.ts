/** All forms of cells by the name that a manifest keeps. */
import type { Column } from '../../../contract/shapes/dataset.ts'
import type { CellForm } from './cell-form.ts'
import { LIST_FORMS } from './lists.ts'
import { NUMBER_FORMS } from './numbers.ts'
import { TEXT_FORMS } from './texts.ts'
import { TIME_FORMS } from './times.ts'
import { VECTOR_FORMS } from './vectors.ts'

const byName = <Value>(forms: readonly CellForm<Value>[]): ReadonlyMap<string, CellForm<Value>> =>
  new Map(forms.map((form) => [form.name, form]))

/** By how a column is stored (times as numbers), then by name. A column of before 0.3, or whose values were no text, has none. */
export const FORMS = {
  text: byName<string>(TEXT_FORMS),
  number: byName<number>([...NUMBER_FORMS, ...TIME_FORMS]),
  list: byName(LIST_FORMS),
  vector: byName(VECTOR_FORMS),
} as const satisfies Record<Column['storage'], unknown>
