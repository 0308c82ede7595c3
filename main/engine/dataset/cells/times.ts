/**
 * Forms in which files write a time: seconds since 1970 UTC. The form is chosen on a sample, so a later cell in another form is an error
 * with its line, never a silently wrong date; whether day or month comes first is for the whole column to say. A time without an offset
 * is UTC, a year of two digits is one of 1969 to 2068. Whole numbers are epochs: by their size seconds, milliseconds, microseconds or
 * nanoseconds.
 */
import { sqlText } from '../duck.ts'
import { type CellForm, finite, shareOf, trimBlanks } from './cell-form.ts'
import { parseDouble } from './numbers.ts'

export type TimeForm = CellForm<number>

interface Pattern extends TimeForm {
  readonly test: RegExp
  /** forms that write the same digits in another order have one in common; it has the customary order first */
  readonly digits?: string
  /** whether other things than dates are written so, `01-02-03`: a column is a time only where its name says so too */
  readonly weak?: boolean
}

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
function instant({ year, month, day = '1', hour = '0', minute = '0', second = '0', half, offset }: Fields): number | null {
  const [whole, fraction = ''] = second.split(/[.,]/)
  const [h, m, seconds] = [hourOf(hour, half), Number(minute), Number(whole)]
  const monthNumber = monthOf(month!)
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

/** What stands for a part of a date in strptime's formats, as a regular expression. */
const PARTS: Readonly<Record<string, string>> = {
  '%Y': String.raw`(?<year>\d{4})`,
  '%y': String.raw`(?<year>\d{2})`,
  '%m': String.raw`(?<month>\d{1,2})`,
  '%b': '(?<month>[A-Za-z]{3})',
  '%B': '(?<month>[A-Za-z]{4,9})',
  '%d': String.raw`(?<day>\d{1,2})`,
  '%H': String.raw`(?<hour>\d{1,2})`,
  '%I': String.raw`(?<hour>\d{1,2})`,
  '%M': String.raw`(?<minute>\d{2})`,
  '%S': String.raw`(?<second>\d{2})`,
  '%p': '(?<half>[AaPp][Mm])',
}

const partsOf = (format: string): string =>
  format.replace(/%[a-zA-Z]| +|[.()/+*?|[\]\\]/g, (part) => PARTS[part] ?? (part.startsWith(' ') ? ' +' : `\\${part}`))

const SECONDS = ['%S', '%S.%f', '%S,%f']
const ENDS = [
  ...SECONDS.map((s) => `%H:%M:${s}`),
  '%H:%M',
  '%H',
  ...[...SECONDS.map((s) => `%I:%M:${s}`), '%I:%M'].flatMap((c) => [`${c} %p`, `${c}%p`]),
]
/** Clocks behind a day, as strptime has them. */
const CLOCKS = ['', ...[' ', ', ', 'T'].flatMap((before) => ENDS.map((clock) => before + clock))]
const CLOCK = String.raw`(?:(?: +|, +|T)(?<hour>\d{1,2})(?::(?<minute>\d{2})(?::(?<second>\d{2}(?:[.,]\d{1,6})?))?(?: *(?<half>[AaPp][Mm]))?)?)?`

/** A day written so, with or without a clock behind it. */
function days(name: string, format: string, more: Pick<Pattern, 'digits' | 'weak'> = {}): Pattern {
  const test = new RegExp(`^${partsOf(format)}${CLOCK}$`)
  // a year of four digits is none of two
  const guard = format.includes('%Y')
    ? (cell: string, sql: string) => `CASE WHEN regexp_matches(${cell}, '[0-9]{4}') THEN ${sql} END`
    : null
  return {
    name,
    expected: `a ${name}`,
    test,
    sql: (cell) => {
      const sql = `epoch(try_strptime(trim(${cell}), [${CLOCKS.map((clock) => sqlText(format + clock)).join(', ')}]))`
      return finite(guard?.(cell, sql) ?? sql)
    },
    parse: byGroups(test),
    ...more,
  }
}

/** The reading of one cell by the groups of an expression. */
function byGroups(test: RegExp): (cell: string) => number | null {
  return (cell) => {
    const fields = test.exec(trimBlanks(cell))?.groups as Fields | undefined
    return fields === undefined ? null : instant(fields)
  }
}

const ISO_DAY = String.raw`(?<year>\d{4})-(?<month>\d{1,2})-(?<day>\d{1,2})`
const ISO_CLOCK = String.raw`(?:[T ]+(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2}(?:\.\d+)?))?)?`

/** An ISO date as DuckDB casts it: an offset stands behind seconds. */
function isoCast(offset: string): RegExp {
  const second = String.raw`:(?<second>\d{2}(?:\.\d+)?)(?<offset>${offset})?`
  return new RegExp(String.raw`^${ISO_DAY}(?:(?:T *| +)(?<hour>\d{1,2}):(?<minute>\d{2})(?:${second})?)?$`)
}

/** @param read what of the cells that fit is read, by the fields of its groups */
function pattern(name: string, test: RegExp, sql: Pattern['sql'], read = test, more: Pick<Pattern, 'weak'> = {}): Pattern {
  return {
    name,
    expected: /^[aeiou]/i.test(name) ? `an ${name}` : `a ${name}`,
    test,
    sql: (cell) => finite(sql(cell)),
    parse: byGroups(read),
    ...more,
  }
}

/** Zones of letters that mean one offset, as RFC 2822 has them. */
const ZONES: Readonly<Record<string, string>> = { GMT: 'Z', EST: '-05', EDT: '-04', MST: '-07', MDT: '-06', PST: '-08', PDT: '-07' }

/** DuckDB casts years of more digits too, and words such as epoch: a slip of the hand would be another time. */
const ofFourDigits = (cell: string, sql: string): string => `CASE WHEN (${cell})[5] = '-' THEN ${sql} END`

/** DuckDB's cast carries the zone of a cell that names one over to cells after it that name none: such cells never get there. */
const castWithOffset = (cell: string): string =>
  `epoch(CASE WHEN NOT regexp_matches(${cell}, '[A-SV-Za-z]{2}|/') THEN ${ofFourDigits(cell, `TRY_CAST(${cell} AS TIMESTAMPTZ)`)} END)`

const ISO_WITH_OFFSET = pattern(
  'ISO date with offset',
  new RegExp(String.raw`^${ISO_DAY}${ISO_CLOCK}\s*(?:Z|UTC|[+-]\d{2}(?::?\d{2})?)?$`),
  (cell) => castWithOffset(`trim(${cell})`),
  isoCast(String.raw`Z| UTC|[+-]\d{2}(?::?\d{2})?`),
)

const NAMED = Object.keys(ZONES).join('|')

/** Fractions behind a comma, offsets behind minutes, zones by their names: cast by DuckDB once they are written as it wants them. */
const ISO_FREE = pattern(
  'ISO date with zone',
  new RegExp(String.raw`^${ISO_DAY}(?:[T ]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)? *(?:Z|UTC|${NAMED}|[+-]\d{2}(?::?\d{2})?)?)?$`),
  (cell) => {
    const points = `regexp_replace(trim(${cell}), '(:[0-9]{2}),([0-9])', '\\1.\\2')`
    const seconds = `regexp_replace(${points}, '^([^ T]+[T ]+[0-9]{1,2}:[0-9]{2})( *(?:[A-Z+-].*)?)$', '\\1:00\\2')`
    return castWithOffset(
      Object.entries(ZONES).reduce((sql, [zone, offset]) => `regexp_replace(${sql}, ' *${zone}$', ${sqlText(offset)})`, seconds),
    )
  },
  new RegExp(
    String.raw`^${ISO_DAY}(?:[T ](?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2}(?:[.,]\d+)?))?(?<offset>Z| UTC| ?(?:${NAMED})|[+-]\d{2}(?::?\d{2})?)?)?$`,
  ),
)

const DATE_AND_TIME_FORMATS = ['%Y%m%d%H%M%S', '%Y%m%d%H%M', '%Y%m%dT%H%M%S', '%Y%m%dT%H%M%SZ', '%Y%m%dT%H%M']
const YMD = String.raw`(?<year>(?:19|20)\d{2})(?<month>0[1-9]|1[0-2])(?<day>0[1-9]|[12]\d|3[01])`

/** In order of preference; the first that fits most of the sample wins. */
const PATTERNS: readonly Pattern[] = [
  pattern('date as YYYYMMDD', new RegExp(`^${YMD}$`), (cell) => `epoch(try_strptime(trim(${cell}), '%Y%m%d'))`),
  pattern(
    'date and time as YYYYMMDDhhmmss',
    new RegExp(String.raw`^${YMD}T?(?<hour>[01]\d|2[0-3])(?<minute>[0-5]\d)(?<second>[0-5]\d)?(?<offset>Z)?$`),
    (cell) => `epoch(try_strptime(trim(${cell}), [${DATE_AND_TIME_FORMATS.map(sqlText).join(', ')}]))`,
    new RegExp(String.raw`^${YMD}T?(?<hour>[01]\d|2[0-3])(?<minute>[0-5]\d)(?<second>[0-5]\d)?$`),
  ),
  pattern(
    'ISO date',
    new RegExp(String.raw`^${ISO_DAY}${ISO_CLOCK}\s*Z?$`),
    (cell) => ofFourDigits(`trim(${cell})`, `epoch(TRY_CAST(trim(${cell}) AS TIMESTAMP))`),
    isoCast('Z'),
  ),
  ISO_WITH_OFFSET,
  ISO_FREE,
  days('date as YYYY-MM-DD', '%Y-%m-%d'),
  days('date as YYYY/MM/DD', '%Y/%m/%d'),
  days('date as YYYY.MM.DD', '%Y.%m.%d'),
  days('date as DD.MM.YYYY', '%d.%m.%Y', { digits: '.' }),
  days('date as MM.DD.YYYY', '%m.%d.%Y', { digits: '.' }),
  days('date as DD/MM/YYYY', '%d/%m/%Y', { digits: '/' }),
  days('date as MM/DD/YYYY', '%m/%d/%Y', { digits: '/' }),
  days('date as DD-MM-YYYY', '%d-%m-%Y', { digits: '-' }),
  days('date as MM-DD-YYYY', '%m-%d-%Y', { digits: '-' }),
  days('date as DD-Mon-YYYY', '%d-%b-%Y'),
  days('date as DD-Mon-YY', '%d-%b-%y'),
  days('date as DD Mon YYYY', '%d %b %Y'),
  days('date as DD Month YYYY', '%d %B %Y'),
  days('date as DD/Mon/YYYY', '%d/%b/%Y'),
  days('date as YYYY-Mon-DD', '%Y-%b-%d'),
  days('date as Mon DD, YYYY', '%b %d, %Y'),
  days('date as Month DD, YYYY', '%B %d, %Y'),
  days('date as Mon DD YYYY', '%b %d %Y'),
  days('date as Month DD YYYY', '%B %d %Y'),
  days('date as MM DD, YYYY', '%m %d, %Y'),
  days('date as DD.MM.YY', '%d.%m.%y', { digits: '.y', weak: true }),
  days('date as DD/MM/YY', '%d/%m/%y', { digits: '/y', weak: true }),
  days('date as MM/DD/YY', '%m/%d/%y', { digits: '/y', weak: true }),
  days('date as YY/MM/DD', '%y/%m/%d', { digits: '/y', weak: true }),
  days('date as DD-MM-YY', '%d-%m-%y', { digits: '-y', weak: true }),
  days('date as MM-DD-YY', '%m-%d-%y', { digits: '-y', weak: true }),
  days('date as YY-MM-DD', '%y-%m-%d', { digits: '-y', weak: true }),
  pattern('date as YYYY-MM', /^(?<year>\d{4})-(?<month>\d{2})$/, (cell) => `epoch(try_strptime(trim(${cell}), '%Y-%m'))`, undefined, {
    weak: true,
  }),
  isoWeek(),
  pattern(
    'date as Www Mon DD hh:mm:ss +zzzz YYYY',
    /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>\d{1,2}) (?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d) (?<offset>[+-]\d{4}) (?<year>\d{4})$/,
    (cell) => `epoch(try_strptime(trim(${cell}), '%a %b %d %H:%M:%S %z %Y'))`,
  ),
  pattern(
    'date as Www, DD Mon YYYY hh:mm:ss zone',
    /^(?:[A-Z][a-z]{2}, )?(?<day>\d{1,2}) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d) (?<offset>[+-]\d{4}|GMT|UTC)$/,
    (cell) =>
      `epoch(try_strptime(regexp_replace(regexp_replace(trim(${cell}), '^[A-Z][a-z][a-z], ', ''), '(?:GMT|UTC)$', '+0000'), '%d %b %Y %H:%M:%S %z'))`,
  ),
  pattern(
    'date as DD/Mon/YYYY:hh:mm:ss +zzzz',
    /^\[?(?<day>\d{1,2})\/(?<month>[A-Z][a-z]{2})\/(?<year>\d{4}):(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d) (?<offset>[+-]\d{4})\]?$/,
    (cell) => `epoch(try_strptime(trim(trim(${cell}), '[]'), '%d/%b/%Y:%H:%M:%S %z'))`,
  ),
]

