/**
 * Which columns of interactions are user, item, time, weight and event, by what their values are: names say it where they are known ones,
 * else times, words for events, ratings, and ids that come back. Each guess has a reason and says how sure it is; what is optional and
 * not sure is left out, what is needed and not sure is for a person to say.
 */
import { pairOption } from '../../contract/import-options.ts'
import { isMissingId } from '../dataset/cells/cell-form.ts'
import { numberForm } from '../dataset/cells/numbers.ts'
import { guessTime, todayAsEpoch } from '../dataset/cells/times.ts'
import { filled, type ColumnSample } from './column-samples.ts'
import { agreementOf, describes } from './described/agreement.ts'
import { roleColumn, wordsOf, type RoleMap } from './roles.ts'

export const INTERACTION_ROLES = ['user', 'item', 'time', 'weight', 'event'] as const
export type InteractionRole = (typeof INTERACTION_ROLES)[number]

export interface RoleGuess {
  readonly column: string
  /** said: by a person or a layout */
  readonly confidence: 'said' | 'high' | 'medium' | 'low'
  /** why, for people; empty where it was said */
  readonly reason: string
  /** columns that it may be as well */
  readonly rivals?: readonly string[]
}

export interface GuessedRoles {
  readonly roles: ReadonlyMap<InteractionRole, RoleGuess>
  /** columns whose names say a role that their values do not fit, and what follows */
  readonly warnings: readonly string[]
}

const NO_EVENT_TIME = /birth|born|dob|releas|publish|expir|regist|signup|joined|geburt|生日|出生|发布|上映/i
const EVENT_WORDS = new Set(
  wordsOf(
    `view views pv click clicks clicked buy bought purchase purchased transaction order ordered cart addtocart add_to_cart add-to-cart
    carts fav favorite favourite like liked dislike disliked play played skip skipped share shared comment rate rated wishlist save saved
    search impression shown impressed watch watched read listen listened complete completed start finish download install remove_from_cart
    remove follow unfollow subscribe checkin check-in visit visited book booked click_item detail exposure collect 点击 浏览 购买 收藏 加购 下单 支付`,
  ),
)
const USER_VALUE =
  /^(u|us|usr|user|cust|customer|client|member|visitor|reviewer|buyer|person|player|guest|acct|account|用户|会员|买家|顾客|客户)[-_:. ]?\d+$/i
const ITEM_VALUE =
  /^(i|it|item|p|prod|product|m|mov|movie|film|sku|asin|b|book|isbn|s|song|t|track|a|art|article|n|news|v|video|g|game|artist|poi|商品)[-_:. ]?[\da-f]+$/i

