/**
 * What to import: the input's paths as tables, a public layout recognised in them, else what each table is by its columns. The same for the
 * import, for a look before it and for the page, so that they agree on every file.
 */
import { basename, parse, resolve } from 'node:path'
import { badInput, PylonError } from '../../contract/errors.ts'
import { LAYOUT_NAMES, type LayoutName } from '../../contract/layouts.ts'
import type { ColumnKind } from '../../contract/shapes/dataset.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import { FILE_ROLES, type FileRole } from '../../contract/shapes/inspection.ts'
import type { ImportInput } from '../../contract/verbs.ts'
import { splitTable } from '../files/path-guard.ts'
import { assignFiles, type FileToAssign, isNamedTable } from './assign.ts'
import { columnSamples } from './column-samples.ts'
import { layoutOf, looksLikeSequence } from './dialect.ts'
import { interactionsReading, lookAt, recogniseLayout, type FoundLayout, type GivenTable } from './layouts/recognise.ts'
import type { Layout, TableLook } from './layouts/layout.ts'
import { LAYOUTS } from './layouts/table.ts'
import { openTable } from './parts.ts'
import { parseMap, type RoleMap } from './roles.ts'
import { refuseUnknownFiles, tableSource, type TextOption } from './said-signs.ts'
import { unrolledColumns, unrolledMap, unrolling } from './unroll.ts'
import type { Source, SourceContext } from './relation.ts'
import { unpackSource } from './sources.ts'
import { isParts, tablesAt, type Leave } from './tables.ts'

/** Files and what is known of them. */
export interface ImportPlan {
  readonly format: string
  readonly interactions: Source
  readonly test?: Source
  readonly users?: Source
  readonly items?: Source
  /** true where rows are in order of time though there is no time column */
  readonly sequence: boolean
  readonly map: RoleMap
  readonly kinds: Readonly<Record<string, ColumnKind>>
  /** event types that are positives; not there: all */
  readonly positives?: readonly string[]
  /** tables that have no role */
  readonly unused?: readonly string[]
  /** what a person should know of the layout */
  readonly says?: string
  readonly warns?: string
}

/** What `datasets.import` and `datasets.inspect` name, files that nobody described among it. */
export type PlanInput = Pick<
  ImportInput,
  'path' | 'interactions' | 'users' | 'items' | 'test' | 'also' | 'append' | 'format' | 'map' | 'unroll' | TextOption
> & {
  readonly files?: readonly string[] | undefined
  readonly split?: string | undefined
}

/** What the input asks for, with formats recognised. @param leave hears of tables that are not used @throws PylonError not-found, bad-input */
export async function* planImport(input: PlanInput, context: SourceContext, leave: Leave): Stage<ImportPlan> {
  const { append = [], also = [], ...plain } = input
  const plan = yield* withAlso(yield* planOnce(plain, context, leave), also, input, context)
  let appended = plan
  for (const path of append) {
    const { users: _, items: __, test: ___, interactions: ____, files: _____, ...options } = plain
    appended = withAppended(appended, yield* planOnce({ ...options, path }, context, leave), path, parseMap(input.map))
  }
  return appended
}

/**
 * Further files of interactions, of which each names an event type, unless they name those themselves. Of a layout, tables that are written
 * as its interactions are, read as those.
 */
async function* withAlso(plan: ImportPlan, also: readonly string[], input: PlanInput, context: SourceContext): Stage<ImportPlan> {
  if (also.length === 0) return plan
  const { interactions } = plan
  const given = [interactions.path, ...also].map((path) => resolve(path))
  const twice = given.find((path, k) => given.indexOf(path) !== k)
  if (twice !== undefined) throw badInput('This file is given twice, and its rows would count twice. Leave one out.', twice)
  if (isLayout(plan.format)) {
    const more: Source[] = [...(interactions.more ?? [])]
    for (const path of also) more.push(yield* alsoOfLayout(plan.format, path, input, context))
    return { ...plan, interactions: { ...interactions, more } }
  }
  if (plan.format !== 'table') throw badInput('Tables of interactions can be joined, and these are lines of sequences.', '--also')
  const constants = (path: string): Source['constants'] =>
    plan.map.event !== undefined || /(^|,)\s*"?event"?\s*=/i.test(input.map ?? '')
      ? undefined
      : { event: parse(splitTable(path)[1] ?? path).name }
  const more = also.map((path) => ({ ...tableSource(path, input), constants: constants(path) }))
  return { ...plan, interactions: { ...interactions, constants: constants(interactions.path), more } }
}

