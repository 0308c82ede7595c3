/**
 * Forms in which files write dates and times, each as SQL of a column and as an expression of one cell. Of several that fit, the first is meant
 * unless the column says otherwise (`times.ts`).
 */
import { sqlText } from '../duck.ts'
import { type CellForm, finite, trimBlanks } from './cell-form.ts'
import { byGroups, ISO_DAY, ZONES } from './instants.ts'

export type TimeForm = CellForm<number>

export interface Pattern extends TimeForm {
  readonly test: RegExp
  /** forms that write the same digits in another order have one in common; it has the customary order first */
  readonly digits?: string
  /** whether other things than dates are written so, `01-02-03`: a column is a time only where its name says so too */
  readonly weak?: boolean
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

/** DuckDB casts years of more digits too, and words such as epoch: a slip of the hand would be another time. */
const ofFourDigits = (cell: string, sql: string): string => `CASE WHEN (${cell})[5] = '-' THEN ${sql} END`

/** DuckDB's cast carries the zone of a cell that names one over to cells after it that name none: such cells never get there. */
const castWithOffset = (cell: string): string =>
  `epoch(CASE WHEN NOT regexp_matches(${cell}, '[A-SV-Za-z]{2}|/') THEN ${ofFourDigits(cell, `TRY_CAST(${cell} AS TIMESTAMPTZ)`)} END)`

export const ISO_WITH_OFFSET = pattern(
  'ISO date with offset',
  new RegExp(String.raw`^${ISO_DAY}${ISO_CLOCK}\s*(?:Z|UTC|[+-]\d{2}(?::?\d{2})?)?$`),
  (cell) => castWithOffset(`trim(${cell})`),
  isoCast(String.raw`Z| UTC|[+-]\d{2}(?::?\d{2})?`),
)

const NAMED = Object.keys(ZONES).join('|')

/** Fractions behind a comma, offsets behind minutes, zones by their names: cast by DuckDB once they are written as it wants them. */
export const ISO_FREE = pattern(
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
export const PATTERNS: readonly Pattern[] = [
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
