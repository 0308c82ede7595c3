/** Cells of interactions as programs write them, each with what it means: ids, times, weights, event types, and columns that play no role. */
import type { Chance } from '../part.ts'

/** An interaction as it must come out. */
export interface Row {
  readonly user: string
  readonly item: string
  /** seconds since 1970 */
  readonly time: number | null
  readonly weight: number | null
  readonly event: string | null
}

/** Text of an id, a time or a weight for a number from 0. */
export interface IdKind {
  readonly name: string
  id(k: number): string
}

const uuid = (k: number): string => `6F9619FF-8B86-D011-B42D-${(0xc04fc964ffn + BigInt(k)).toString(16).toUpperCase().padStart(12, '0')}`
const pad = (k: number, width: number): string => String(k).padStart(width, '0')

export const ID_KINDS: readonly IdKind[] = [
  { name: 'whole numbers', id: (k) => String(k + 1) },
  { name: 'leading zeros', id: (k) => pad(k, 10) },
  { name: 'negative', id: (k) => String(-k - 1) },
  { name: '19 digits', id: (k) => String(9_223_372_036_854_775_000n + BigInt(k)) },
  { name: '40 digits', id: (k) => `${'9'.repeat(34)}${pad(k, 6)}` },
  { name: 'words', id: (k) => `id-${k}` },
  { name: 'UUIDs in capitals', id: uuid },
  { name: 'dates', id: (k) => `${pad((k % 12) + 1, 2)}-${pad((k % 28) + 1, 2)}-${pad(k % 90, 2)}` },
  { name: 'ISO dates', id: (k) => `20${pad(k % 90, 2)}-${pad((k % 12) + 1, 2)}-03` },
  { name: 'other scripts', id: (k) => `商品${'甲乙丙丁'[k % 4]}${k}` },
  { name: 'accents', id: (k) => `Müller-${k}é` },
  { name: 'blanks within', id: (k) => `a b  ${k}` },
  { name: 'exponents', id: (k) => `${k + 1}e5` },
  { name: 'hexadecimal', id: (k) => `0x${(k + 10).toString(16)}` },
  { name: 'plus signs', id: (k) => `+${k}` },
  { name: 'points', id: (k) => `1.${k}` },
  { name: 'times of day', id: (k) => `${pad(k % 24, 2)}:${pad(k % 60, 2)}` },
  { name: 'signs', id: (k) => `@${k}!#$%&*()` },
  { name: 'long', id: (k) => `${'x'.repeat(300)}${k}` },
  { name: 'emoji', id: (k) => `🙂${k}` },
  { name: 'blanks before', id: (k) => ` ${k}x` },
  { name: 'blanks behind', id: (k) => `x${k} ` },
  { name: 'whole floats', id: (k) => `${k + 1}.0` },
  { name: 'underscores', id: (k) => `1_00${k}` },
  { name: 'money', id: (k) => `$${k}` },
  { name: 'half words for nothing', id: (k) => `NA${k}` },
  { name: 'case alone', id: (k) => (k % 2 === 0 ? `a${k >> 1}` : `A${k >> 1}`) },
  { name: 'signs of two spellings', id: (k) => `${k % 2 === 0 ? 'é' : 'e\u0301'}${k >> 1}` },
  { name: 'wide blanks', id: (k) => `a\u00a0${k}` },
  { name: 'lists as text', id: (k) => `[${k}]` },
  { name: 'objects as text', id: (k) => `{a:${k}}` },
  { name: 'octal', id: (k) => `0o${k}` },
  { name: 'infinite', id: (k) => `Inf${k}` },
  { name: 'durations', id: (k) => `${k} days` },
  { name: 'addresses', id: (k) => `10.0.${k % 256}.${k >> 8}` },
  { name: 'truth values', id: (k) => `${k % 2 === 0 ? 'true' : 'false'}${k < 2 ? '' : k}` },
]

