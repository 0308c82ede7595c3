/**
 * Forms in which files write a time: seconds since 1970 UTC. The form is chosen on a sample, so a later cell in another form is an error
 * with its line, never a silently wrong date. A time without an offset is UTC. Whole numbers are epochs: by their size seconds,
 * milliseconds, microseconds or nanoseconds.
 */
import { sqlText } from '../duck.ts'
import { type CellForm, finite, trimBlanks } from './cell-form.ts'
import { parseDouble } from './numbers.ts'

export type TimeForm = CellForm<number>

interface Pattern extends TimeForm {
  readonly test: RegExp
  /** further doubt that a sample may settle */
  readonly accept?: (samples: readonly string[]) => boolean
}

/** What a pattern's groups say; a month may be a name, a second has its fraction. */
interface Fields {
  readonly year?: string
  readonly month?: string
  readonly day?: string
  readonly hour?: string
  readonly minute?: string
  readonly second?: string
  readonly offset?: string
}

const CLOCK = String.raw`(?:[T ]+(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2}(?:\.\d+)?))?)?`
const MONTHS = ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december']

/** The month of a name or of its first three letters; NaN for none. */
function monthOf(name: string, whole: boolean): number {
  const at = MONTHS.findIndex((month) => (whole ? month : month.slice(0, 3)) === name.toLowerCase())
  return at < 0 ? NaN : at + 1
}

/** Seconds since 1970; null for a day or a clock time that there is not, such as 30 February or 25:00. */
function instant({ year, month, day, hour = '0', minute = '0', second = '0', offset }: Fields, monthNumber = Number(month)): number | null {
  const [whole, fraction = ''] = second.split('.')
  const [h, m, seconds] = [Number(hour), Number(minute), Number(whole)]
  const date = new Date(0)
  date.setUTCFullYear(Number(year), monthNumber - 1, Number(day))
  const exists = date.getUTCMonth() === monthNumber - 1 && date.getUTCDate() === Number(day)
  const shift = offsetSeconds(offset)
  if (!exists || h > 23 || m > 59 || seconds > 59 || shift === null) return null
  const micros = Number(fraction.slice(0, 6).padEnd(6, '0'))
  return date.getTime() / 1000 + h * 3600 + m * 60 + seconds + micros / 1e6 - shift
}

/** `Z`, `UTC`, `+02`, `+0230`, `+02:30` in seconds; null beyond a day. */
function offsetSeconds(offset = 'Z'): number | null {
  const [, sign, hours, minutes = '0'] = /^([+-])(\d{2}):?(\d{2})?$/.exec(offset) ?? []
  if (hours === undefined) return 0
  if (Number(hours) > 23 || Number(minutes) > 59) return null
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60)
}

/** strptime formats with nothing, minutes or seconds behind the day */
function days(name: string, test: string, format: string, accept?: Pattern['accept']): Pattern {
  const formats = [`${format} %H:%M:%S`, `${format} %H:%M`, format].map(sqlText).join(', ')
  // a clock as those formats read it: after blanks, without fractions of a second
  const whole = new RegExp(String.raw`^${test}(?: +(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2}))?)?$`)
  const named = /%[bB]/.exec(format)?.[0]
  return {
    name,
    expected: `a ${name}`,
    test: new RegExp(`^${test}${CLOCK}$`),
    sql: (cell) => finite(`epoch(try_strptime(trim(${cell}), [${formats}]))`),
    parse: (cell) => {
      const fields = whole.exec(trimBlanks(cell))?.groups as Fields | undefined
      if (fields === undefined) return null
      return named === undefined ? instant(fields) : instant(fields, monthOf(fields.month!, named === '%B'))
    },
    ...(accept ? { accept } : {}),
  }
}

const dayIsFirst = (samples: readonly string[]): boolean => samples.some((s) => Number(/^\d+/.exec(s)?.[0]) > 12)

const ISO_DAY = String.raw`(?<year>\d{4})-(?<month>\d{1,2})-(?<day>\d{1,2})`
/** An ISO date as DuckDB casts it: an offset stands behind seconds. */
function isoCast(offset: string): RegExp {
  const second = String.raw`:(?<second>\d{2}(?:\.\d+)?)(?<offset>${offset})?`
  return new RegExp(String.raw`^${ISO_DAY}(?:(?:T *| +)(?<hour>\d{1,2}):(?<minute>\d{2})(?:${second})?)?$`)
}

/** @param read what of the cells that fit is read, by the fields of its groups */
function pattern(
  name: string,
  test: RegExp,
  sql: Pattern['sql'],
  read = test,
  month = ({ month: n }: Fields): number => Number(n),
): Pattern {
  return {
    name,
    expected: /^[aeiou]/i.test(name) ? `an ${name}` : `a ${name}`,
    test,
    sql: (cell) => finite(sql(cell)),
    parse: (cell) => {
      const fields = read.exec(trimBlanks(cell))?.groups as Fields | undefined
      return fields === undefined ? null : instant(fields, month(fields))
    },
  }
}

const ISO_WITH_OFFSET = pattern(
  'ISO date with offset',
  new RegExp(String.raw`^${ISO_DAY}${CLOCK}\s*(?:Z|UTC|[+-]\d{2}(?::?\d{2})?)?$`),
  (cell) => `epoch(TRY_CAST(trim(${cell}) AS TIMESTAMPTZ))`,
  isoCast(String.raw`Z| UTC|[+-]\d{2}(?::?\d{2})?`),
)

