/**
 * One instant from the parts of its text, and those that a person types: seconds since 1970 UTC. A time without an offset is UTC, a year of two
 * digits is one of 1969 to 2068; a day or a clock time that there is not is none.
 */
import { trimBlanks } from './cell-form.ts'

/** What a pattern's groups say; a month may be a name, a second has its fraction, a year two digits. */
interface Fields {
  readonly year?: string
  readonly month?: string
  readonly day?: string
  readonly hour?: string
  readonly minute?: string
  readonly second?: string
  readonly half?: string
  readonly offset?: string
}

const MONTHS = ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december']

/** The month of a number, of a name or of its first three letters; NaN for none. */
function monthOf(month: string): number {
  if (/^\d/.test(month)) return Number(month)
  const at = MONTHS.findIndex((name) => (month.length === 3 ? name.slice(0, 3) : name) === month.toLowerCase())
  return at < 0 ? NaN : at + 1
}

/** As strptime: 69 is 1969, 68 is 2068. */
function yearOf(year: string): number {
  return year.length === 2 ? (Number(year) < 69 ? 2000 : 1900) + Number(year) : Number(year)
}

/** Hours from 0 of a clock that may say AM or PM; NaN for hours there are not. */
function hourOf(hour: string, half: string | undefined): number {
  const h = Number(hour)
  if (half === undefined) return h <= 23 ? h : NaN
  return h < 1 || h > 12 ? NaN : (h % 12) + (/^p/i.test(half) ? 12 : 0)
}

/** Seconds since 1970; null for a day or a clock time that there is not, such as 30 February or 25:00. */
function instant({ year, month = '1', day = '1', hour = '0', minute = '0', second = '0', half, offset }: Fields): number | null {
  const [whole, fraction = ''] = second.split(/[.,]/)
  const [h, m, seconds] = [hourOf(hour, half), Number(minute), Number(whole)]
  const monthNumber = monthOf(month)
  const date = new Date(0)
  date.setUTCFullYear(yearOf(year!), monthNumber - 1, Number(day))
  const exists = date.getUTCMonth() === monthNumber - 1 && date.getUTCDate() === Number(day)
  const shift = offsetSeconds(offset)
  if (!exists || Number.isNaN(h) || m > 59 || seconds > 59 || shift === null) return null
  const micros = Number(fraction.slice(0, 6).padEnd(6, '0'))
  return date.getTime() / 1000 + h * 3600 + m * 60 + seconds + micros / 1e6 - shift
}

/** `Z`, `UTC`, `EST`, `+02`, `+0230`, `+02:30` in seconds; null beyond a day. */
function offsetSeconds(offset = 'Z'): number | null {
  const zone = ZONES[offset.trim()] ?? offset.trim()
  const [, sign, hours, minutes = '0'] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? []
  if (hours === undefined) return 0
  if (Number(hours) > 23 || Number(minutes) > 59) return null
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60)
}

/** Zones of letters that mean one offset: those of RFC 2822, and others that nobody else uses for another. */
export const ZONES: Readonly<Record<string, string>> = {
  GMT: 'Z',
  EST: '-05',
  EDT: '-04',
  MST: '-07',
  MDT: '-06',
  PST: '-08',
  PDT: '-07',
  AKST: '-09',
  AKDT: '-08',
  HST: '-10',
  WET: 'Z',
  WEST: '+01',
  CET: '+01',
  CEST: '+02',
  EET: '+02',
  EEST: '+03',
  MSK: '+03',
  HKT: '+08',
  SGT: '+08',
  JST: '+09',
  KST: '+09',
  AEST: '+10',
  AEDT: '+11',
  NZST: '+12',
  NZDT: '+13',
}

/** The reading of one cell by the groups of an expression. */
export function byGroups(test: RegExp): (cell: string) => number | null {
  return (cell) => {
    const fields = test.exec(trimBlanks(cell))?.groups as Fields | undefined
    return fields === undefined ? null : instant(fields)
  }
}

/** `2024-1-31`, as a part of an expression. */
export const ISO_DAY = String.raw`(?<year>\d{4})-(?<month>\d{1,2})-(?<day>\d{1,2})`
export const NUMBER = /^\s*[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?\s*$/

/** Dates as people type them. */
export const TYPED = new RegExp(
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