/** @throws PylonError bad-input for a table that is not written as the layout's interactions */
async function* alsoOfLayout(
  format: LayoutName,
  path: string,
  { split, encoding, badRows }: PlanInput,
  context: SourceContext,
): Stage<Source> {
  const { title, files }: Layout = LAYOUTS[format]
  const reading = interactionsReading(LAYOUTS[format], yield* lookAt(path, context), { split })
  if (reading === null)
    throw badInput(
      `This is not written as the interactions of ${title} (${files}). Pass --format table to join tables by their columns.`,
      path,
    )
  const { query: _, kinds: __, ...plain } = reading
  return { path, encoding, badRows, ...plain }
}

/** A plan with the rows of another behind its own. @throws PylonError bad-input where they do not match */
function withAppended(plan: ImportPlan, next: ImportPlan, path: string, said: RoleMap): ImportPlan {
  if (next.format !== plan.format)
    throw badInput(
      `This is in the layout "${next.format}", the dataset was imported from "${plan.format}": append files of one form.`,
      path,
    )
  const joined = (role: FileRole): Partial<ImportPlan> => {
    const [old, added] = [plan[role], next[role]]
    if (added === undefined || old === undefined) return { ...((old ?? added) !== undefined && { [role]: old ?? added }) }
    const key = role === 'users' ? (said.userId ?? plan.map.userId) : role === 'items' ? (said.itemId ?? plan.map.itemId) : undefined
    const { query: _, ...more } = added
    return { [role]: { ...old, more: [...(old.more ?? []), more], ...(key !== undefined && { key }) } }
  }
  return { ...plan, ...joined('interactions'), ...joined('users'), ...joined('items'), ...joined('test') }
}

async function* planOnce(input: Omit<PlanInput, 'also' | 'append'>, context: SourceContext, leave: Leave): Stage<ImportPlan> {
  const named = namedTables(input)
  if (named.length === 0 && input.path === undefined && input.files === undefined)
    throw badInput('Say what to import: --path FOLDER, --interactions FILE or --sample.', '--path')
  if (input.path !== undefined && input.interactions !== undefined) throw badInput('Pass --path or --interactions, not both.', '--path')
  const anonymous: string[] = []
  for (const path of input.files ?? (input.path === undefined ? [] : [input.path]))
    anonymous.push(...(yield* tablesAt(context.guard.check(path, 'table', path), context, leave)))
  const given: GivenTable[] = [...named, ...anonymous.map((path) => ({ path, role: null }))]
  refuseUnknownFiles(
    input,
    given.map(({ path }) => path),
  )
  if (input.format === 'sequence') return sequencePlan(given, input)
  if (input.format !== 'table') {
    const found = yield* recognised(given, input, context, anonymous.length > 1 ? leave : null)
    if (found !== null) {
      sayUnused(found, given, leave)
      return layoutPlan(found, given, input)
    }
    if (input.format !== 'auto') throw notInLayout(input.format, given)
    const [only] = given
    if (given.length === 1 && input.map === undefined && (yield* isSequence(only!.path, input, context))) return sequencePlan(given, input)
  }
  const roles =
    anonymous.length === 0 || (anonymous.length === 1 && input.interactions === undefined)
      ? new Map(given.map(({ path, role }) => [path, role ?? 'interactions'] as const))
      : yield* assignedRoles(given, input, context, leave)
  return tablePlan(roles, input)
}