/** Ids of which a text has to quote some. */
export const QUOTED_ID_KINDS: readonly IdKind[] = [
  { name: 'commas', id: (k) => `a,${k}` },
  { name: 'semicolons', id: (k) => `a;${k}` },
  { name: 'quotes', id: (k) => `say "${k}"` },
  { name: 'line ends', id: (k) => `a\n${k}` },
  { name: 'tabs', id: (k) => `a\t${k}` },
  { name: 'bars', id: (k) => `a|${k}` },
  { name: 'backslashes', id: (k) => `a\\${k}` },
]

/** A form of times in text. Times are given in milliseconds and read to the precision of the form. */
export interface TimeKind {
  readonly name: string
  /** milliseconds that the form does not lose */
  readonly step: number
  text(ms: number): string
  /** needs a day behind the twelfth among the cells to be told from its mirror */
  readonly days?: boolean
  /** one that no other column would be taken for: the guess needs no word */
  readonly sure: boolean
}

const iso = (ms: number): string => new Date(ms).toISOString()
const two = (n: number): string => pad(n, 2)
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const parts = (ms: number): { y: number; m: number; d: number; h: number; min: number; s: number } => {
  const at = new Date(ms)
  return {
    y: at.getUTCFullYear(),
    m: at.getUTCMonth() + 1,
    d: at.getUTCDate(),
    h: at.getUTCHours(),
    min: at.getUTCMinutes(),
    s: at.getUTCSeconds(),
  }
}

const DAY = 86_400_000
export const TIME_KINDS: readonly TimeKind[] = [
  { name: 'seconds', step: 1000, text: (ms) => String(ms / 1000), sure: true },
  { name: 'seconds with fractions', step: 1, text: (ms) => (ms / 1000).toFixed(3), sure: true },
  { name: 'milliseconds', step: 1, text: String, sure: true },
  { name: 'microseconds', step: 1, text: (ms) => `${ms}000`, sure: true },
  { name: 'nanoseconds', step: 1, text: (ms) => `${ms}000000`, sure: true },
  { name: 'ISO days', step: DAY, text: (ms) => iso(ms).slice(0, 10), sure: true },
  { name: 'ISO with T', step: 1000, text: (ms) => iso(ms).slice(0, 19), sure: true },
  { name: 'ISO with a blank', step: 1000, text: (ms) => iso(ms).slice(0, 19).replace('T', ' '), sure: true },
  { name: 'ISO with Z', step: 1, text: iso, sure: true },
  { name: 'ISO with an offset', step: 1000, text: (ms) => `${iso(ms + 7_200_000).slice(0, 19)}+02:00`, sure: true },
  { name: 'a comma before the fraction', step: 1, text: (ms) => iso(ms).slice(0, 23).replace('T', ' ').replace('.', ','), sure: true },
  { name: 'YYYYMMDD', step: DAY, text: (ms) => iso(ms).slice(0, 10).replaceAll('-', ''), sure: true },
  { name: 'DD/MM/YYYY', step: DAY, text: (ms) => iso(ms).slice(0, 10).split('-').toReversed().join('/'), days: true, sure: true },
  {
    name: 'MM/DD/YYYY with AM or PM',
    step: 1000,
    text: (ms) => {
      const { y, m, d, h, min, s } = parts(ms)
      return `${m}/${d}/${y} ${h % 12 === 0 ? 12 : h % 12}:${two(min)}:${two(s)} ${h < 12 ? 'AM' : 'PM'}`
    },
    days: true,
    sure: true,
  },
  {
    name: 'DD.MM.YYYY hh:mm',
    step: 60_000,
    text: (ms) => {
      const { y, m, d, h, min } = parts(ms)
      return `${two(d)}.${two(m)}.${y} ${two(h)}:${two(min)}`
    },
    days: true,
    sure: true,
  },
  {
    name: 'DD Mon YYYY',
    step: DAY,
    text: (ms) => {
      const { y, m, d } = parts(ms)
      return `${two(d)} ${MONTHS[m - 1]!} ${y}`
    },
    sure: true,
  },
  { name: 'RFC 2822', step: 1000, text: (ms) => new Date(ms).toUTCString(), sure: true },
]

