/**
 * Opens the files of a plan and settles which column is what: roles of the interactions, ids, title and kinds of the metadata. Every
 * guess is said; what cannot be guessed, or was said wrongly, is an error that lists the columns.
 */
import { badInput } from '../../contract/errors.ts'
import type { ColumnKind } from '../../contract/shapes/dataset.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import type { ImportContext } from './import-context.ts'
import { formatKind } from './known-layouts.ts'
import { columnSamples } from './column-samples.ts'
import { guessRoles, INTERACTION_ROLES, type GuessedRoles, type InteractionRole, type RoleGuess } from './role-guess.ts'
import { loadInteractions, type LoadedTable } from './load-interactions.ts'
import { loadMetadata, type Metadata } from './metadata.ts'
import { sharesOf, someIds } from './id-shares.ts'
import { ambiguousRole, findColumn, idByName, roleColumn, type InteractionColumns, type RoleMap } from './roles.ts'
import { listNames } from '../../contract/did-you-mean.ts'
import { openTable } from './parts.ts'
import type { Relation, Source } from './relation.ts'
import { isList, isStructureList, refuseNested } from './unroll.ts'

export interface OpenedFiles {
  readonly train: Relation
  readonly test: Relation | null
  readonly users: Relation | null
  readonly items: Relation | null
}

/** Opens what the plan names. */
export async function* openFiles(job: ImportContext): Stage<OpenedFiles> {
  // two tables may be made of one file
  const said = new Set<string>()
  const open = async function* (source: Source | undefined): Stage<Relation | null> {
    if (source === undefined) return null
    const relation = yield* openTable(source, job.source)
    for (const note of relation.notes) if (!said.has(note)) job.say(note)
    for (const note of relation.notes) said.add(note)
    return relation
  }
  const { plan } = job
  if (plan.says !== undefined) job.say(plan.says)
  if (plan.warns !== undefined) job.warn(plan.warns)
  const train = (yield* open(plan.interactions))!
  const test = yield* open(plan.test)
  if (test !== null) job.say(`${test.shown}: held out, as the test part`)
  return {
    train,
    test,
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
    const { column: id, confidence, reason } = await idGuess(job, side, relation, { relation: files.train, column: columns[side] })
    if (confidence !== 'said' && reason !== 'its name') job.say(`${relation.shown}: ${side} id = ${id}, ${reason}`)
    job.idColumns[side === 'user' ? 'userId' : 'itemId'] = id
    const metadata = yield* loadMetadata(job, side, relation, id, (column) => kindOption(job, side, column), side === 'item' ? title : null)
    job.say(
      `${relation.shown}: ${side} id = ${id}${side === 'item' && title !== null ? `, title = ${title}` : ''}; ${toldColumns(metadata.columns) || 'no further columns'}`,
    )
    return metadata
  }
  const userMetadata = yield* load('user', files.users)
  const itemMetadata = yield* load('item', files.items)
  return { columns, userMetadata, itemMetadata, title }
}

/** Columns of metadata with what they are read as. */
export const toldColumns = (columns: Metadata['columns']): string =>
  columns.map((c) => `${c.source} (${c.reading.kind}${c.reading.how === '' ? '' : `, ${c.reading.how}`})`).join(', ')

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

/** Roles of the interaction columns: said, else by name, else by what the values are. */
export async function guessedRoles(job: ImportContext, relation: Relation): Promise<GuessedRoles> {
  const samples = await columnSamples(job.source.duck, relation)
  const guessed = guessRoles(samples, job.map, relation.named, relation.shown)
  const [user, item] = [guessed.roles.get('user'), guessed.roles.get('item')]
  // a row for each user with a list of structures: the items are in there, and another column is of the user
  const cells = samples.find(({ name }) => name === user?.column)?.cells ?? []
  const isKeyed = cells.length > 1 && new Set(cells).size === cells.length
  if (item === undefined || item.confidence === 'said' || !isKeyed || !relation.columns.some(({ type }) => isStructureList(type)))
    return guessed
  return { ...guessed, roles: new Map([...guessed.roles, ['item', { ...item, confidence: 'low' }]]) }
}

/** The columns of guessed roles. @throws PylonError bad-input for a role that is needed or not sure, with what to say */
export function settledColumns({ roles }: GuessedRoles, relation: Relation): InteractionColumns {
  const names = columnNames(relation)
  for (const role of INTERACTION_ROLES) {
    const guess = roles.get(role)
    if (guess === undefined ? role === 'item' : guess.confidence === 'low' && (role === 'user' || role === 'item')) {
      const list = relation.columns.find(
        ({ name, type }) => name !== roles.get('user')?.column && (guess === undefined ? isList(type) : isStructureList(type)),
      )
      const nested = list === undefined ? null : refuseNested(relation, list.name, 'item')
      if (nested !== null) throw nested
    }
    if (guess === undefined ? role === 'user' || role === 'item' : guess.confidence === 'low')
      throw ambiguousRole(`the ${role}`, role, names, relation.shown, guess)
  }
  const [user, item] = [roles.get('user')!.column, roles.get('item')!.column]
  if (user === item) throw badInput(`The column "${user}" cannot be both the user and the item.`, '--map')
  const optional = (role: InteractionRole): string | null => roles.get(role)?.column ?? null
  return { user, item, time: optional('time'), weight: optional('weight'), event: optional('event') }
}

async function interactionColumns(job: ImportContext, relation: Relation): Promise<InteractionColumns> {
  const guessed = await guessedRoles(job, relation)
  const columns = settledColumns(guessed, relation)
  sayGuesses(job, guessed, relation)
  return columns
}