function namedTables(input: PlanInput): GivenTable[] {
  return FILE_ROLES.flatMap((role) => (input[role] === undefined ? [] : [{ path: input[role], role }]))
}

/** The layout of the tables. What cannot be looked at is left, or, where nothing is to be left, refused. */
async function* recognised(
  given: readonly GivenTable[],
  { format, map, split, unroll, delimiter }: PlanInput,
  context: SourceContext,
  leave: Leave | null,
): Stage<FoundLayout | null> {
  if (unroll !== undefined || delimiter !== undefined) return null
  // who says which column is the user's and the item's describes a table of their own
  if (format === 'auto' && /(^|,)\s*"?(user|item)"?\s*=/i.test(map ?? '')) return null
  const looks: (GivenTable & { look: TableLook })[] = []
  for (const table of given) {
    try {
      looks.push({ ...table, look: yield* lookAt(table.path, context) })
    } catch (error) {
      if (!(error instanceof PylonError)) throw error
      if (leave === null) return null
    }
  }
  return recogniseLayout(looks, { split }, isLayout(format) ? format : undefined)
}

export const isLayout = (format: string): format is LayoutName => LAYOUT_NAMES.some((name) => name === format)

function notInLayout(format: string, given: readonly GivenTable[]): PylonError {
  const { title, files } = LAYOUTS[format as LayoutName]
  return badInput(
    `These files are not in the layout of ${title}: ${files}. Leave --format out, and they are looked at.`,
    given.map(({ path }) => path).join(', '),
  )
}

function layoutPlan({ name, tables }: FoundLayout, given: readonly GivenTable[], input: PlanInput): ImportPlan {
  const layout: Layout = LAYOUTS[name]
  const sourceOf = (role: FileRole): Source | undefined => {
    const found = tables[role]
    if (found !== undefined) {
      const { kinds: _, ...reading } = found.reading
      return { path: found.path, encoding: input.encoding, badRows: input.badRows, ...reading }
    }
    const said = given.find((table) => table.role === role)
    if (said !== undefined) return tableSource(said.path, input)
    const derived = role === 'users' || role === 'items' ? layout.derived?.[role] : undefined
    if (derived === undefined) return undefined
    const { kinds: _, query: __, ...reading } = tables.interactions!.reading
    return { path: tables.interactions!.path, encoding: input.encoding, ...reading, query: derived }
  }
  const [users, items, test] = [sourceOf('users'), sourceOf('items'), sourceOf('test')]
  return {
    format: name,
    interactions: sourceOf('interactions')!,
    ...(users && { users }),
    ...(items && { items }),
    ...(test && { test }),
    sequence: layout.sequence ?? false,
    map: layout.map,
    kinds: Object.assign({}, layout.kinds, ...Object.values(tables).map(({ reading }) => reading.kinds)) as ImportPlan['kinds'],
    ...(layout.positives !== undefined && { positives: layout.positives }),
    ...(layout.says !== undefined && { says: layout.says }),
    ...(layout.warns !== undefined && tables.items !== undefined && { warns: layout.warns }),
  }
}

function sayUnused({ name, tables, alike }: FoundLayout, given: readonly GivenTable[], leave: Leave): void {
  const used = new Set(Object.values(tables).flatMap(({ paths }) => paths))
  for (const { path, role } of given)
    if (role === null && !used.has(path))
      leave(
        path,
        alike.includes(path)
          ? alsoTakes(basename(tables.interactions!.path))
          : `This file is not used: it is not what ${LAYOUTS[name].title} is imported from.`,
        'info',
      )
}

const alsoTakes = (file: string): string =>
  `This file is not used: it has the columns of ${file}, and one file of interactions is taken; --also takes it with them, --test holds it out.`

/** Kinds that a layout fixes for columns of any name. */
export function formatKind(format: string, column: string): ColumnKind | null {
  const layout: Layout | null = isLayout(format) ? LAYOUTS[format] : null
  return layout?.afterTheFact?.test(column) === true ? 'ignore' : null
}

