/** What a column of interactions is for: a role, or, where there is no table of that side, a property of the item or of the user. */
import { joinDescribing, splitDescribing } from '@contract/import-options.ts'
import type { ColumnKind } from '@contract/shapes/dataset.ts'
import type { ColumnRole, FileRole, InspectedFile } from '@contract/shapes/inspection.ts'
import { HARD_ROLES, rolesFor, withRole, type Draft } from './import-draft.ts'

type Column = InspectedFile['columns'][number]
/** `ofItem` and `ofUser`: it describes them. */
export type ColumnUse = ColumnRole | 'ofItem' | 'ofUser'

export const useOf = ({ role, describes }: Column): ColumnUse | null =>
  role ?? (describes === 'item' ? 'ofItem' : describes === 'user' ? 'ofUser' : null)

/** What a column may be for. @param tables roles of the files that are there */
export function usesFor(file: InspectedFile, column: Column, tables: readonly (FileRole | null)[]): (ColumnUse | null)[] {
  const role = file.role ?? 'interactions'
  const now = column.describes === undefined ? column.role : null
  const roles = rolesFor(role, now)
  if (role !== 'interactions' || (now !== null && HARD_ROLES.includes(now))) return roles
  return [
    ...roles,
    ...(tables.includes('items') ? [] : (['ofItem', 'title'] as const)),
    ...(tables.includes('users') ? [] : (['ofUser'] as const)),
  ]
}

/** The file whose kinds a column has: that of the side which it describes. */
export const kindsOf = (file: InspectedFile, { describes }: Column): FileRole =>
  describes === undefined ? file.role! : describes === 'item' ? 'items' : 'users'

/** Whether a column has a kind to be chosen. */
export const hasKind = ({ role }: InspectedFile, column: Column): boolean =>
  role === 'users' || role === 'items' ? column.role !== 'userId' && column.role !== 'itemId' : column.describes !== undefined

/** A column is used otherwise; what is found by looking stays found but for the side that this changes. */
export function withUse(draft: Draft, file: InspectedFile, name: string, use: ColumnUse | null): Draft {
  const column = file.columns.find((other) => other.name === name)
  if (column === undefined || useOf(column) === use) return draft
  if (file.role !== 'interactions') return withRole(draft, file, name, use as ColumnRole | null)
  const side = use === 'ofItem' || use === 'title' ? 'item' : use === 'ofUser' ? 'user' : null
  const role = side === null ? (use as ColumnRole | null) : null
  const moved = column.role === null && role === null ? draft : withRole(draft, file, name, role)
  const next = use === 'title' ? { ...moved, map: { ...moved.map, title: name } } : moved
  return {
    ...next,
    ...described(draft, file, 'item', name, side),
    ...described(draft, file, 'user', name, side),
    kinds: withoutKinds(draft.kinds, name),
  }
}

const OPTIONS = { item: 'itemColumns', user: 'userColumns' } as const

/** The columns of a side, where a change of one column's use changes them. */
function described(draft: Draft, file: InspectedFile, of: 'item' | 'user', name: string, side: 'item' | 'user' | null): Partial<Draft> {
  const said = draft[OPTIONS[of]]
  const now =
    said === undefined ? file.columns.filter(({ describes }) => describes === of).map((column) => column.name) : splitDescribing(said)
  const names = [...now.filter((other) => other !== name), ...(side === of ? [name] : [])]
  // what is left by itself is not taken again
  return names.length === now.length && now.includes(name) === names.includes(name) ? {} : { [OPTIONS[of]]: joinDescribing(names) }
}

const withoutKinds = (kinds: Readonly<Record<string, ColumnKind>>, name: string): Readonly<Record<string, ColumnKind>> =>
  Object.fromEntries(Object.entries(kinds).filter(([column]) => column !== `items.${name}` && column !== `users.${name}`))
