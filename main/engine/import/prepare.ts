/**
 * Interactions before the split: event types and their weights, ratings to positives, a window of time, repeats, a sample of users, sessions,
 * users and items of at least n, k-core, in this order. Works on the table `raw`, whose rows stay in their order, and tells of each step
 * what it took away. Nothing is done, and no pass over the data spent, where nothing was asked for.
 */
import { badInput } from '../../contract/errors.ts'
import { PREPARATION_STEPS, type Apart, type PreparationStep } from '../../contract/shapes/preparation.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import type { ImportInput } from '../../contract/verbs.ts'
import { parseInstant } from '../dataset/cells/instants.ts'
import { sqlText, type Duck } from '../dataset/duck.ts'
import type { LoadedTable } from './load-interactions.ts'
import { splitNames, splitPairs } from '../../contract/import-options.ts'
import { didYouMean, listNames } from '../../contract/did-you-mean.ts'

type StepName = PreparationStep['step']
type Options = Pick<
  ImportInput,
  | 'events'
  | 'minWeight'
  | 'positiveWeight'
  | 'positives'
  | 'from'
  | 'to'
  | 'duplicates'
  | 'sampleUsers'
  | 'sessionGap'
  | 'minPerUser'
  | 'minPerItem'
  | 'core'
  | 'seed'
  | 'users'
>

export interface Prepared {
  readonly table: LoadedTable
  readonly steps: PreparationStep[]
}

/** The steps that are asked for, each with its setting as text. */
function settingsOf(options: Options): Partial<Record<StepName, string>> {
  const { events, minWeight, positiveWeight, from, to, duplicates, sampleUsers, sessionGap, minPerUser, minPerItem, core } = options
  const window = [from === undefined ? '' : `from ${from}`, to === undefined ? '' : `to ${to}`].filter((part) => part !== '').join(' ')
  const settings = {
    events,
    'min-weight': minWeight,
    'positive-weight': positiveWeight,
    window: window === '' ? undefined : window,
    duplicates: duplicates === 'keep' ? undefined : duplicates,
    'sample-users': sampleUsers === undefined ? undefined : `${sampleUsers}, seed ${options.seed}`,
    'session-gap': sessionGap,
    'min-per-user': minPerUser,
    'min-per-item': minPerItem,
    core,
  } satisfies Record<StepName, unknown>
  return Object.fromEntries(Object.entries(settings).flatMap(([step, value]) => (value === undefined ? [] : [[step, String(value)]])))
}

export const isPreparationAsked = (options: Options): boolean => Object.keys(settingsOf(options)).length > 0

/** Whether entities that are left without interactions are none of the dataset, whatever metadata they have. */
export const dropsEntities = ({ minPerUser, minPerItem, core, sampleUsers }: Options): Record<'user' | 'item', boolean> => ({
  user: minPerUser !== undefined || core !== undefined || sampleUsers !== undefined,
  item: minPerItem !== undefined || core !== undefined,
})

/** Takes the steps that are asked for. @throws PylonError bad-input for what the data lacks, and where nothing is left */
export async function* prepareInteractions(duck: Duck, loaded: LoadedTable, options: Options): Stage<Prepared> {
  const settings = settingsOf(options)
  const steps: PreparationStep[] = []
  let table = loaded
  let before = isPreparationAsked(options) ? await amountsOf(duck) : null
  for (const step of PREPARATION_STEPS) {
    const setting = settings[step]
    if (setting === undefined || before === null) continue
    yield { stage: `prepare: ${step}`, done: steps.length, total: Object.keys(settings).length, unit: 'steps' }
    table = await takers[step]({ duck, table, options })
    const left = await amountsOf(duck)
    if (left.interactions === 0) throw badInput(`${flagOf(step)} ${setting} leaves no interaction. Choose another.`, flagOf(step))
    const removed = {
      interactions: before.interactions - left.interactions,
      users: before.users - left.users,
      items: before.items - left.items,
    }
    steps.push({ step, setting, removed, left })
    before = left
  }
  return { table, steps }
}

const flagOf = (step: StepName): string => (step === 'window' ? '--from and --to' : `--${step}`)

async function amountsOf(duck: Duck): Promise<PreparationStep['left']> {
  const found = await duck.one('SELECT count(*) AS n, count(DISTINCT "user") AS users, count(DISTINCT item) AS items FROM raw')
  return { interactions: Number(found['n']), users: Number(found['users']), items: Number(found['items']) }
}

interface Taking {
  readonly duck: Duck
  readonly table: LoadedTable
  readonly options: Options
}