/** A form of weights in text. */
export interface WeightKind {
  readonly name: string
  text(k: number): string
  value(k: number): number
  /** what `--decimal` has to say */
  readonly decimal?: 'comma'
}

export const WEIGHT_KINDS: readonly WeightKind[] = [
  { name: 'whole', text: (k) => String(k % 5), value: (k) => k % 5 },
  { name: 'halves', text: (k) => ((k % 9) / 2 + 0.5).toFixed(1), value: (k) => (k % 9) / 2 + 0.5 },
  { name: 'negative', text: (k) => String(-1.25 * (k % 7)), value: (k) => -1.25 * (k % 7) },
  { name: 'exponents', text: (k) => `${(k % 9) + 1}.5e-3`, value: (k) => ((k % 9) + 1.5) / 1000 },
  { name: 'decimal comma', text: (k) => `${k % 5},${(k % 9) + 1}5`, value: (k) => (k % 5) + ((k % 9) + 1) / 10 + 0.05, decimal: 'comma' },
  { name: 'thousands', text: (k) => `1,${pad(k % 1000, 3)}.5`, value: (k) => 1000 + (k % 1000) + 0.5 },
  { name: 'currency', text: (k) => `$${(k % 90) + 1}.25`, value: (k) => (k % 90) + 1.25 },
  { name: 'thousands apart', text: (k) => `1 ${pad(k % 1000, 3)}.25`, value: (k) => 1000.25 + (k % 1000) },
  { name: 'in brackets', text: (k) => `(${(k % 9) + 1}.50)`, value: (k) => -((k % 9) + 1.5) },
  { name: 'per cent', text: (k) => `${k % 100}.5%`, value: (k) => (k % 100) + 0.5 },
]

export const EVENTS = ['view', 'click', 'add to cart', 'buy', '购买'] as const

/** Names of columns that say their role, best first for the role's own. */
export const KNOWN_NAMES = {
  user: ['user', 'user_id', 'userId', 'UserID', 'reviewerID', 'visitorid', '用户', 'customer_id'],
  item: ['item', 'item_id', 'movieId', 'ItemID', 'asin', 'product_id', '商品', 'listing_id'],
  time: ['time', 'timestamp', 'ts', 'date', '时间', 'datetime', 'event_time'],
  weight: ['weight', 'rating', 'Rating', 'score', 'stars', '评分'],
  event: ['event', 'event_type', 'behavior', 'action', '行为'],
} as const

/** Names that say nothing, or something else, and that readers stumble over. */
export const ODD_NAMES = [
  ...['rowid', 'a b', '列', 'select', 'x.y', '"quoted"', 'k=v', "it's", '__id', 'index', 'count(*)', 'NULL', 'ключ', '🙂', 'FROM', 'c0'],
  ...['%s', 'A', 'raw', 'id', 'n', 'line', 'json', 'words', 'role', 'part', 'x'.repeat(200), 'café', '#', '-', 'é', 'epoch', 'word'],
]

/** Names and cells of a column that plays no role. */
export const OTHER_CELLS: readonly ((k: number) => string)[] = [
  (k) => `note ${k}`,
  () => '',
  (k) => String(k * 1.5),
  (k) => (k % 3 === 0 ? 'NULL' : 'x'),
  (k) => `plain text of some words ${k}`,
  () => 'ü',
]

/** A shuffled copy. */
export function shuffled<T>(list: readonly T[], chance: Chance): T[] {
  const copy = [...list]
  for (let k = copy.length - 1; k > 0; k--) {
    const other = chance.below(k + 1)
    ;[copy[k], copy[other]] = [copy[other]!, copy[k]!]
  }
  return copy
}
