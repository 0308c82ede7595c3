/**
 * Which columns of a log describe its items and its users: said (`--item-columns`, `--user-columns`), else those in which an item, or a user,
 * keeps one value. Where a table of a side is given, that table describes it.
 */
import { badInput } from '../../../contract/errors.ts'
import { splitDescribing } from '../../../contract/import-options.ts'
import type { ImportContext } from '../import-context.ts'
import type { Side } from '../ids.ts'
import type { Reread } from '../load-interactions.ts'
import type { Relation } from '../relation.ts'
import { findColumn, normaliseName, roleColumn, wordsOf, type InteractionColumns } from '../roles.ts'
import { describes, MOST_DIFFERING } from './agreement.ts'
import { evidenceOf, type Evidence } from './evidence.ts'
import type { LogColumn } from './rows.ts'

export const SIDES = ['item', 'user'] as const
export const FLAGS = { item: '--item-columns', user: '--user-columns' } as const satisfies Record<Side, string>
const OPTIONS = { item: 'itemColumns', user: 'userColumns' } as const satisfies Record<Side, string>
const TABLES = { item: 'items', user: 'users' } as const satisfies Record<Side, string>

/** What is asked of each side: columns by name, those that fit, or nothing as it has a table. */
export interface Asked {
  readonly said: Readonly<Record<Side, readonly string[] | null>>
  /** sides whose columns are to be found */
  readonly open: readonly Side[]
  /** columns without a use so far */
  readonly free: readonly string[]
  /** these and those that were said */
  readonly all: readonly string[]
}

/** Columns of a log by what they describe. */
export interface Described {
  readonly columns: Readonly<Record<Side, readonly string[]>>
  readonly left: readonly LeftColumn[]
  /** a column of the item as it is said to be the title */
  readonly saidTitle: string | null
}

/** A column that is not used, and why. */
export interface LeftColumn {
  readonly column: string
  readonly why: string
}

/** What is asked for. @throws PylonError bad-input for columns that are not there, have another use, or where a table is given */
export function askedColumns(
  job: ImportContext,
  relation: Relation,
  columns: InteractionColumns,
  given: Readonly<Record<Side, Relation | null>>,
): Asked {
  const names = relation.columns.map(({ name }) => name)
  const roles = Object.entries(columns) as [string, string | null][]
  const listed = (side: Side): string[] | null => {
    const typed = job.options[OPTIONS[side]]
    if (typed === undefined || typed.trim().toLowerCase() === 'auto') return null
    const found = [...new Set(splitDescribing(typed).map((name) => findColumn(name, names, relation.shown, FLAGS[side])))]
    const role = roles.find(([, column]) => column !== null && found.includes(column))
    if (role !== undefined)
      throw badInput(`The column "${role[1]!}" is the ${role[0]} of the interactions and describes no ${side}. Leave it out.`, FLAGS[side])
    const table = given[side]
    if (table !== null && found.length > 0)
      throw badInput(
        `The ${TABLES[side]} are described by ${table.shown}, and columns of the interactions describe them where there is no such table. Leave one of the two out.`,
        FLAGS[side],
      )
    if (side === 'user' && job.options.sessionGap !== undefined && found.length > 0)
      throw badInput('With --session-gap the users are sessions, which no column describes: leave one of them out.', FLAGS[side])
    return found
  }
  const said = { item: listed('item'), user: listed('user') }
  const title = saidTitle(job, relation, given.item)
  const titleRole = roles.find(([, column]) => column !== null && column === title)
  if (titleRole !== undefined)
    throw badInput(
      `The column "${title!}" is the ${titleRole[0]} of the interactions and no title. Say --map title=none for no title.`,
      '--map title=',
    )
  const both = [...(said.item ?? []), ...(title === null ? [] : [title])].find((name) => said.user?.includes(name) === true)
  if (both !== undefined) throw badInput(`The column "${both}" cannot describe both the item and the user. Name it once.`, FLAGS.user)
  const isFree = (side: Side): boolean =>
    given[side] === null && said[side] === null && !(side === 'user' && job.options.sessionGap !== undefined)
  const all = names.filter((name) => !roles.some(([, column]) => column === name))
  return {
    said:
      title === null || said.item?.includes(title) === true ? said : { ...said, item: said.item === null ? null : [...said.item, title] },
    open: job.plan.format === 'table' ? SIDES.filter(isFree) : [],
    free: all.filter((name) => said.item?.includes(name) !== true && said.user?.includes(name) !== true),
    all,
  }
}