/** `2024-W05-3`, `2024W053`; a week without a day is its Monday. */
function isoWeek(): Pattern {
  const test = /^(?<year>\d{4})-?W(?<week>\d{2})(?:-?(?<day>[1-7]))?$/
  return {
    name: 'ISO week',
    expected: 'an ISO week such as 2024-W05-3',
    weak: true,
    test,
    sql: (cell) => {
      const spelled = `regexp_replace(trim(${cell}), '^([0-9]{4})-?W([0-9]{2})-?([1-7]?)$', '\\1-W\\2-\\3')`
      return finite(`epoch(try_strptime(regexp_replace(${spelled}, '-$', '-1'), '%G-W%V-%u'))`)
    },
    parse: (cell) => {
      const { year, week, day = '1' } = test.exec(trimBlanks(cell))?.groups ?? {}
      if (year === undefined) return null
      const fourth = new Date(0)
      fourth.setUTCFullYear(Number(year), 0, 4)
      const monday = fourth.getTime() - ((fourth.getUTCDay() + 6) % 7) * 86_400_000
      const time = monday + ((Number(week) - 1) * 7 + Number(day) - 1) * 86_400_000
      // the Thursday of a week is of its year
      const thursday = new Date(monday + ((Number(week) - 1) * 7 + 3) * 86_400_000)
      return Number(week) >= 1 && thursday.getUTCFullYear() === Number(year) ? time / 1000 : null
    },
  }
}