function tablePlan(roles: ReadonlyMap<string, FileRole | null>, input: PlanInput): ImportPlan {
  const sources = Object.fromEntries(
    [...roles].flatMap(([path, role]) => (role === null ? [] : [[role, tableSource(path, input)]])),
  ) as Partial<Record<FileRole, Source>>
  const { interactions, ...others } = sources
  if (interactions === undefined) throw badInput('None of these files can be read as a table.', [...roles.keys()].join(', '))
  const unrolled = unrolledColumns(input.unroll)
  return {
    format: 'table',
    interactions: unrolled.length === 0 ? interactions : { ...interactions, query: unrolling(unrolled, interactions) },
    ...others,
    sequence: false,
    map: unrolledMap(unrolled, input.map),
    kinds: {},
    unused: [...roles].flatMap(([path, role]) => (role === null ? [path] : [])),
  }
}

function sequencePlan(given: readonly GivenTable[], input: PlanInput): ImportPlan {
  const of = (role: FileRole): string | undefined => given.find((table) => table.role === role)?.path
  const path = of('interactions') ?? given[0]!.path
  if (isParts(path) || given.filter(({ role }) => role === null).length > 1)
    throw badInput('The format "sequence" reads one file; this is a folder. Pass the file with --interactions.', path)
  const others = (['users', 'items', 'test'] as const).flatMap((role) => {
    const other = of(role)
    return other === undefined ? [] : [[role, tableSource(other, input)] as const]
  })
  const interactions: Source = { path, reader: 'sequence', encoding: input.encoding }
  return { format: 'sequence', interactions, ...Object.fromEntries(others), sequence: true, map: {}, kinds: {} }
}

/** A text file of lines with a varying number of blank-separated words is a sequence; anything else a table. */
async function* isSequence(path: string, { header, delimiter }: PlanInput, context: SourceContext): Stage<boolean> {
  if (isParts(path) || delimiter !== undefined) return false
  const { plain } = yield* unpackSource(path, context)
  if (plain.content !== 'text') return false
  return (await looksLikeSequence(plain.path)) && (await layoutOf(plain.path, { header })).names.length < 2
}

/** Whether a file that has a row amiss calls itself a table of users, items or interactions: then it was meant, and is not left out. */
const isTableByName = (path: string, { code, place = '' }: PylonError): boolean =>
  code === 'bad-data' && /:\d+( column ".*")?$/s.test(place) && isNamedTable(basename(splitTable(path)[1] ?? path))

/** What each table is, by its columns; a role that was said stays. */
async function* assignedRoles(
  given: readonly GivenTable[],
  input: PlanInput,
  context: SourceContext,
  leave: Leave,
): Stage<Map<string, FileRole | null>> {
  const candidates: FileToAssign[] = []
  for (const { path, role } of given) {
    if (role !== null) continue
    try {
      const relation = yield* openTable(tableSource(path, input), context)
      await columnSamples(context.duck, relation)
      candidates.push({ path, relation })
    } catch (error) {
      if (!(error instanceof PylonError) || isTableByName(path, error)) throw error
      leave(path, `This file is not used: ${error.message}`, 'warning')
    }
  }
  const roles = await assignFiles(context.duck, candidates)
  for (const { path, role } of given) {
    if (role === null) continue
    for (const [other, guessed] of roles) if (guessed === role) roles.set(other, null)
    roles.set(path, role)
  }
  const taken = candidates.find(({ path }) => roles.get(path) === 'interactions')
  for (const { path, relation } of candidates) {
    if (roles.get(path) !== null) continue
    const has = new Set(relation.columns.map(({ name }) => name.toLowerCase()))
    const isMore = taken?.relation.columns.every(({ name }) => has.has(name.toLowerCase())) ?? false
    leave(
      path,
      isMore ? alsoTakes(taken!.relation.shown) : 'This file is not used: it looks like none of interactions, users, items or test.',
      'info',
    )
  }
  return roles
}
