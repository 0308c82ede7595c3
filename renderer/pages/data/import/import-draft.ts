/**
 * An import as it is being prepared: what was chosen, and the corrections made so far. Corrections become the options of the verbs
 * (`map`, `kinds`, `split`), the same that a command line has.
 */
import { freeName } from '@contract/free-name.ts'
import { ENCODINGS, joinPairs, joinSigns, offeredNames, parseSigns } from '@contract/import-options.ts'
import {
  COLUMN_ROLES,
  FILE_ROLES,
  type ColumnRole,
  type FileRole,
  type InspectedFile,
  type FileInspection,
} from '@contract/shapes/inspection.ts'
import type { ColumnKind } from '@contract/shapes/dataset.ts'
import type { VerbInput } from '@contract/verbs.ts'

export type SplitKind = 'leave-last' | 'time' | 'random' | 'given'

/** A split with the settings of all kinds, so that changing one's mind keeps them. */
export interface SplitChoice {
  readonly kind: SplitKind
  /** seconds since 1970 */
  readonly cut: number
  readonly fraction: number
  readonly validation: number
  readonly seed: number
}

/** Steps before the split, as the options of the verbs; a step that is not taken is not there. */
export type Preparation = Readonly<
  Partial<{
    events: string
    minWeight: number
    positiveWeight: number
    positives: string
    from: string
    to: string
    duplicates: 'first' | 'last'
    sampleUsers: number
    sessionGap: string
    minPerUser: number
    minPerItem: number
    core: number
  }>
>

/** Options of reading that are one of a few, the usual one first. */
export const READING_CHOICES = {
  missingIds: ['fail', 'drop', 'keep'],
  floatIds: ['whole', 'keep'],
  decimal: ['auto', 'point', 'comma'],
  badRows: ['fail', 'skip'],
  encoding: ENCODINGS,
} as const

type ReadingChoice = keyof typeof READING_CHOICES

/** How files are read, where that was said: options of the verbs by their names. */
export type Reading = Readonly<
  Partial<
    { [Name in ReadingChoice]: (typeof READING_CHOICES)[Name][number] } & Record<
      'dateFormat' | 'delimiter' | 'quote' | 'escape' | 'comment',
      string
    >
  >
>

/** A file's name, as options know it: the last part of its path, whose separators are the host's. */
export const fileName = (path: string): string => path.split(/[\\/]/).at(-1)!

/** What a sign is said to be for one file, or for all (null); empty where nothing is said. */
export function signFor(said: string | undefined, file: string | null): string {
  const { all, files } = parseSigns(said ?? '')
  return (file === null ? all : files.find(([name]) => name === file)?.[1]) ?? ''
}

/** The option with the sign of one file, or of all (null), as it is said now; empty: nothing is. */
export function withSign(said: string | undefined, file: string | null, sign: string): string | null {
  const { all, files } = parseSigns(said ?? '')
  const others = files.filter(([name]) => name !== file)
  const changed =
    file === null
      ? { all: sign === '' ? null : sign, files }
      : { all: all === '' ? null : all, files: sign === '' ? others : [...others, [file, sign] as const] }
  return joinSigns(changed) ?? null
}

/** Options with one of them as it is said now; null: as it is unless somebody says. */
export function withOption<Options extends object>(options: Options, name: keyof Options, value: string | number | null): Options {
  const { [name]: _, ...others } = options
  return (value === null ? others : { ...others, [name]: value }) as Options
}

export interface Draft {
  /** several files of no known layout, or one path; roles of files are in `files` once one was corrected */
  readonly source:
    { readonly files: readonly string[] } | { readonly path: string } | { readonly roles: Readonly<Partial<Record<FileRole, string>>> }
  /** further files of interactions, joined with the first */
  readonly also?: readonly string[]
  /** column, or `none`, by role */
  readonly map: Readonly<Partial<Record<ColumnRole, string>>>
  /** by `users.COLUMN` and `items.COLUMN` */
  readonly kinds: Readonly<Record<string, ColumnKind>>
  readonly header: 'auto' | 'yes' | 'no'
  /** columns of lists, each entry of which is an interaction */
  readonly unroll?: string
  /** columns of the interactions that describe the item or the user, where that was said: `none`, or a list of names */
  readonly itemColumns?: string
  readonly userColumns?: string
  /** none in drafts of before */
  readonly preparation?: Preparation
  readonly reading?: Reading
}

export const HARD_ROLES: readonly ColumnRole[] = ['user', 'item', 'userId', 'itemId']