/** In order of preference; the first that fits most of the sample wins. */
const PATTERNS: readonly Pattern[] = [
  pattern(
    'date as YYYYMMDD',
    /^(?<year>(?:19|20)\d{2})(?<month>0[1-9]|1[0-2])(?<day>0[1-9]|[12]\d|3[01])$/,
    (cell) => `epoch(try_strptime(trim(${cell}), '%Y%m%d'))`,
  ),
  pattern(
    'ISO date',
    new RegExp(String.raw`^${ISO_DAY}${CLOCK}\s*Z?$`),
    (cell) => `epoch(TRY_CAST(trim(${cell}) AS TIMESTAMP))`,
    isoCast('Z'),
  ),
  ISO_WITH_OFFSET,
  days('date as YYYY/MM/DD', String.raw`(?<year>\d{4})/(?<month>\d{1,2})/(?<day>\d{1,2})`, '%Y/%m/%d'),
  days('date as DD.MM.YYYY', String.raw`(?<day>\d{1,2})\.(?<month>\d{1,2})\.(?<year>\d{4})`, '%d.%m.%Y'),
  days('date as DD/MM/YYYY', String.raw`(?<day>\d{1,2})/(?<month>\d{1,2})/(?<year>\d{4})`, '%d/%m/%Y', dayIsFirst),
  days('date as MM/DD/YYYY', String.raw`(?<month>\d{1,2})/(?<day>\d{1,2})/(?<year>\d{4})`, '%m/%d/%Y'),
  days('date as DD-Mon-YYYY', String.raw`(?<day>\d{1,2})-(?<month>[A-Za-z]{3})-(?<year>\d{4})`, '%d-%b-%Y'),
  days('date as Mon DD, YYYY', String.raw`(?<month>[A-Za-z]{3}) (?<day>\d{1,2}), (?<year>\d{4})`, '%b %d, %Y'),
  days('date as Month DD, YYYY', String.raw`(?<month>[A-Za-z]{4,9}) (?<day>\d{1,2}), (?<year>\d{4})`, '%B %d, %Y'),
  days('date as MM DD, YYYY', String.raw`(?<month>\d{1,2}) (?<day>\d{1,2}), (?<year>\d{4})`, '%m %d, %Y'),
  pattern(
    'date as Www Mon DD hh:mm:ss +zzzz YYYY',
    /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>\d{1,2}) (?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d) (?<offset>[+-]\d{4}) (?<year>\d{4})$/,
    (cell) => `epoch(try_strptime(trim(${cell}), '%a %b %d %H:%M:%S %z %Y'))`,
    undefined,
    ({ month }) => monthOf(month!, false),
  ),
]

const NUMBER = /^\s*[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?\s*$/

/** Epochs by the size of their numbers, with what one second is. */
const EPOCHS = [
  { from: 1e17, unit: 'nanoseconds', second: 1e9 },
  { from: 1e14, unit: 'microseconds', second: 1e6 },
  { from: 1e11, unit: 'milliseconds', second: 1e3 },
  { from: 0, unit: 'seconds', second: 1 },
] as const

const epoch = ({ unit, second }: (typeof EPOCHS)[number]): TimeForm => ({
  name: `epoch ${unit}`,
  expected: `${unit} since 1970`,
  sql: (cell) => finite(`TRY_CAST(${cell} AS DOUBLE)${second === 1 ? '' : ` / ${second}`}`),
  parse: (cell) => {
    const value = parseDouble(cell)
    return value === null ? null : value / second
  },
})

export const TIME_FORMS: readonly TimeForm[] = [...PATTERNS, ...EPOCHS.map(epoch)]

/** The form of most of these cells (which are not empty), and the share that has it; null where fewer than half have one. */
export function guessTime(samples: readonly string[]): { form: TimeForm; share: number } | null {
  if (samples.length === 0) return null
  const trimmed = samples.map((s) => s.trim())
  for (const form of PATTERNS) {
    const fitting = trimmed.filter((s) => form.test.test(s))
    // an offset in any cell needs the form that reads it, so all cells that are ISO dates at all must fit the plain one
    if (form.name === 'ISO date' && fitting.length < trimmed.filter((s) => ISO_WITH_OFFSET.test.test(s)).length) continue
    const share = fitting.length / trimmed.length
    if (share >= 0.5 && (form.accept?.(fitting) ?? true)) return { form, share }
  }
  const numbers = trimmed.filter((s) => NUMBER.test(s)).map((s) => Math.abs(Number(s)))
  const share = numbers.length / trimmed.length
  return share < 0.5 ? null : { form: epochForm(numbers), share }
}

/** Epoch form by the median of absolute values. */
export function epochForm(numbers: readonly number[]): TimeForm {
  const median = numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0
  return epoch(EPOCHS.find((e) => median >= e.from)!)
}

const TYPED = new RegExp(
  String.raw`^${ISO_DAY}(?:[T ](?<hour>\d{2}):(?<minute>\d{2})(?::(?<second>\d{2}(?:\.\d+)?))?)?(?<offset>Z|[+-]\d{2}:?\d{2})?$`,
)

/** One instant as a person types it (`2024-01-01`, `2024-01-01T12:00Z`, epoch seconds or milliseconds) in seconds, or null. */
export function parseInstant(typed: string): number | null {
  return NUMBER.test(typed) ? secondsOf(Number(typed)) : parseIsoDate(typed)
}

/** The same of dates alone. */
export function parseIsoDate(typed: string): number | null {
  const fields = TYPED.exec(typed.trim())?.groups as Fields | undefined
  return fields === undefined ? null : instant(fields)
}

/** Seconds or milliseconds since 1970: above 10^11 (the year 5138) it must be milliseconds. */
export const secondsOf = (value: number): number => (Math.abs(value) >= 1e11 ? value / 1000 : value)
