/**
 * Several files that nobody has described: which are the interactions, the users, the items, the held-out test. Judged by what is in them:
 * interactions have a user and an item in each row, metadata has a row for each id of theirs. Names decide where contents leave it open, and
 * which part is held out, which no content says. A guess to be corrected, never an error.
 */
import type { FileRole } from '../../contract/shapes/inspection.ts'
import type { Duck } from '../dataset/duck.ts'
import { stem } from '../files/stem.ts'
import { columnSamples, filled } from './column-samples.ts'
import { sharesOf, someIds } from './id-shares.ts'
import { guessRoles } from './role-guess.ts'
import { normaliseName, roleColumn } from './roles.ts'
import type { Relation } from './relation.ts'

/** What is known of a file before anything is decided. */
export interface FileToAssign {
  /** as `--interactions` takes it, `#TABLE` included */
  readonly path: string
  readonly relation: Relation
}

/** A file with a user and an item in each row. */
interface Pair extends FileToAssign {
  readonly user: string
  readonly item: string
  /** one of them is of one row alone, as in metadata that names its owner */
  readonly keyed: boolean
}

type Side = 'user' | 'item'

const TEST_NAME = /(^|[^a-z])(test|heldout|held-out|holdout|eval)([^a-z]|$)/i
const NAME_HINTS: readonly (readonly [Side, RegExp])[] = [
  ['user', /user|customer|member|visitor|people|traveller|guest|reader|player/i],
  ['item', /item|product|movie|listing|book|song|track|article|news|video|game|app|recipe|hotel|venue|place|catalog/i],
]

/** Whether a file's name says that it holds users, items or what they did. */
export const isNamedTable = (name: string): boolean =>
  NAME_HINTS.some(([, test]) => test.test(name)) ||
  /interaction|rating|review|event|click|view|purchase|order|transaction|play|listen/i.test(name)

/** A role for each path; null: not used. */
export async function assignFiles(duck: Duck, files: readonly FileToAssign[]): Promise<Map<string, FileRole | null>> {
  const roles = new Map<string, FileRole | null>(files.map(({ path }) => [path, null]))
  if (files.length === 1) return roles.set(files[0]!.path, 'interactions')
  const bySize = files.toSorted((a, b) => b.relation.file.bytes - a.relation.file.bytes)
  const pairs = await pairsOf(duck, bySize)
  const main = pairs.find(({ path, keyed }) => !keyed && !TEST_NAME.test(stem(path))) ?? pairs[0]
  const interactions = main ?? bySize[0]
  if (interactions === undefined) return roles
  roles.set(interactions.path, 'interactions')
  const test = pairs.find((file) => file !== main && !file.keyed && TEST_NAME.test(stem(file.path)))
  if (test !== undefined) roles.set(test.path, 'test')
  const isOfInteractions = ({ path, relation }: FileToAssign): boolean =>
    pairs.some((pair) => pair.path === path && (!pair.keyed || hasColumnsOf(relation, interactions.relation)))
  const others = files.filter((file) => roles.get(file.path) === null && !isOfInteractions(file))
  const taken = (role: FileRole): boolean => [...roles.values()].includes(role)
  for (const file of others) {
    const side = await metadataSide(duck, file, main ?? null)
    const role = side === null ? null : (`${side}s` as const)
    if (role !== null && !taken(role)) roles.set(file.path, role)
  }
  return roles
}

/** Few rows of interactions have each user once, as metadata has; their columns are those of the others. */
function hasColumnsOf(relation: Relation, interactions: Relation): boolean {
  const names = ({ columns }: Relation): string[] => columns.map(({ name }) => name.toLowerCase()).toSorted()
  return interactions.named && relation.named && names(relation).join('\n') === names(interactions).join('\n')
}