export const newDraft = (source: Draft['source']): Draft => ({ source, map: {}, kinds: {}, header: 'auto' })

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether a stored value is a draft: it may be old or foreign. */
export function isDraft(value: unknown): value is Draft {
  if (typeof value !== 'object' || value === null) return false
  const { source, also, map, kinds, header, preparation, reading, unroll, itemColumns, userColumns } = value as Record<string, unknown>
  const isTable = (table: unknown, keys?: readonly string[]): boolean =>
    typeof table === 'object' &&
    table !== null &&
    Object.entries(table).every(([key, text]) => typeof text === 'string' && (keys?.includes(key) ?? true))
  const from = source as { files?: unknown; path?: unknown; roles?: unknown } | null
  const hasSource =
    typeof from === 'object' &&
    from !== null &&
    (typeof from.path === 'string' ||
      (Array.isArray(from.files) && from.files.length > 0 && from.files.every((file) => typeof file === 'string')) ||
      isTable(from.roles, FILE_ROLES))
  return (
    hasSource &&
    (also === undefined || (Array.isArray(also) && also.every((file) => typeof file === 'string'))) &&
    isTable(map, COLUMN_ROLES) &&
    isTable(kinds) &&
    ['auto', 'yes', 'no'].includes(String(header)) &&
    [preparation, reading].every((part) => part === undefined || isObject(part)) &&
    [unroll, itemColumns, userColumns].every((list) => ['undefined', 'string'].includes(typeof list))
  )
}

/** What `datasets.inspect` is asked. */
export function inspectInput(draft: Draft): VerbInput<'datasets.inspect'> {
  const { source, also = [] } = draft
  const from = 'roles' in source ? source.roles : 'files' in source ? { files: [...source.files] } : { path: source.path }
  return { ...from, ...(also.length > 0 && { also: [...also] }), ...corrections(draft) }
}

/** What `datasets.import` is asked, but for name and split: exactly what was looked at. */
export function importSource(inspection: FileInspection, draft: Draft): Omit<VerbInput<'datasets.import'>, 'name'> {
  const { format, ...paths } = inspection.source
  return { ...paths, format: format as 'auto', ...corrections(draft) }
}

function corrections({
  map,
  kinds,
  header,
  unroll,
  itemColumns,
  userColumns,
  reading,
  preparation,
}: Draft): Pick<VerbInput<'datasets.inspect'>, 'map' | 'kinds' | 'unroll' | 'header' | 'itemColumns' | 'userColumns'> {
  const [mapped, said] = [joinPairs(Object.entries(map)), joinPairs(Object.entries(kinds))]
  return {
    ...(mapped !== '' && { map: mapped }),
    ...(said !== '' && { kinds: said }),
    ...(unroll !== undefined && { unroll }),
    ...(itemColumns !== undefined && { itemColumns }),
    ...(userColumns !== undefined && { userColumns }),
    header,
    ...reading,
    ...preparation,
  }
}

/** Roles that a column of a file may have; what must be there cannot be taken away, only given to another column. */
export function rolesFor(file: FileRole, now: ColumnRole | null): (ColumnRole | null)[] {
  const roles: readonly ColumnRole[] =
    file === 'users' ? ['userId'] : file === 'items' ? ['itemId', 'title'] : ['user', 'item', 'time', 'weight', 'event']
  return now !== null && HARD_ROLES.includes(now) ? [...roles] : [null, ...roles]
}

/**
 * A column gets a role (null: none). Who had the role before loses it; where the column's own role must stay somewhere, the two change
 * places.
 */
export function withRole(draft: Draft, file: InspectedFile, column: string, role: ColumnRole | null): Draft {
  const before = file.columns.find(({ name }) => name === column)?.role ?? null
  if (before === role) return draft
  const holder = role === null ? undefined : file.columns.find((other) => other.role === role)?.name
  const map = { ...draft.map }
  if (before !== null) {
    if (HARD_ROLES.includes(before) && holder !== undefined) map[before] = holder
    else map[before] = 'none'
  }
  if (role !== null) map[role] = column
  return { ...draft, map }
}

/** A guess that is not sure is right: it is said. */
export function withConfirmed(draft: Draft, column: string, role: ColumnRole): Draft {
  return { ...draft, map: { ...draft.map, [role]: column } }
}

export function withKind(draft: Draft, file: FileRole, column: string, kind: ColumnKind): Draft {
  return { ...draft, kinds: { ...draft.kinds, [`${file}.${column}`]: kind } }
}

/** A file gets another role; the one that had it is not used any more. Corrections of columns stay where they still fit. */
export function withFileRole(draft: Draft, { files }: FileInspection, path: string, role: FileRole | null): Draft {
  const roles: Partial<Record<FileRole, string>> = {}
  for (const file of files)
    if (file.role !== null && file.also !== true && file.path !== path && file.role !== role) roles[file.role] = file.path
  if (role !== null) roles[role] = path
  const also = (draft.also ?? []).filter((other) => other !== path)
  const kinds = Object.fromEntries(
    Object.entries(draft.kinds).filter(([key]) => roles[key.slice(0, key.indexOf('.')) as FileRole] !== undefined),
  )
  const { itemColumns: _, userColumns: __, ...others } = draft
  return { ...others, source: { roles }, also, kinds, map: {} }
}

/** A file becomes further interactions beside those of the first, whose columns it has. */
export function withJoined(draft: Draft, inspection: FileInspection, path: string): Draft {
  const joined = withFileRole(draft, inspection, path, null)
  return { ...joined, also: [...(joined.also ?? []), path] }
}

