/**
 * Several files that nobody has described: which are the interactions, the users, the items, the held-out test. Judged by their
 * columns first (interactions have a user and an item), then by their names. A guess to be corrected, never an error.
 */
import { basename } from 'node:path'
import type { FileRole } from '../../contract/shapes/inspection.ts'
import { normaliseName, roleColumn } from './roles.ts'

/** What is known of a file before anything is decided. */
export interface FileToAssign {
  /** as `--interactions` takes it, `#TABLE` included */
  readonly path: string
  readonly bytes: number
  readonly columns: readonly string[]
  readonly named: boolean
  readonly reader: string
}

const TEST_NAME = /(^|[^a-z])(test|heldout|held-out|holdout|eval)([^a-z]|$)/i
const NAME_HINTS: readonly (readonly [FileRole, RegExp])[] = [
  ['users', /user|customer|member|visitor|people|traveller|guest|reader|player/i],
  ['items', /item|product|movie|listing|book|song|track|article|news|video|game|app|recipe|hotel|venue|place|catalog/i],
]

/** A role for each path; null: not used. */
export function assignFiles(files: readonly FileToAssign[]): Map<string, FileRole | null> {
  const roles = new Map<string, FileRole | null>(files.map(({ path }) => [path, null]))
  if (files.length === 1) return roles.set(files[0]!.path, 'interactions')
  const pairs = files.filter((file) => interactionColumns(file) !== null).toSorted((a, b) => b.bytes - a.bytes)
  const main = pairs.find(({ path }) => !TEST_NAME.test(stem(path))) ?? pairs[0] ?? files.toSorted((a, b) => b.bytes - a.bytes)[0]
  if (main === undefined) return roles
  roles.set(main.path, 'interactions')
  const test = pairs.find((file) => file !== main && TEST_NAME.test(stem(file.path)))
  if (test !== undefined) roles.set(test.path, 'test')
  const columns = interactionColumns(main)
  const rest = files.filter((file) => roles.get(file.path) === null && !pairs.includes(file))
  for (const file of rest) {
    const role = metadataRole(file, columns)
    if (role !== null && ![...roles.values()].includes(role)) roles.set(file.path, role)
  }
  const unassigned = rest.filter((file) => roles.get(file.path) === null)
  if (unassigned.length === 1 && ![...roles.values()].includes('items')) roles.set(unassigned[0]!.path, 'items')
  return roles
}

function interactionColumns({ columns, named, reader, path }: FileToAssign): { user: string; item: string } | null {
  if (reader === 'sequence') return { user: 'user', item: 'item' }
  if (!named) return null
  const user = roleColumn('user', {}, columns, path)
  const item = roleColumn('item', {}, columns, path, user === null ? [] : [user])
  return user === null || item === null ? null : { user, item }
}

function metadataRole({ path, columns }: FileToAssign, pair: { user: string; item: string } | null): 'users' | 'items' | null {
  const names = columns.map(normaliseName)
  if (pair !== null) {
    const [hasUser, hasItem] = [names.includes(normaliseName(pair.user)), names.includes(normaliseName(pair.item))]
    if (hasUser !== hasItem) return hasUser ? 'users' : 'items'
    // listings.jsonl beside a column listing_id
    const singular = normaliseName(stem(path)).replace(/s$/, '')
    if (singular.length >= 3) {
      if (normaliseName(pair.user).includes(singular)) return 'users'
      if (normaliseName(pair.item).includes(singular)) return 'items'
    }
  }
  const hint = NAME_HINTS.find(([, test]) => test.test(stem(path)))?.[0]
  return hint === 'users' || hint === 'items' ? hint : null
}

/** The file's name, or the table's, without its endings. */
function stem(path: string): string {
  const name = basename(path)
  const table = name.lastIndexOf('#')
  return table >= 0 ? name.slice(table + 1) : name.replace(/\..*$/, '')
}