/** Guesses the roles that nobody said. @throws PylonError bad-input where a column that is said is not there */
export function guessRoles(samples: readonly ColumnSample[], map: RoleMap, named: boolean, file: string): GuessedRoles {
  const names = samples.map(({ name }) => name)
  const roles = new Map<InteractionRole, RoleGuess>()
  const warnings: string[] = []
  const open = new Set<InteractionRole>(INTERACTION_ROLES)
  for (const role of INTERACTION_ROLES) {
    if (map[role] === undefined) continue
    open.delete(role)
    const column = roleColumn(role, map, names, file)
    if (column !== null) roles.set(role, { column, confidence: 'said', reason: '' })
  }
  const free = (): ColumnSample[] => samples.filter(({ name }) => ![...roles.values()].some(({ column }) => column === name))
  const take = (role: InteractionRole, guess: RoleGuess | null): void => {
    if (guess === null) return
    roles.set(role, guess)
    open.delete(role)
  }
  const byName = (role: InteractionRole): ColumnSample | null => {
    if (!open.has(role) || !named) return null
    const among = (columns: readonly ColumnSample[]): ColumnSample | null => {
      const name = roleColumn(
        role,
        {},
        columns.map((column) => column.name),
        file,
      )
      return columns.find((column) => column.name === name) ?? null
    }
    // of several columns of such names the one whose values can be what it says
    const fits = role === 'weight' ? (column: ColumnSample) => isNumeric(column, 0.5) : isMostlyThere
    return (role === 'user' || role === 'item' || role === 'weight' ? among(free().filter(fits)) : null) ?? among(free())
  }
  for (const role of ['user', 'item'] as const) take(role, certain(byName(role), 'its name'))
  const timeNamed = timeByName(byName('time'))
  take('time', timeNamed)
  const weight = byName('weight')
  if (weight !== null && isNumeric(weight, 0.5)) take('weight', certain(weight, 'its name and its numbers'))
  else if (weight !== null && filled(weight.cells).length > 0)
    warnings.push(
      `The column "${weight.name}" is not used as weight: "${filled(weight.cells)[0]!.slice(0, 40)}" is no number. Every interaction counts the same; --map weight=COLUMN says another.`,
    )
  const event = byName('event')
  if (event !== null && fewValues(event, 50)) take('event', certain(event, 'its name and its few values'))
  if (open.has('event')) take('event', certain(free().find(isEvent) ?? null, 'its values are words for events'))
  const ids = (): ColumnSample[] => free().filter(isIdLike)
  const wanted = Number(open.has('user')) + Number(open.has('item'))
  if (open.has('weight') && !named)
    take('weight', ratings(free().filter((column) => ids().filter((other) => other !== column).length >= wanted)))
  const other = samples.find(({ name }) => name === (roles.get('user') ?? roles.get('item'))?.column)
  for (const [role, guess] of pairOf(ids(), { user: open.has('user'), item: open.has('item') }, named, other)) take(role, guess)
  const item = samples.find(({ name }) => name === roles.get('item')?.column)
  const isOfItem = (column: ColumnSample): boolean => item !== undefined && describes(agreementOf(item, column), false)
  if (open.has('time')) {
    const times = timesAmong(free())
    const ofItem = times.filter(isOfItem)
    take(
      'time',
      timeByValues(
        times.filter((column) => !ofItem.includes(column)),
        named,
      ),
    )
    if (roles.has('time')) return { roles, warnings }
    for (const { name } of ofItem)
      warnings.push(
        `The column "${name}" is not taken as the time, as each item has one value of it, like a release date. If it tells when the interactions were, say ${pairOption('map', 'time', name)}.`,
      )
  } else if (timeNamed !== null && isOfItem(samples.find(({ name }) => name === timeNamed.column)!))
    warnings.push(
      `The column "${timeNamed.column}" is taken as the time by its name, and each item has one value of it, like a release date. If it does not tell when the interactions were, say --map time=none.`,
    )
  return { roles, warnings }
}

const certain = (column: ColumnSample | null, reason: string): RoleGuess | null =>
  column === null ? null : { column: column.name, confidence: 'high', reason }

/** An id that most rows lack is not whom or what they are about: who is logged in, of all visitors. */
const isMostlyThere = ({ cells }: ColumnSample): boolean =>
  cells.filter((cell) => cell !== null && !isMissingId(cell)).length * 2 >= cells.length

const isTyped = ({ type }: ColumnSample): boolean => /^(DATE|TIMESTAMP)/.test(type)

/** Whatever its values are: where they are no times that can be read, that is an error, as the split hangs on it. */
function timeByName(column: ColumnSample | null): RoleGuess | null {
  return column === null || filled(column.cells).length === 0 ? null : certain(column, 'its name')
}

const timesAmong = (columns: readonly ColumnSample[]): ColumnSample[] =>
  columns.filter((column) => !NO_EVENT_TIME.test(column.name) && (isTyped(column) || areTimes(filled(column.cells))))

function timeByValues([first, ...others]: readonly ColumnSample[], named: boolean): RoleGuess | null {
  if (first === undefined) return null
  if (others.length > 0)
    return {
      column: first.name,
      confidence: 'low',
      reason: 'its values are times, and so are those of others',
      rivals: others.map(({ name }) => name),
    }
  return { column: first.name, confidence: named ? 'medium' : 'high', reason: 'its values are times' }
}

/** Dates, or epochs of our time; what may be something else is no time without a name that says so. */
function areTimes(cells: readonly string[]): boolean {
  const guess = guessTime(cells)
  if (guess === null || guess.share < 0.95 || guess.weak) return false
  return !guess.form.name.startsWith('epoch') || cells.every((cell) => todayAsEpoch(Number(cell)) !== null)
}

function isNumeric({ cells, type }: ColumnSample, share: number): boolean {
  if (type === 'BOOLEAN') return false
  const present = filled(cells)
  const { form } = numberForm(present)
  return present.length > 0 && present.filter((cell) => form.fits(cell)).length >= present.length * share
}