/** Files with a user and an item, the largest first: by the names of their columns; where none has such names, by their values. */
async function pairsOf(duck: Duck, files: readonly FileToAssign[]): Promise<Pair[]> {
  const pairs = async (columnsOf: (file: FileToAssign) => Promise<{ user: string; item: string } | null>): Promise<Pair[]> => {
    const found: Pair[] = []
    for (const file of files) {
      const columns = await columnsOf(file)
      if (columns === null) continue
      const keys = file.relation.reader === 'sequence' ? [] : [columns.user, columns.item]
      const keyed = (await Promise.all(keys.map((column) => isKey(duck, file.relation, column)))).includes(true)
      found.push({ ...file, ...columns, keyed })
    }
    return found
  }
  const named = await pairs(async ({ relation }) => namedPair(relation))
  if (named.length > 0) return named
  const guessed = await pairs(async ({ relation }) => {
    const { roles } = guessRoles(await columnSamples(duck, relation), {}, relation.named, relation.shown)
    const [user, item] = [roles.get('user'), roles.get('item')]
    if (user === undefined || item === undefined || user.confidence === 'low' || item.confidence === 'low') return null
    return { user: user.column, item: item.column }
  })
  return guessed.filter(({ keyed }) => !keyed)
}

function namedPair({ reader, named, shown, columns }: Relation): { user: string; item: string } | null {
  if (reader === 'sequence') return { user: 'user', item: 'item' }
  if (!named) return null
  const names = columns.map(({ name }) => name)
  const user = roleColumn('user', {}, names, shown)
  const item = roleColumn('item', {}, names, shown, user === null ? [] : [user])
  return user === null || item === null ? null : { user, item }
}

/** Whether a column names each of its rows, but for a few twins, which are for the import to refuse. */
async function isKey(duck: Duck, relation: Relation, column: string): Promise<boolean> {
  const cells = filled((await columnSamples(duck, relation)).find(({ name }) => name === column)?.cells ?? [])
  return cells.length > 0 && new Set(cells).size > cells.length * 0.9
}

/** The side that a file describes: the one whose ids name its rows. Small numbers are ids of both, so that names come first. */
async function metadataSide(duck: Duck, { path, relation }: FileToAssign, main: Pair | null): Promise<Side | null> {
  const hint = NAME_HINTS.find(([, test]) => test.test(stem(path)))?.[0] ?? null
  if (main === null) return hint
  const columns = relation.columns.map(({ name }) => name)
  const named = namedSide(stem(path), columns, main)
  const shares = { user: 0, item: 0 }
  for (const side of ['user', 'item'] as const) {
    const ids = await someIds(duck, { relation: main.relation, column: main[side] })
    // what cannot be read is refused where it is used
    const found = ids.length === 0 ? new Map<string, number>() : await sharesOf(duck, relation, columns, ids).catch(() => null)
    if (found === null) return named ?? hint
    for (const [column, share] of found) if (share > shares[side] && (await isKey(duck, relation, column))) shares[side] = share
  }
  if (named !== null && shares[named] > 0) return named
  if (shares.user !== shares.item) {
    const [more, less] = shares.user > shares.item ? (['user', 'item'] as const) : (['item', 'user'] as const)
    if (hint === null || hint === more || shares[less] < shares[more] / 2) return more
  }
  return shares.user + shares.item > 0 ? hint : null
}

/** By a column called as that of the interactions, or a file called as it: listings.jsonl beside a column listing_id. */
function namedSide(name: string, columns: readonly string[], main: Pair): Side | null {
  if (!main.relation.named) return null
  const names = columns.map(normaliseName)
  const [hasUser, hasItem] = [names.includes(normaliseName(main.user)), names.includes(normaliseName(main.item))]
  if (hasUser !== hasItem) return hasUser ? 'user' : 'item'
  const singular = normaliseName(name).replace(/s$/, '')
  if (singular.length < 3) return null
  return normaliseName(main.user).includes(singular) ? 'user' : normaliseName(main.item).includes(singular) ? 'item' : null
}
