/**
 * Opens the files of a plan and settles which column is what: roles of the interactions, ids, title and kinds of the metadata. Every
 * guess is said; what cannot be guessed, or was said wrongly, is an error that lists the columns.
 */
import { badInput } from '../../contract/errors.ts'
import type { ColumnKind } from '../../contract/shapes/dataset.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import type { ImportContext } from './import-context.ts'
import { formatKind } from './known-layouts.ts'
import { sampleColumn } from './column-samples.ts'
import { loadInteractions, type InteractionColumns, type LoadedTable } from './load-interactions.ts'
import { loadMetadata, type Metadata } from './metadata.ts'
import { ambiguousRole, findColumn, idColumn, roleColumn, type RoleMap } from './roles.ts'
import { listNames } from '../../contract/did-you-mean.ts'
import { openTable } from './parts.ts'
import { type Relation, type Source, typeOf } from './sources.ts'
import { isList, refuseNested } from './unroll.ts'
import { guessTime } from '../dataset/cells/times.ts'

export interface OpenedFiles {
  readonly train: Relation
  readonly test: Relation | null
  readonly users: Relation | null
  readonly items: Relation | null
}

/** Opens what the plan names. */
export async function* openFiles(job: ImportContext): Stage<OpenedFiles> {
  const open = async function* (source: Source | undefined): Stage<Relation | null> {
    if (source === undefined) return null
    const relation = yield* openTable(source, job.source)
    for (const note of relation.notes) job.say(note)
    return relation
  }
  const { plan } = job
  if (plan.says !== undefined) job.say(plan.says)
  return {
    train: (yield* open(plan.interactions))!,
    test: yield* open(plan.test),
    users: yield* open(plan.users),
    items: yield* open(plan.items),
  }
}

export interface ChosenColumns {
  readonly columns: InteractionColumns
  readonly userMetadata: Metadata | null
  readonly itemMetadata: Metadata | null
  readonly title: string | null
}

/** Chooses the columns and loads the metadata. */
export async function* chooseColumns(job: ImportContext, files: OpenedFiles): Stage<ChosenColumns> {
  const columns = await interactionColumns(job, files.train)
  if (files.test !== null)
    for (const column of [columns.user, columns.item, columns.time, columns.weight, columns.event])
      if (column !== null) findColumn(column, columnNames(files.test), files.test.shown, '--test')
  const title =
    files.items === null ? null : roleColumn('title', withoutMissing(job.map, files.items), columnNames(files.items), files.items.shown)
  const load = async function* (side: 'user' | 'item', relation: Relation | null): Stage<Metadata | null> {
    if (relation === null) return null
    const id = idColumn(
      side,
      withoutMissing(job.map, relation),
      columnNames(relation),
      relation.shown,
      relation.named ? columns[side] : null,
      relation.named,
    )
    const metadata = yield* loadMetadata(job, side, relation, id, (column) => kindOption(job, side, column), side === 'item' ? title : null)
    const described = metadata.columns.map((c) => `${c.source} (${c.reading.kind}${c.reading.how === '' ? '' : `, ${c.reading.how}`})`)
    job.say(
      `${relation.shown}: ${side} id = ${id}${side === 'item' && title !== null ? `, title = ${title}` : ''}; ${described.join(', ') || 'no further columns'}`,
    )
    return metadata
  }
  const userMetadata = yield* load('user', files.users)
  const itemMetadata = yield* load('item', files.items)
  refuseUnknownKinds(job, files)
  return { columns, userMetadata, itemMetadata, title }
}

export function columnNames(relation: Relation): string[] {
  return relation.columns.map((c) => c.name)
}

/** A format's own role for a column that a variant of its file does not have is no role; what a person maps must exist. */
export function withoutMissing(map: RoleMap, relation: Relation): RoleMap {
  const names = columnNames(relation)
  return Object.fromEntries(
    Object.entries(map).filter(([role, column]) => role !== 'title' || names.includes(column) || /^\d+$/.test(column) || column === 'none'),
  )
}