const distinctOf = (column: ColumnSample): number => new Set(filled(column.cells)).size

function fewValues(column: ColumnSample, most: number): boolean {
  const distinct = distinctOf(column)
  return distinct > 0 && distinct <= most
}

function isEvent(column: ColumnSample): boolean {
  return fewValues(column, 20) && filled(column.cells).every((cell) => EVENT_WORDS.has(cell.trim().toLowerCase()))
}

/** Numbers of 0 to 10 in steps of a half that come back and are in no order, as those of users in a log would be; the last such column. */
function ratings(columns: readonly ColumnSample[]): RoleGuess | null {
  const column = columns.findLast((candidate) => {
    const numbers = filled(candidate.cells).map(Number)
    const distinct = new Set(numbers).size
    const sorted = numbers.every((n, k) => k === 0 || n >= numbers[k - 1]!)
    return distinct > 1 && distinct < numbers.length && !sorted && numbers.every((n) => n >= 0 && n <= 10 && Number.isInteger(n * 2))
  })
  return column === undefined
    ? null
    : { column: column.name, confidence: 'medium', reason: 'its values are few numbers up to 10, as ratings are' }
}

/** Short words or whole numbers; no texts, lists, times, fractions. */
function isIdLike(column: ColumnSample): boolean {
  if (/^(STRUCT|MAP|UNION|BLOB|BOOLEAN|DATE|TIME)|\]$/.test(column.type)) return false
  const cells = filled(column.cells)
  const most = (test: (cell: string) => boolean): boolean => cells.filter(test).length > cells.length / 2
  if (cells.length === 0 || areTimes(cells) || isEvent(column)) return false
  return !most(
    (cell) =>
      cell.length > 64 || cell.trim().split(/\s+/).length > 3 || /^[-+]?\d+[.,]\d*[1-9]\d*$/.test(cell) || /^\S*\d\S* \S*\d/.test(cell),
  )
}

/** What the form of most ids says: u12, item_7. */
function hint(column: ColumnSample): 'user' | 'item' | null {
  const cells = filled(column.cells)
  const share = (test: RegExp): number => cells.filter((cell) => test.test(cell)).length / cells.length
  return share(USER_VALUE) > 0.9 ? 'user' : share(ITEM_VALUE) > 0.9 ? 'item' : null
}

/** Deviations from what chance does that are none of it: one of a thousand columns in no order comes that far. */
const NO_CHANCE = 3

/**
 * The share of rows whose value is that of the row before: logs often go user by user. None where the same values in any order would be beside
 * their like as often, as they are in a few rows.
 */
function runs(column: ColumnSample): number {
  const { cells } = column
  const pairs = cells.length - 1
  if (pairs < 1) return 0
  const counts = new Map<string | null, number>()
  for (const cell of cells) counts.set(cell, (counts.get(cell) ?? 0) + 1)
  const chance = [...counts.values()].reduce((sum, n) => sum + n * (n - 1), 0) / (cells.length * pairs)
  const found = cells.filter((cell, k) => k > 0 && cell === cells[k - 1]).length
  return found - pairs * chance > NO_CHANCE * Math.sqrt(pairs * chance * (1 - chance)) ? found / pairs : 0
}

/** Whether each value of `a` that comes back comes with one value of `b`; at least two do. */
function determines(a: ColumnSample, b: ColumnSample): boolean {
  const seen = new Map<string | null, string | null>()
  const again = new Set<string | null>()
  for (const [k, cell] of a.cells.entries()) {
    if (!seen.has(cell)) seen.set(cell, b.cells[k] ?? null)
    else if (seen.get(cell) !== (b.cells[k] ?? null)) return false
    else again.add(cell)
  }
  return again.size >= 2
}

/** How much a column looks like ids rather than names: digits, no blanks. */
const idness = (column: ColumnSample): number => {
  const cells = filled(column.cells)
  return (
    cells.filter((cell) => /\d/.test(cell)).length / cells.length - cells.filter((cell) => /\s/.test(cell.trim())).length / cells.length
  )
}

/** Of many rows a column of these few values is a kind of thing, a device, beside others of ten times as many. */
const FEW_VALUES = 10
const MANY_ROWS = 200