/** Whether a file can be read as further interactions: another one is, and it has its columns. */
export function canJoin({ files }: FileInspection, file: InspectedFile): boolean {
  const main = files.find(({ role, also }) => role === 'interactions' && also !== true)
  if (main === undefined || main.path === file.path) return false
  const used = main.columns
    .filter(({ role, name }) => role !== null && !(role === 'event' && name === 'event'))
    .map(({ name }) => name.toLowerCase())
  const own = new Set(file.columns.map(({ name }) => name.toLowerCase()))
  return used.every((name) => own.has(name))
}

/** Splits that the data allows, the recommended one first. */
export function splitsFor({ files, hasTime, hasOrder }: FileInspection): SplitKind[] {
  const given = files.some(({ role }) => role === 'test')
  return [
    ...(given ? (['given'] as const) : []),
    ...(hasOrder ? (['leave-last'] as const) : []),
    ...(hasTime ? (['time'] as const) : []),
    'random',
  ]
}

/** The option of a split. */
export function splitOption({ kind, cut, fraction }: SplitChoice): string {
  if (kind === 'time') return `time:${new Date(cut * 1000).toISOString().slice(0, 19)}Z`
  return kind === 'random' ? `random:${fraction}` : kind
}

/** A split as `--split` takes it, as a choice. */
export function splitChoice(split: string, choice: SplitChoice): SplitChoice {
  const [kind, value] = [split.split(':')[0]!, split.slice(split.indexOf(':') + 1)]
  if (kind === 'time') return { ...choice, kind, cut: /^\d+$/.test(value) ? Number(value) : Date.parse(value) / 1000 }
  if (kind === 'random') return { ...choice, kind, fraction: Number(value) }
  return kind === 'given' || kind === 'leave-last' ? { ...choice, kind } : choice
}

type Activity = NonNullable<FileInspection['activity']>

/** The time after which about this share of the interactions lies, rounded to a day where the span has days enough. */
export function cutAt({ from, to, counts }: Activity, share: number): number {
  const total = counts.reduce((a, b) => a + b, 0)
  let [at, after] = [counts.length, 0]
  while (at > 0 && after < total * share) after += counts[--at]!
  const time = from + ((to - from) * at) / counts.length
  const day = Math.ceil(time / 86_400) * 86_400
  return day < to && day > from ? day : time
}

/** The share of the interactions at or after a time; within a bin they count as spread evenly. */
export function shareAfter({ from, to, counts }: Activity, cut: number): number {
  const total = counts.reduce((a, b) => a + b, 0)
  if (total === 0 || to <= from) return 0
  const at = ((cut - from) / (to - from)) * counts.length
  return counts.reduce((sum, count, bin) => sum + count * Math.min(1, Math.max(0, bin + 1 - at)), 0) / total
}

/** Names of files that say what they hold, not what it is about. */
const GENERIC = /^(interactions?|ratings?|reviews?|events?|clicks?|views?|logs?|data|train|u)$/i

/** A name for the dataset from its files: letters, digits, _ . and - only, and free. */
export function suggestName({ files, source }: FileInspection, taken: readonly string[]): string {
  const path = source.path ?? files.find(({ role }) => role === 'interactions')?.path ?? 'data'
  const parts = path.split(/[\\/]/).filter((part) => part !== '')
  const last = parts.at(-1) ?? 'data'
  const stem = last.replace(/#.*$/, '').replace(/\.(csv|tsv|tab|txt|dat|parquet|pq|jsonl|ndjson|json|sqlite3?|db|gz|data)\b/gi, '')
  const folder = parts.at(-2) ?? ''
  // an upload's folder has a number for a name
  const named = GENERIC.test(stem) && /[a-z]/i.test(folder) ? folder : stem
  return freeDatasetName(/^[\d-]+$/.test(named) ? 'data' : named, taken)
}

/** A name that fits and is not taken: itself, or with a number. */
export function freeDatasetName(wanted: string, taken: readonly string[]): string {
  const base =
    wanted
      .replace(/[^\w.-]+/g, '-')
      .replace(/^[^\w]+/, '')
      .slice(0, 56) || 'data'
  return freeName(base, new Set(taken))
}

/** Where an error stands: `ratings.csv:12 column "price"` is of the file ratings.csv and its column price. */
export function errorLocation(place: string | undefined): { file: string | null; column: string | null } {
  if (place === undefined) return { file: null, column: null }
  const column = / column "(.*)"$/s.exec(place)?.[1] ?? null
  const file = place.replace(/ column ".*"$/s, '').replace(/:(row |pair )?\d+$/, '')
  return { file, column }
}

/** The columns of lists or structures that stand where ids must be, which can be unrolled; null where there are none. */
export function unrollable({ problems }: FileInspection): string[] | null {
  const of = problems.find(({ column, message }) => column !== null && offeredNames('unroll', message)?.includes(column) === true)
  return of === undefined ? null : offeredNames('unroll', of.message)
}
