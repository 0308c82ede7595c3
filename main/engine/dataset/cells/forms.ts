/** All forms of cells by the name that a manifest keeps. */
import type { Column } from '../../../contract/shapes/dataset.ts'
import type { CellForm } from './form.ts'
import { LIST_FORMS } from './lists.ts'
import { NUMBER_FORMS } from './numbers.ts'
import { TEXT_FORMS } from './texts.ts'
import { TIME_FORMS } from './times.ts'
import { VECTOR_FORMS } from './vectors.ts'

const byName = <Value>(forms: readonly CellForm<Value>[]): ReadonlyMap<string, CellForm<Value>> =>
  new Map(forms.map((form) => [form.name, form]))

/** By how a column is stored; times are stored as numbers. */
const FORMS = {
  text: byName<string>(TEXT_FORMS),
  number: byName<number>([...NUMBER_FORMS, ...TIME_FORMS]),
  list: byName(LIST_FORMS),
  vector: byName(VECTOR_FORMS),
} as const satisfies Record<Column['storage'], unknown>

/** The form of a name; undefined for a column of before 0.3, or whose values were no text in the file. */
export function formNamed<Storage extends Column['storage']>(
  storage: Storage,
  name: string | null | undefined,
): (typeof FORMS)[Storage] extends ReadonlyMap<string, infer Form> ? Form | undefined : never {
  return FORMS[storage].get(name ?? '') as never
}

/** Every form, for the test that holds `sql` and `parse` together. */
export const ALL_FORMS: readonly CellForm<unknown>[] = Object.values(FORMS).flatMap((forms) => [...forms.values()])
