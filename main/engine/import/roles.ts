/**
 * Which column plays which role, guessed from names (a table of the ones in use, best first) and content, or said with `--map`.
 * What was guessed is told to the user, and a role that cannot be guessed is an error that lists the columns there are.
 */
import { badInput, PylonError } from '../../contract/errors.ts'
import { splitPairs } from '../../contract/import-options.ts'
import { listNames, didYouMean } from '../../contract/did-you-mean.ts'
import { COLUMN_ROLES, type ColumnRole } from '../../contract/shapes/inspection.ts'

/** Roles of `--map`: of interactions, then of metadata files. */
export const ROLES = COLUMN_ROLES
export type Role = ColumnRole
export type RoleMap = Partial<Record<Role, string>>

/** `--map time=none` leaves a role out. */
const NONE = 'none'

/** Column names by role, compared without case and punctuation; earlier wins. */
const NAMES: Readonly<Record<Role, readonly string[]>> = {
  user: wordsOf(
    `user userid uid usercode reviewerid customerid customer memberid visitorid accountid account profileid buyerid playerid clientid
    readerid authorid personid username guestid travellerid sessionid session`,
  ),
  item: wordsOf(
    `item itemid iid itemcode movieid listingid productid parentasin asin bookid isbn businessid songid trackid artistid articleid newsid
    videoid gameid appid recipeid restaurantid hotelid venueid placeid poiid locationid adid animeid photoid courseid jobid movie
    listing product book song article`,
  ),
  time: wordsOf(
    `timestamp time ts datetime date eventtime createdat created unixtimestamp unixtime unixreviewtime reviewtime eventdate reviewdate
    orderdate visittime checkintime utctime occurredat watchedat playedat`,
  ),
  weight: wordsOf('weight rating ratings score stars overall plays playcount listencount count quantity value preference'),
  event: wordsOf(
    'event eventtype type action actiontype behavior behaviour behaviortype behaviourtype interaction interactiontype activity',
  ),
  userId: wordsOf('id userid user uid usercode'),
  itemId: wordsOf('id itemid item iid itemcode'),
  title: wordsOf('title name itemname itemtitle productname producttitle moviename movietitle listingname headline caption label'),
}

/** `user=COL,item=COL` as a table. @throws PylonError bad-input */
export function parseMap(map: string | undefined): RoleMap {
  const roles: RoleMap = {}
  for (const [role, column] of parsePairs(map, '--map', 'role=COLUMN')) {
    const known = ROLES.find((r) => r.toLowerCase() === role.toLowerCase())
    if (known === undefined)
      throw badInput(`There is no role "${role}"; ${didYouMean(role, ROLES)}the roles are ${ROLES.join(', ')}.`, '--map')
    roles[known] = column
  }
  return roles
}

/** The pairs of `a=b,"c,d"=e`. @throws PylonError bad-input */
export function parsePairs(list: string | undefined, option: string, form: string): [string, string][] {
  return splitPairs(list ?? '').map(({ text, pair }) => {
    if (pair === null) throw badInput(`"${text}" is not ${form}.`, option)
    return pair
  })
}

/**
 * The column that a person means: by name, by name without case, or by position from 1.
 * @throws PylonError bad-input listing the columns
 */
export function findColumn(wanted: string, columns: readonly string[], file: string, option: string): string {
  const plain = (name: string): string => name.trim().normalize('NFC').toLowerCase()
  const exact = columns.find((c) => c === wanted) ?? columns.find((c) => plain(c) === plain(wanted))
  if (exact !== undefined) return exact
  const position = /^\d+$/.test(wanted) ? Number(wanted) : 0
  if (position >= 1 && position <= columns.length) return columns[position - 1]!
  throw badInput(
    `There is no column "${wanted}"; ${didYouMean(wanted, columns)}the columns are ${listNames(columns)}.`,
    `${file} (${option})`,
  )
}

/** The column said for a role, or the one its name suggests, or null. */
export function roleColumn(
  role: Role,
  map: RoleMap,
  columns: readonly string[],
  file: string,
  taken: readonly string[] = [],
): string | null {
  const said = map[role]
  if (said === NONE) return null
  if (said !== undefined) return findColumn(said, columns, file, `--map ${role}=`)
  return byName(
    NAMES[role],
    columns.filter((c) => !taken.includes(c)),
  )
}

/** The id column of a metadata file: as said, as the interactions call it, by name, or the first of a file without names. */
export function idColumn(
  side: 'user' | 'item',
  map: RoleMap,
  columns: readonly string[],
  file: string,
  inInteractions: string | null,
  hasNames: boolean,
): string {
  const role: Role = side === 'user' ? 'userId' : 'itemId'
  const said = map[role] === undefined ? null : roleColumn(role, map, columns, file)
  const same = inInteractions === null ? null : byName([normaliseName(inInteractions)], columns)
  const found = said ?? same ?? byName(NAMES[role], columns) ?? byName(NAMES[side], columns) ?? (hasNames ? null : columns[0]!)
  if (found === null) throw ambiguousRole(`the ${side} id`, role, columns, file)
  return found
}

/** The words of a text. */
export function wordsOf(text: string): string[] {
  return text.split(/\s+/)
}

export function ambiguousRole(what: string, role: Role, columns: readonly string[], file: string): PylonError {
  return badInput(`Cannot tell which column is ${what}; say it with --map ${role}=COLUMN. The columns are ${listNames(columns)}.`, file)
}

/** Whether a name is one that some role goes by: a sign that a line is a header. */
export function isRoleName(column: string): boolean {
  return Object.values(NAMES).some((names) => names.includes(normaliseName(column)))
}

function byName(names: readonly string[], columns: readonly string[]): string | null {
  for (const wanted of names) {
    const column = columns.find((c) => normaliseName(c) === wanted)
    if (column !== undefined) return column
  }
  return null
}

/** A name as names are compared: without case and punctuation; one of nothing else as it is. */
export function normaliseName(column: string): string {
  const plain = column.normalize('NFKC').toLowerCase()
  return plain.replace(/[^\p{L}\p{M}\p{N}]/gu, '') || plain
}