/** Roles of the interaction columns: said, else by name, else (without names) by content. */
export async function interactionColumns(job: ImportContext, relation: Relation): Promise<InteractionColumns> {
  const { duck } = job.source
  const names = columnNames(relation)
  const map: RoleMap = relation.named ? job.map : { user: '1', item: '2', ...job.map }
  const user = roleColumn('user', map, names, relation.shown)
  if (user === null) throw ambiguousRole('the user', 'user', names, relation.shown)
  const item = roleColumn('item', map, names, relation.shown, [user])
  if (item === null) {
    const list = relation.columns.find(({ name, type }) => name !== user && isList(type))
    throw (list && refuseNested(relation, list.name, 'item')) ?? ambiguousRole('the item', 'item', names, relation.shown)
  }
  if (user === item) throw badInput(`The column "${user}" cannot be both the user and the item.`, '--map')
  const nested = refuseNested(relation, user, 'user') ?? refuseNested(relation, item, 'item')
  if (nested !== null) throw nested
  const taken = [user, item]
  const optional = async (role: 'time' | 'weight' | 'event', fits: (samples: string[]) => boolean): Promise<string | null> => {
    const named = roleColumn(role, map, names, relation.shown, taken)
    const candidates = named !== null ? [named] : relation.named || map[role] !== undefined ? [] : names.filter((n) => !taken.includes(n))
    for (const column of candidates) {
      const isTyped = /^(DATE|TIMESTAMP)/.test(typeOf(relation, column))
      if (job.map[role] === undefined && !(isTyped ? role === 'time' : fits(await sampleColumn(duck, relation, column)))) continue
      taken.push(column)
      return column
    }
    return null
  }
  const numeric = (samples: string[]): boolean => samples.length > 0 && samples.every((s) => Number.isFinite(Number(s)))
  const time = await optional(
    'time',
    (samples) => guessTime(samples) !== null && (relation.named || !numeric(samples) || samples.every((s) => Number(s) >= 1e8)),
  )
  const weight = await optional('weight', numeric)
  const event = await optional('event', (samples) => relation.named && samples.length > 0 && new Set(samples).size <= 50)
  return { user, item, time, weight, event }
}

export function kindOption(job: ImportContext, side: 'user' | 'item', column: string): ColumnKind | null {
  const said = job.kinds.findLast((k) => (k.side === null || k.side === side) && k.column.toLowerCase() === column.toLowerCase())
  return said?.kind ?? job.plan.kinds[column] ?? formatKind(job.plan.format, column)
}

function refuseUnknownKinds(job: ImportContext, files: OpenedFiles): void {
  for (const { side, column } of job.kinds) {
    const relations = [side === 'item' ? null : files.users, side === 'user' ? null : files.items].filter((r) => r !== null)
    const names = relations.flatMap(columnNames)
    if (!names.some((n) => n.toLowerCase() === column.toLowerCase()))
      findColumn(
        column,
        names.length === 0 ? ['none: there is no metadata file'] : names,
        relations.map((r) => r.shown).join(' and ') || 'metadata',
        '--kinds',
      )
  }
}

/** Loads the interactions into the database and says the roles. */
export async function* readInteractions(job: ImportContext, files: OpenedFiles, columns: InteractionColumns): Stage<LoadedTable> {
  const table = yield* loadInteractions(job, files.train, files.test, columns)
  const roles = Object.entries(columns).flatMap(([role, column]: [string, string | null]) =>
    column === null ? [] : [`${role} = ${column}${role === 'time' && table.timeLabel !== null ? ` (${table.timeLabel})` : ''}`],
  )
  const unused = columnNames(files.train).filter((n) => !Object.values(columns).includes(n))
  job.say(`${files.train.shown}: ${roles.join(', ')}${unused.length === 0 ? '' : `; not used: ${listNames(unused)}`}`)
  return table
}