const takers: Readonly<Record<StepName, (taking: Taking) => Promise<LoadedTable>>> = {
  events: takeEvents,
  'min-weight': async (taking) => {
    need(taking, 'weight', '--min-weight')
    return keep(taking, `weight >= ${taking.options.minWeight!}`)
  },
  'positive-weight': takeLiked,
  window: async (taking) => {
    need(taking, 'time', '--from and --to')
    return keep(taking, windowSql(taking.options)!)
  },
  duplicates: async (taking) => {
    const pick = taking.options.duplicates === 'last' ? 'arg_max' : 'arg_min'
    return keep(taking, `rowid IN (SELECT ${pick}(rowid, (coalesce(time, 0), rowid)) FROM raw GROUP BY "user", item, event)`)
  },
  'sample-users': async (taking) => {
    const { sampleUsers, seed } = taking.options
    const { users } = await amountsOf(taking.duck)
    const count = sampleUsers! < 1 ? Math.ceil(sampleUsers! * users) : Math.round(sampleUsers!)
    const drawn = `SELECT "user" FROM (SELECT DISTINCT "user" FROM raw) ORDER BY md5(${sqlText(`${seed}:`)} || "user"), "user" LIMIT ${count}`
    return keep(taking, `"user" IN (${drawn})`)
  },
  'session-gap': takeSessions,
  'min-per-user': async (taking) => keep(taking, atLeast('"user"', taking.options.minPerUser!)),
  'min-per-item': async (taking) => keep(taking, atLeast('item', taking.options.minPerItem!)),
  core: async (taking) => {
    const { core } = taking.options
    let { table } = taking
    for (let before = Infinity; table.rows < before && table.rows > 0;) {
      before = table.rows
      table = await keep({ ...taking, table }, `${atLeast('"user"', core!)} AND ${atLeast('item', core!)}`)
    }
    return table
  },
}

const atLeast = (column: string, n: number): string => `${column} IN (SELECT ${column} FROM raw GROUP BY ${column} HAVING count(*) >= ${n})`

/** Keeps rows, in their order. */
async function keep({ duck, table }: Pick<Taking, 'duck' | 'table'>, condition: string): Promise<LoadedTable> {
  const { given } = await duck.one(`SELECT count(*) AS given FROM raw WHERE rowid < ${table.given} AND ${condition}`)
  await replace(duck, `SELECT * FROM raw WHERE ${condition}`)
  return { ...table, rows: await duck.count('raw'), given: Number(given) }
}

async function replace(duck: Duck, select: string): Promise<void> {
  await duck.run(`CREATE TABLE prepared AS ${select}`)
  await duck.run('DROP TABLE raw')
  await duck.run('ALTER TABLE prepared RENAME TO raw')
}

function need({ table }: Taking, role: 'time' | 'weight' | 'event', flag: string): void {
  if (table.columns[role] === null)
    throw badInput(
      `${flag} needs ${role === 'event' ? 'event types' : `a ${role}`}, and the interactions have none: name the column with --map ${role}=COLUMN.`,
      flag,
    )
}

/** The window of time that is asked for, over `time`; null where none is. @throws PylonError bad-input for what is no time */
export function windowSql({ from, to }: Pick<Options, 'from' | 'to'>): string | null {
  const bounds = [
    ...(from === undefined ? [] : [`time >= ${instantOf(from, '--from')}`]),
    ...(to === undefined ? [] : [`time < ${instantOf(to, '--to')}`]),
  ]
  return bounds.length === 0 ? null : bounds.join(' AND ')
}

function instantOf(typed: string, flag: string): number {
  const time = parseInstant(typed)
  if (time === null) throw badInput(`"${typed}" is no time; write 2024-01-31, 2024-01-31T12:00 or 1706659200.`, flag)
  return time
}

/** Event types with the weights that they get; a type without one weighs as its rows do. */
async function takeEvents(taking: Taking): Promise<LoadedTable> {
  const { duck, table, options } = taking
  need(taking, 'event', '--events')
  const known = (await duck.rows('SELECT DISTINCT event AS e FROM raw ORDER BY e LIMIT 300')).map((row) => String(row['e']))
  const wanted = splitPairs(options.events ?? '').map(({ text, pair }) => {
    const [name, typed] = pair ?? [text.replace(/^"(.*)"$/, '$1'), null]
    if (!known.includes(name))
      throw badInput(`There is no event type "${name}"; ${didYouMean(name, known)}the types are ${listNames(known)}.`, '--events')
    const weight = typed === null ? null : Number(typed)
    if (weight !== null && !(Number.isFinite(weight) && weight > 0))
      throw badInput(`"${typed}" is no weight above 0; write ${name}=1, or leave ${name} out.`, '--events')
    return { name, weight }
  })
  if (wanted.length === 0) throw badInput('Name the event types: view=1,buy=5.', '--events')
  const kept = await keep(taking, `event IN (${wanted.map(({ name }) => sqlText(name)).join(', ')})`)
  if (wanted.every(({ weight }) => weight === null)) return kept
  const cases = wanted.flatMap(({ name, weight }) => (weight === null ? [] : [`WHEN ${sqlText(name)} THEN ${weight}`]))
  // a table made anew keeps the order of rows, which an update may not
  await replace(duck, `SELECT * REPLACE (CAST(CASE event ${cases.join(' ')} ELSE coalesce(weight, 1) END AS FLOAT) AS weight) FROM raw`)
  return { ...kept, columns: { ...table.columns, weight: table.columns.weight ?? table.columns.event } }
}