const NUMBER = /^\s*[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?\s*$/

/** Epochs by the size of their numbers, with what one second is. */
const EPOCHS = [
  { from: 1e17, unit: 'nanoseconds', second: 1e9 },
  { from: 1e14, unit: 'microseconds', second: 1e6 },
  { from: 1e11, unit: 'milliseconds', second: 1e3 },
  { from: 0, unit: 'seconds', second: 1 },
] as const

/** 1990 to 2099 in seconds: what another unit puts there is of that unit. */
const TODAY = [631_152_000, 4_102_444_800] as const

/** The unit that makes this number a time of today, in seconds; null for none. */
export function todayAsEpoch(value: number): { unit: string; seconds: number } | null {
  const found = EPOCHS.find(({ second }) => value >= TODAY[0] * second && value <= TODAY[1] * second)
  return found === undefined ? null : { unit: found.unit, seconds: value / found.second }
}

/** What one second is in the unit of an epoch form; null for other forms. */
export const epochSecond = (form: TimeForm): number | null => EPOCHS.find(({ unit }) => form.name === `epoch ${unit}`)?.second ?? null

/** A number is no time of this unit where another unit makes it one of our time; seconds end in the year 5138. */
const epoch = ({ unit, second }: (typeof EPOCHS)[number]): TimeForm => {
  const others = EPOCHS.filter((other) => other.second !== second).map((other) => TODAY.map((t) => t * other.second) as [number, number])
  const most = second === 1 ? 1e11 : Infinity
  return {
    name: `epoch ${unit}`,
    expected: `${unit} since 1970`,
    sql: (cell) => {
      const value = `TRY_CAST(${cell} AS DOUBLE)`
      // whatever another unit puts into our time lies beyond what seconds reach; NaN is larger than all numbers to DuckDB
      if (second === 1) return `CASE WHEN abs(${value}) < ${most} THEN ${value} END`
      const mixed = others.map(([low, high]) => `${value} BETWEEN ${low} AND ${high}`)
      return finite(`CASE WHEN NOT (${mixed.join(' OR ')}) THEN ${value} / ${second} END`)
    },
    parse: (cell) => {
      const value = parseDouble(cell)
      if (value === null || Math.abs(value) >= most || others.some(([low, high]) => value >= low && value <= high)) return null
      return value / second
    },
  }
}

export const TIME_FORMS: readonly TimeForm[] = [...PATTERNS, ...EPOCHS.map(epoch)]

/** What a sample says of the form of its column. */
export interface TimeGuess {
  readonly form: TimeForm
  /** of the sample */
  readonly share: number
  /** forms that read the sample as well, in another order of day, month and year: the whole column decides */
  readonly rivals: readonly TimeForm[]
  /** whether other things than dates are written so */
  readonly weak: boolean
}

/** The form of most of these cells (which are not empty); null where fewer than half have one. @param said see {@link timeFormsSaid} */
export function guessTime(samples: readonly string[], said: readonly TimeForm[] | null = null): TimeGuess | null {
  if (samples.length === 0) return null
  if (said !== null) return said.length === 0 ? null : chosen(said, samples)
  const trimmed = samples.map((s) => s.trim())
  for (const form of PATTERNS) {
    const share = shareOf(trimmed, (s) => form.test.test(s))
    if (share < 0.5) continue
    // an offset or a zone in any cell needs the form that reads it
    const wider = form.name === 'ISO date' ? [ISO_WITH_OFFSET, ISO_FREE] : form === ISO_WITH_OFFSET ? [ISO_FREE] : []
    if (wider.some(({ test }) => shareOf(trimmed, (s) => test.test(s)) > share)) continue
    const orders = form.digits === undefined ? [form] : PATTERNS.filter(({ digits }) => digits === form.digits)
    return { ...chosen(orders, trimmed, share), weak: form.weak === true }
  }
  const numbers = trimmed.filter((s) => NUMBER.test(s)).map((s) => Math.abs(Number(s)))
  const share = numbers.length / trimmed.length
  return share < 0.5 ? null : { form: epochForm(numbers), share, rivals: [], weak: false }
}

/** Of forms in order of custom, the one that reads most of the sample. */
function chosen(forms: readonly TimeForm[], samples: readonly string[], share?: number): TimeGuess {
  const read = forms.map((form) => ({ form, share: shareOf(samples, (s) => form.parse(s) !== null) }))
  const most = Math.max(...read.map((r) => r.share))
  const [best, ...rivals] = withoutWideYears(
    read.filter((r) => r.share === most).map(({ form }) => form),
    samples,
  )
  const differ = rivals.filter((rival) => samples.some((s) => rival.parse(s) !== best!.parse(s)))
  return { form: best!, share: share ?? most, rivals: differ, weak: false }
}

/** Two digits of a year first or last: days vary more than years do, so the reading of the narrower span is meant. */
function withoutWideYears(forms: readonly TimeForm[], samples: readonly string[]): readonly TimeForm[] {
  const yearFirst = forms.filter(({ name }) => /^date as YY[^Y]/.test(name))
  const yearLast = forms.filter((form) => !yearFirst.includes(form))
  if (yearFirst.length === 0 || yearLast.length === 0) return forms
  const span = (form: TimeForm): number => {
    const times = samples.map((sample) => form.parse(sample)).filter((time) => time !== null)
    return times.reduce((most, time) => Math.max(most, time), -Infinity) - times.reduce((least, time) => Math.min(least, time), Infinity)
  }
  const [first, last] = [yearFirst, yearLast].map((some) => Math.min(...some.map(span)))
  return first! > last! * 4 ? yearLast : last! > first! * 4 ? yearFirst : forms
}

/**
 * The forms that a person means: the order of day and month (`dmy`, `mdy`, `ymd`), a form by its name (`DD/MM/YYYY`, `ISO week`), or the
 * unit of an epoch (`seconds`); null for what is none of them.
 */
export function timeFormsSaid(said: string): readonly TimeForm[] | null {
  const wanted = said.trim().toLowerCase()
  if (/^[dmy]{3}$/.test(wanted)) return inOrder(wanted)
  const names = (form: TimeForm): string => form.name.replace(/^(date|date and time) as |^epoch /, '').toLowerCase()
  const found = TIME_FORMS.filter((form) => form.name.toLowerCase() === wanted || names(form) === wanted.replace(/ +hh?:mm.*$/, ''))
  return found.length === 0 ? null : found
}

const ORDERS = { dmy: /^date as DD.(MM|Mon)/, mdy: /^date as (MM|Mon).*DD/, ymd: /^(date as YY|ISO date|date and time)/ } as const

function inOrder(order: string): readonly TimeForm[] | null {
  const test = Object.entries(ORDERS).find(([name]) => name === order)?.[1]
  return test === undefined ? null : PATTERNS.filter(({ name }) => test.test(name))
}

/** What `--date-format` takes, for messages. */
export const TIME_WORDS = 'dmy, mdy, ymd, a form such as DD/MM/YYYY, or seconds, milliseconds, microseconds, nanoseconds since 1970'

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