/** Columns of ids without row numbers, kinds, constants, and properties of another (a category of an item, its name). */
function mainIds(ids: readonly ColumnSample[], wanted: number): ColumnSample[] {
  let left = [...ids]
  const drop = (isMinor: (column: ColumnSample, others: readonly ColumnSample[]) => boolean): void => {
    for (const column of left.toReversed()) {
      if (left.length <= wanted) return
      const others = left.filter((other) => other !== column)
      if (isMinor(column, others)) left = others
    }
  }
  const returns = (column: ColumnSample): boolean => distinctOf(column) < filled(column.cells).length
  drop((column) => distinctOf(column) === 1 && column.cells.length > 1)
  drop((column, others) => {
    const distinct = distinctOf(column)
    const isOfMore = (other: ColumnSample): boolean => returns(other) && distinctOf(other) >= 10 * distinct
    return distinct <= FEW_VALUES && column.cells.length >= MANY_ROWS && others.filter(isOfMore).length >= wanted
  })
  drop((column, others) => !returns(column) && hint(column) === null && others.filter(returns).length >= wanted)
  drop((column, others) =>
    others.some((other) => {
      if (!determines(other, column)) return false
      return determines(column, other) ? idness(other) > idness(column) : distinctOf(other) > distinctOf(column)
    }),
  )
  return left
}

/** Rows from which on a column that never repeats is a key, by which a table is metadata. */
const ENOUGH_ROWS = 5

/** @param other the column of the role that is known already */
function pairOf(
  ids: readonly ColumnSample[],
  open: Record<'user' | 'item', boolean>,
  named: boolean,
  other: ColumnSample | undefined,
): [InteractionRole, RoleGuess][] {
  if (!open.user && !open.item) return []
  const both = open.user && open.item
  const left = mainIds(ids, both ? 2 : 1)
  if (left.length === 0) return []
  const others = (column: ColumnSample): string[] => left.filter((other) => other !== column).map(({ name }) => name)
  const score = (column: ColumnSample): number => (hint(column) === 'user' ? 2 : hint(column) === 'item' ? -2 : 0) + runs(column)
  const ranked = left.toSorted((a, b) => score(b) - score(a))
  if (!both) {
    const role = open.user ? 'user' : 'item'
    const hinted = left.filter((column) => hint(column) === role)
    const inRuns = role === 'user' && left.length > 1 && score(ranked[0]!) - score(ranked[1]!) > 0.2
    const column = hinted.length === 1 ? hinted[0]! : inRuns ? ranked[0]! : left[0]!
    const returns = distinctOf(column) < column.cells.length
    const isKeyed = other !== undefined && other.cells.length >= ENOUGH_ROWS && distinctOf(other) === other.cells.length
    const sure = (left.length === 1 || hinted.length === 1 || inRuns) && !isKeyed
    const reason = isKeyed
      ? `each "${other.name}" is in one row, as in metadata`
      : !sure
        ? 'one of several columns of ids'
        : returns
          ? 'the column of ids that is left, and they come back'
          : 'the column that is left, but none of its values comes back'
    return [[role, { column: column.name, confidence: sure && returns ? 'medium' : 'low', reason, rivals: others(column) }]]
  }
  if (left.length === 1) return []
  const gap = score(ranked[0]!) - score(ranked.at(-1)!)
  const told = gap > 0.2
  const [user, item] = told
    ? [ranked[0]!, left.length === 2 ? ranked.at(-1)! : left.find((column) => column !== ranked[0])!]
    : [left[0]!, left[1]!]
  const hinted = hint(user) === 'user' || hint(item) === 'item'
  const inRuns = told && !hinted
  const reason = inRuns
    ? 'its ids come in runs, as logs of users do'
    : told
      ? 'the form of its ids'
      : 'the customary order of two columns of ids'
  const confidence = left.length > 2 ? 'low' : hinted ? 'high' : told || !named ? 'medium' : 'low'
  const more = left.length > 2
  const userSure = more && told ? 'medium' : confidence
  return [
    ['user', { column: user.name, confidence: userSure, reason, rivals: others(user) }],
    [
      'item',
      {
        column: item.name,
        confidence,
        reason: more ? 'one of several columns of ids' : inRuns ? 'the other column of ids' : reason,
        rivals: others(item).filter((name) => name !== user.name),
      },
    ],
  ]
}