/** Event types that a rating makes of interactions without types. */
export const LIKED = { yes: 'liked', no: 'disliked' } as const

async function takeLiked(taking: Taking): Promise<LoadedTable> {
  const { duck, table, options } = taking
  need(taking, 'weight', '--positive-weight')
  if (table.columns.event !== null)
    throw badInput(
      'The interactions have event types: name those that are positives with --positives, or leave them out with --map event=none.',
      '--positive-weight',
    )
  const event = `CASE WHEN weight >= ${options.positiveWeight!} THEN '${LIKED.yes}' ELSE '${LIKED.no}' END`
  await replace(duck, `SELECT * REPLACE (${event} AS event) FROM raw`)
  return { ...table, columns: { ...table.columns, event: table.columns.weight } }
}

/**
 * The event types that are positives: said, by a rating, else as the layout says; null where all are.
 * @throws PylonError bad-input for a type that is not there
 */
function positiveEvents(events: readonly string[], options: Options, ofLayout: readonly string[] | undefined): string[] | null {
  const said = options.positives === undefined ? undefined : splitNames(options.positives)
  const unknown = said?.find((name) => !events.includes(name))
  if (unknown !== undefined)
    throw badInput(
      events.length === 0
        ? 'There is one type of event or none, so all are positives: leave --positives out.'
        : `There is no event type "${unknown}"; ${didYouMean(unknown, events)}the types are ${listNames(events)}.`,
      '--positives',
    )
  const wanted = said ?? (options.positiveWeight === undefined ? ofLayout : [LIKED.yes])
  const positives = events.filter((name) => wanted === undefined || wanted.includes(name))
  return positives.length === 0 || positives.length === events.length ? null : positives
}

/** The rows of `raw` that are no positives, by event type; null where all are. */
export async function keptApart(
  duck: Duck,
  { columns }: LoadedTable,
  options: Options,
  ofLayout: readonly string[] | undefined,
): Promise<Apart | null> {
  const rows = columns.event === null ? [] : await duck.rows('SELECT event, count(*) AS n FROM raw GROUP BY event ORDER BY event LIMIT 256')
  const events = rows.map(({ event, n }) => ({ event: String(event), interactions: Number(n) }))
  const positives = positiveEvents(events.length < 2 ? [] : events.map(({ event }) => event), options, ofLayout)
  return positives === null ? null : { positives, events: events.filter(({ event }) => !positives.includes(event)) }
}

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400 } as const

/** Users become sessions: `ann`, `ann#2` … after each pause that is longer than the gap. */
async function takeSessions(taking: Taking): Promise<LoadedTable> {
  const { duck, table, options } = taking
  need(taking, 'time', '--session-gap')
  if (options.users !== undefined)
    throw badInput('With --session-gap the users are sessions, of which --users knows nothing: leave one of them out.', '--session-gap')
  const [, count, unit] = /^(\d+(?:\.\d+)?)\s*([smhd])$/.exec(options.sessionGap!.trim()) ?? []
  if (count === undefined || Number(count) === 0)
    throw badInput(`"${options.sessionGap!}" is no pause; write 30m, 2h or 1d.`, '--session-gap')
  const gap = Number(count) * UNITS[unit as keyof typeof UNITS]
  const order = 'PARTITION BY "user" ORDER BY time, place'
  const pauses = `SELECT *, CASE WHEN time - lag(time) OVER (${order}) > ${gap} THEN 1 ELSE 0 END AS pause FROM (SELECT rowid AS place, * FROM raw)`
  const counted = `SELECT *, 1 + sum(pause) OVER (${order} ROWS UNBOUNDED PRECEDING) AS session FROM (${pauses})`
  const name = `CASE WHEN session = 1 THEN "user" ELSE "user" || '#' || CAST(CAST(session AS BIGINT) AS VARCHAR) END`
  await replace(duck, `SELECT ${name} AS "user", item, time, weight, event FROM (${counted}) ORDER BY place`)
  return table
}