/** Says what was guessed by values, and why; names that say a role speak for themselves. */
export function sayGuesses(job: ImportContext, { roles, warnings }: GuessedRoles, relation: Relation): void {
  for (const warning of warnings) job.warn(`${relation.shown}: ${warning}`)
  for (const [role, { column, confidence, reason }] of roles)
    if (confidence !== 'said' && !reason.startsWith('its name'))
      job.say(
        `${relation.shown}: ${role} = ${column}, ${confidence === 'high' ? '' : 'likely: '}${reason}; --map ${role}=COLUMN says another`,
      )
}

/**
 * The id column of metadata: said, else by its name where ids of the interactions stand there, else the column where they do.
 * @throws PylonError bad-input where none is
 */
export async function idGuess(
  job: ImportContext,
  side: 'user' | 'item',
  relation: Relation,
  interactions: { readonly relation: Relation; readonly column: string } | null,
): Promise<RoleGuess> {
  const names = columnNames(relation)
  const role = side === 'user' ? 'userId' : 'itemId'
  const said = roleColumn(role, { [role]: 'none', ...withoutMissing(job.map, relation) }, names, relation.shown)
  if (said !== null) return { column: said, confidence: 'said', reason: '' }
  const named = relation.named ? idByName(side, names, interactions?.relation.named === true ? interactions.column : null) : null
  const ids = interactions === null ? [] : await someIds(job.source.duck, interactions)
  const byName: RoleGuess | null = named === null ? null : { column: named, confidence: 'high', reason: 'its name' }
  if (ids.length === 0) return byName ?? refuseId(side, role, relation)
  const own = named === null ? 0 : (await sharesOf(job.source.duck, relation, [named], ids)).get(named)!
  if (byName !== null && own >= 0.5) return byName
  const shares = [...(await sharesOf(job.source.duck, relation, names, ids))].toSorted((a, b) => b[1] - a[1])
  if (byName !== null && own > 0) {
    // numbers of two numberings have some in common: another column of ids that has nearly all is the one that is meant
    const better = shares.find(([name, covered]) => name !== named && covered >= 0.95 && /id$/i.test(name.trim()))
    if (better === undefined) return byName
    const percent = (part: number): string => `${Math.round(100 * part)} %`
    const why = `it has ${percent(better[1])} of the ${side} ids looked at, "${named!}" ${percent(own)}`
    return { column: better[0], confidence: 'medium', reason: why }
  }
  const [[column, share], second] = [shares[0] ?? ['', 0], shares[1]?.[1] ?? 0]
  if (byName !== null && share < 0.5) return byName
  const reason = `its values are ${side} ids of the interactions${named === null ? '' : `, those of "${named}" are not`}`
  if (share > 0 && share > second) return { column, confidence: share >= 0.5 ? 'high' : 'medium', reason }
  return byName ?? refuseId(side, role, relation)
}

function refuseId(side: 'user' | 'item', role: 'userId' | 'itemId', relation: Relation): never {
  throw ambiguousRole(`the ${side} id`, role, columnNames(relation), relation.shown)
}

export function kindOption(job: ImportContext, side: 'user' | 'item', column: string): ColumnKind | null {
  const said = job.kinds.findLast((k) => (k.side === null || k.side === side) && k.column.toLowerCase() === column.toLowerCase())
  return said?.kind ?? job.plan.kinds[column] ?? formatKind(job.plan.format, column)
}

/**
 * @param of columns of a log, of which some describe nobody; or, before that is known, those that may
 * @throws PylonError bad-input for a kind of a column that no metadata has
 */
export function refuseUnknownKinds(
  job: ImportContext,
  tables: Readonly<Record<'user' | 'item', Relation | null>>,
  of: { readonly left: readonly string[] } | { readonly open: readonly string[] },
): void {
  const isAmong = (names: readonly string[], column: string): boolean => names.some((n) => n.toLowerCase() === column.toLowerCase())
  for (const { side, column, kind } of job.kinds) {
    const relations = [side === 'item' ? null : tables.user, side === 'user' ? null : tables.item].filter((r) => r !== null)
    const names = relations.flatMap(columnNames)
    if (isAmong(names, column) || ('open' in of && isAmong(of.open, column))) continue
    // what describes nobody is left out already
    if ('left' in of && kind === 'ignore' && isAmong(of.left, column)) continue
    if ('left' in of && side !== null && isAmong(of.left, column))
      throw badInput(
        `The column "${column}" of the interactions does not describe the ${side} so far: take it with --${side}-columns.`,
        '--kinds',
      )
    if ('left' in of && isAmong(of.left, column))
      throw badInput(
        `The column "${column}" of the interactions describes neither the item nor the user so far: take it with --item-columns, or with --user-columns.`,
        '--kinds',
      )
    findColumn(
      column,
      names.length === 0 ? ['none: there is no metadata file'] : names,
      relations.map((r) => r.shown).join(' and ') || 'metadata',
      '--kinds',
    )
  }
}

/** Loads the interactions into the database and says the roles. @param unused columns to be told as such */
export async function* readInteractions(
  job: ImportContext,
  files: OpenedFiles,
  columns: InteractionColumns,
  unused: readonly string[],
): Stage<LoadedTable> {
  const table = yield* loadInteractions(job, files.train, files.test, columns)
  const roles = Object.entries(columns).flatMap(([role, column]: [string, string | null]) =>
    column === null ? [] : [`${role} = ${column}${role === 'time' && table.timeLabel !== null ? ` (${table.timeLabel})` : ''}`],
  )
  job.say(`${files.train.shown}: ${roles.join(', ')}${unused.length === 0 ? '' : `; not used: ${listNames(unused)}`}`)
  return table
}
