/**
 * Which column plays which role, guessed from names (a table of the ones in use, best first) and content, or said with `--map`.
 * What was guessed is told to the user, and a role that cannot be guessed is an error that lists the columns there are.
 */
import { badInput, PylonError } from '../../contract/errors.ts'
import { pairOption, splitPairs } from '../../contract/import-options.ts'
import { listNames, didYouMean } from '../../contract/did-you-mean.ts'
import { COLUMN_ROLES, type ColumnRole } from '../../contract/shapes/inspection.ts'

/** Roles of `--map`: of interactions, then of metadata files. */
export const ROLES = COLUMN_ROLES
export type Role = ColumnRole
export type RoleMap = Partial<Record<Role, string>>

/** Which columns of a file of interactions play which role. */
export interface InteractionColumns {
  readonly user: string
  readonly item: string
  readonly time: string | null
  readonly weight: string | null
  readonly event: string | null
}

/** `--map time=none` leaves a role out. */
const NONE = 'none'

/** Column names by role, compared without case and punctuation; earlier wins. */
const NAMES: Readonly<Record<Role, readonly string[]>> = {
  user: wordsOf(
    `user userid uid usercode reviewerid customerid customer memberid visitorid accountid account profileid buyerid playerid clientid
    readerid authorid personid username guestid travellerid sessionid session
    用户 用户id 用户编号 用户名 会员 会员id 会员编号 会员号 买家 买家id 买家编号 顾客 顾客id 顾客编号 客户 客户id 客户编号 账号
    ユーザー ユーザ 顧客 会員 사용자 회원 고객 пользователь клиент покупатель usuario cliente utilisateur client benutzer
    nutzer kunde usuário utente المستخدم مستخدم عميل उपयोगकर्ता ग्राहक χρήστης πελάτης ผู้ใช้ ลูกค้า משתמש לקוח kullanıcı müşteri
    ngườidùng kháchhàng użytkownik klient pengguna pelanggan gebruiker klant`,
  ),
  item: wordsOf(
    `item itemid iid itemcode movieid listingid productid parentasin asin bookid isbn businessid songid trackid artistid articleid newsid
    videoid gameid appid recipeid restaurantid hotelid venueid placeid poiid locationid adid animeid photoid courseid jobid movie
    listing product book song article
    sku skuid 商品 商品id 商品编号 商品编码 物品 物品id 物品编号 产品 产品id 产品编号 货号 宝贝id 电影 电影id 图书 图书id 歌曲 歌曲id アイテム 作品 映画 상품 아이템 영화 товар продукт фильм книга artículo producto película libro produit livre
    artikel produkt buch produto المنتج منتج वस्तु उत्पाद προϊόν είδος สินค้า ผลิตภัณฑ์ פריט מוצר ürün sảnphẩm barang produk`,
  ),
  time: wordsOf(
    `timestamp time ts datetime date eventtime createdat created unixtimestamp unixtime unixreviewtime reviewtime eventdate reviewdate
    orderdate visittime checkintime utctime occurredat watchedat playedat
    时间 日期 时间戳 下单时间 交易时间 购买时间 支付时间 行为时间 浏览时间 评分时间 创建时间 時間 日時 日付 시간 날짜 время дата fecha hora heure datum zeit zeitstempel zeitpunkt data الوقت وقت تاريخ समय दिनांक χρόνος ημερομηνία เวลา วันที่ זמן תאריך zaman tarih
    thờigian ngày czas waktu tanggal tijd`,
  ),
  weight: wordsOf(`weight rating ratings score stars overall plays playcount listencount count quantity value preference
    评分 打分 次数 評価 평점 оценка рейтинг puntuación calificación bewertung`),
  event: wordsOf(
    `event eventtype type action actiontype behavior behaviour behaviortype behaviourtype interaction interactiontype activity
    行为 行为类型 事件 事件类型 行動 событие evento ereignis`,
  ),
  userId: wordsOf('id userid user uid usercode'),
  itemId: wordsOf('id itemid item iid itemcode'),
  title: wordsOf(`title name itemname itemtitle productname producttitle moviename movietitle listingname headline caption label
    名称 标题 书名 片名 商品名 商品名称 物品名称 产品名称 品名 タイトル 名前 제목 이름 название título titulo titre titel nombre`),
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
  // of names that differ in case only, all but the first have a number behind them
  const exact =
    columns.find((c) => c === wanted) ??
    columns.find((c) => c.replace(/_\d+$/, '') === wanted) ??
    columns.find((c) => plain(c) === plain(wanted))
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

/** The id column of a metadata file by its name: as the interactions call it, or as ids are called. */
export function idByName(side: 'user' | 'item', columns: readonly string[], inInteractions: string | null): string | null {
  const same = inInteractions === null ? null : byName([normaliseName(inInteractions)], columns)
  return same ?? byName(NAMES[side === 'user' ? 'userId' : 'itemId'], columns) ?? byName(NAMES[side], columns)
}

/** The words of a text. */
export function wordsOf(text: string): string[] {
  return text.split(/\s+/)
}

/** @param guess a column that it may be, which is not sure */
export function ambiguousRole(
  what: string,
  role: Role,
  columns: readonly string[],
  file: string,
  guess?: { readonly column: string; readonly reason: string; readonly rivals?: readonly string[] },
): PylonError {
  if (columns.length === 1)
    return badInput(
      `This file has one column as it is read, ${listNames(columns)}, and interactions have a user and an item: say with --delimiter what parts its cells.`,
      file,
    )
  const rivals = guess?.rivals ?? []
  const maybe =
    guess === undefined
      ? ''
      : ` It may be "${guess.column}" (${guess.reason})${rivals.length === 0 ? '' : `, or ${listNames(rivals)}`}: ${pairOption('map', role, sayable(guess.column, columns))} takes it.`
  const none = role === 'time' || role === 'weight' || role === 'event' ? `, or --map ${role}=none` : ''
  return badInput(
    `Cannot tell which column is ${what}; say it with --map ${role}=COLUMN${none}.${maybe} The columns are ${listNames(columns)}.`,
    guess === undefined ? file : `${file} column "${guess.column}"`,
  )
}

/** How a column is said in `--map`: by its name, or by its position where the name means something else there. */
const sayable = (column: string, columns: readonly string[]): string => (column === NONE ? String(columns.indexOf(column) + 1) : column)

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
  // a unit or a range behind a name is none of it: `rating (1-5)`
  const plain = column
    .normalize('NFKC')
    .toLowerCase()
    .replace(/(?<=[\p{L}\p{N}]\s*)[([][^)\]]*[)\]]\s*$/u, '')
  return plain.replace(/[^\p{L}\p{M}\p{N}]/gu, '') || plain
}