/** The column of the log that is said to be the title, where no table has one. @throws PylonError bad-input where it is not there */
function saidTitle(job: ImportContext, relation: Relation, items: Relation | null): string | null {
  const said = job.map.title
  if (items !== null || said === undefined || said === 'none' || job.plan.format !== 'table') return null
  return findColumn(
    said,
    relation.columns.map(({ name }) => name),
    relation.shown,
    '--map title=',
  )
}

/** The title among the item's columns: said, else by its name. */
export function titleAmong(job: ImportContext, relation: Relation, columns: readonly string[]): string | null {
  if (job.map.title === 'none') return null
  return saidTitle(job, relation, null) ?? roleColumn('title', {}, columns, relation.shown)
}

/** Chooses among the free columns of a log. @param taken SQL of which rows count */
export async function chooseDescribing(
  job: ImportContext,
  log: Reread,
  { said, open, free }: Asked,
  columns: readonly LogColumn[],
  taken: string,
): Promise<Described> {
  const title = open.includes('item') ? saidTitle(job, log.relation, null) : null
  const candidates = columns.filter(({ name }) => free.includes(name) && name !== title)
  const found = { item: [...(said.item ?? []), ...(title === null ? [] : [title])], user: [...(said.user ?? [])] }
  if (open.length === 0 || candidates.length === 0) return { columns: found, left: [], saidTitle: title }
  const left: LeftColumn[] = []
  for (const evidence of await evidenceOf(job.source.duck, log, candidates, taken)) {
    const side = sideOf(evidence, open)
    if (side === null) left.push({ column: evidence.column, why: whyNot(evidence, open) })
    else found[side].push(evidence.column)
  }
  const inOrder = (names: readonly string[]): string[] => columns.map(({ name }) => name).filter((name) => names.includes(name))
  return { columns: { item: inOrder(found.item), user: inOrder(found.user) }, left, saidTitle: title }
}

const NAMED = {
  user: wordsOf('user usr customer cust client member visitor reviewer buyer reader player guest account 用户 会员 买家 顾客 客户'),
  item: wordsOf(
    'item product prod movie film book song track artist article news video game sku goods listing 商品 物品 产品 宝贝 电影 图书 歌曲',
  ),
} as const satisfies Record<Side, readonly string[]>

/** Whether a name says whose column it is: product_name, title, customer_city. */
const isNamed = (column: string, side: Side): boolean =>
  NAMED[side].some((word) => normaliseName(column).startsWith(word)) || (side === 'item' && roleColumn('title', {}, [column], '') !== null)

/** The side whose ids keep one value; of both, the one that its name says, else the one that has fewer ids a value. */
function sideOf({ column, values, agreement }: Evidence, open: readonly Side[]): Side | null {
  const fitting = open.filter((side) => describes(agreement[side], isNamed(column, side)))
  const named = fitting.filter((side) => isNamed(column, side))
  const [first, second] = named.length === 1 ? named : fitting
  if (first === undefined || second === undefined) return first ?? null
  const share = (side: Side): number => values / agreement[side].ids
  return share(second) > share(first) ? second : first
}

/** Why a column is not taken, for people. */
function whyNot({ values, agreement }: Evidence, open: readonly Side[]): string {
  if (values === 0) return 'it is empty'
  if (values === 1) return 'it has one value'
  const severalOf = (side: Side): number => agreement[side].differing / agreement[side].several
  const [varying, others] = [
    open.filter((side) => severalOf(side) > MOST_DIFFERING),
    open.filter((side) => !(severalOf(side) > MOST_DIFFERING)),
  ]
  const [first, second] = varying
  const told = others.map((side) => {
    const { several, byChance } = agreement[side]
    if (several === 0) return `no ${side} has several rows with a value`
    return byChance < 3 ? `too few ${side}s have several rows to tell` : `next to all ${side}s have the same value`
  })
  if (first === undefined) return told.join(', ')
  const several =
    second === undefined
      ? `it varies within ${percent(severalOf(first))} of the ${first}s`
      : `it varies within ${percent(severalOf(first))} of the ${first}s and ${percent(severalOf(second))} of the ${second}s`
  return [several, ...told].join(', ')
}

export const percent = (share: number): string => `${Number((100 * share).toPrecision(share < 0.01 ? 1 : 2))} %`
