/**
 * Forms in which files write dates and times, each as SQL of a column and as an expression of one cell. Of several that fit, the first is meant
 * unless the column says otherwise (`times.ts`).
 */
import { sqlText } from '../duck.ts'
import { isoWeek, ordinalDate } from './calendar-forms.ts'
import { finite, trimBlanks } from './cell-form.ts'
import { byGroups, ISO_DAY, ZONES } from './instants.ts'
import type { Pattern, Steps } from './time-form.ts'

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
const COLONS = String.raw`:(?<minute>\d{2})(?::(?<second>\d{2}(?:[.,]\d{1,6})?))?`
const DOTS = String.raw`\.(?<minute>\d{2})(?:\.(?<second>\d{2}))?`
const CLOCK = String.raw`(?:(?: +|, +|T)(?<hour>\d{1,2})(?:${COLONS}|${DOTS})?(?: *(?<half>[AaPp]\.?[Mm]\.?))?)?`

const respelledSql = (cell: string, steps: Steps): string =>
  steps.reduce((sql, [found, becomes]) => `regexp_replace(${sql}, ${sqlText(found)}, ${sqlText(becomes)}, 'g')`, cell)
const respelled = (cell: string, steps: Steps): string =>
  steps.reduce((text, [found, becomes]) => text.replaceAll(new RegExp(found, 'gu'), becomes.replaceAll('\\', '$')), cell)

/** `9.05 a.m.` as strptime wants it, `9:05 am`. */
const CLOCK_STEPS: Steps = [
  [String.raw` *([AaPp])\.?([Mm])\.?$`, String.raw` \1\2`],
  [String.raw`( |T)([0-9]{1,2})\.([0-9]{2})\.([0-9]{2})( [AaPp][Mm])?$`, String.raw`\1\2:\3:\4\5`],
  [String.raw`( |T)([0-9]{1,2})\.([0-9]{2})( [AaPp][Mm])?$`, String.raw`\1\2:\3\4`],
  [String.raw`( |T)([0-9]{1,2}) ([AaPp][Mm])$`, String.raw`\1\2:00 \3`],
]

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
      const read = (text: string): string => `try_strptime(${text}, [${CLOCKS.map((clock) => sqlText(format + clock)).join(', ')}])`
      // few clocks are written so that they must be respelled
      const sql = `epoch(coalesce(${read(`trim(${cell})`)}, ${read(respelledSql(`trim(${cell})`, CLOCK_STEPS))}))`
      return finite(guard?.(cell, sql) ?? sql)
    },
    parse: byGroups(test),
    reading: { kind: 'groups', test },
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
    reading: { kind: 'groups', test: read },
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
/** `[Europe/Paris]` behind an offset, which tells the time without it */
const REGION = String.raw`\[[A-Za-z_+-]+(?:/[A-Za-z_+-]+)*\]`

/** Fractions behind a comma, offsets behind minutes, zones by their names: cast by DuckDB once they are written as it wants them. */
export const ISO_FREE = pattern(
  'ISO date with zone',
  new RegExp(
    String.raw`^${ISO_DAY}(?:[T ]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)? *(?:UTC|${NAMED}|(?:Z|[+-]\d{2}(?::?\d{2})?)(?:${REGION})?)?)?$`,
  ),
  (cell) => {
    const spelled = respelledSql(`trim(${cell})`, [
      [String.raw`(:[0-9.,]+ *(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?))${REGION}$`, String.raw`\1`],
      ['(:[0-9]{2}),([0-9])', String.raw`\1.\2`],
      ['^([^ T]+[T ]+[0-9]{1,2}:[0-9]{2})( *(?:[A-Z+-].*)?)$', String.raw`\1:00\2`],
    ])
    const zone = `regexp_extract(${spelled}, ' *(${NAMED})$', 1)`
    const offsets = Object.entries(ZONES).map(([name, offset]) => `WHEN ${sqlText(name)} THEN ${sqlText(offset)}`)
    const withOffset = `regexp_replace(${spelled}, ' *(?:${NAMED})$', '') || CASE ${zone} ${offsets.join(' ')} ELSE '' END`
    return castWithOffset(`(${withOffset})`)
  },
  new RegExp(
    String.raw`^${ISO_DAY}(?:[T ](?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2}(?:[.,]\d+)?))?(?:(?<offset> UTC| ?(?:${NAMED}))|(?<offset>Z|[+-]\d{2}(?::?\d{2})?)(?:${REGION})?)?)?$`,
  ),
)

const DATE_AND_TIME_FORMATS = ['%Y%m%d%H%M%S', '%Y%m%d%H%M', '%Y%m%dT%H%M%S', '%Y%m%dT%H%M%SZ', '%Y%m%dT%H%M']
const YMD = String.raw`(?<year>(?:19|20)\d{2})(?<month>0[1-9]|1[0-2])(?<day>0[1-9]|[12]\d|3[01])`

const UNIX = pattern(
  'date as Www Mon DD hh:mm:ss +zzzz YYYY',
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>\d{1,2}) (?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d) (?<offset>[+-]\d{4}) (?<year>\d{4})$/,
  (cell) => `epoch(try_strptime(trim(${cell}), '%a %b %d %H:%M:%S %z %Y'))`,
)

const DASHED = days('date as YYYY-MM-DD', '%Y-%m-%d')
const DD_MON_YYYY = days('date as DD-Mon-YYYY', '%d-%b-%Y')
const DD_MON_YY = days('date as DD-Mon-YY', '%d-%b-%y')

/** Cells that another form reads once they are spelled anew. */
function respelling(name: string, test: RegExp, base: Pattern, steps: Steps): Pattern {
  return {
    name,
    expected: `a ${name}`,
    test,
    sql: (cell) =>
      `CASE WHEN regexp_full_match(trim(${cell}), ${sqlText(test.source)}) THEN ${base.sql(respelledSql(`trim(${cell})`, steps))} END`,
    parse: (cell) => (test.test(trimBlanks(cell)) ? base.parse(respelled(trimBlanks(cell), steps)) : null),
    reading: { kind: 'respelled', test, steps, of: base },
  }
}

const RFC_850_SHORT = /^[A-Z][a-z]{2,8}, \d{1,2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} (?:GMT|UTC)$/
const RFC_850_LONG = /^[A-Z][a-z]{2,8}, \d{1,2}-[A-Z][a-z]{2}-\d{4} \d{2}:\d{2}:\d{2} (?:GMT|UTC)$/
const RFC_850_STEPS: Steps = [
  ['^[A-Za-z]+, ', ''],
  [' (?:GMT|UTC)$', ''],
]

/** Names of months as dates have them, from January: English, German, French, Spanish, Italian, Portuguese, Dutch, Russian. */
const MONTH_WORDS = [
  'january jan januar jänner janvier janv enero ene gennaio gen janeiro januari января янв',
  'february feb februar febr février févr fevrier febrero febbraio fevereiro fev februari февраля фев',
  'march mar märz mär mrz mars marzo março marco maart mrt марта мар',
  'april apr avril avr abril abr aprile апреля апр',
  'may mai mayo maggio mag maio mei мая май',
  'june jun juni juin junio giugno giu junho июня июн',
  'july jul juli juillet juil julio luglio lug julho июля июл',
  'august aug août aout agosto ago augustus августа авг',
  'september sep sept septembre septiembre settembre set setembro сентября сен',
  'october oct oktober okt octobre octubre ottobre ott outubro out октября окт',
  'november nov novembre noviembre novembro ноября ноя',
  'december dec dezember dez décembre déc decembre diciembre dic dicembre dezembro декабря дек',
].map((words) => words.split(' '))

/** `5. März 2024`, `1er août 2024`, `Friday, January 5th, 2024 at 9:05 AM`: days and months in this order or the other, a clock behind. */
function monthInWords(): Pattern {
  const words = MONTH_WORDS.flat().toSorted((a, b) => b.length - a.length)
  const month = `(?i:(${words.join('|')}))`
  const end = String.raw`((?:(?:,? +| at | um )\d{1,2}(?:[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d{1,6})?)?)?(?: *[AaPp]\.?[Mm]\.?)?)?)`
  const weekday = String.raw`(?:\p{L}+\.?,? +)?`
  const dayFirst = String.raw`^${weekday}(\d{1,2})(?:st|nd|rd|th|er|º|°|\.)?[ -]*(?:de |of )?${month}\.?,?[ -]*(?:de |del )?(\d{4})(?: г\.?)?${end}$`
  const monthFirst = String.raw`^${weekday}${month}\.? *(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4})${end}$`
  const clock: Steps = [['^(?: at | um |,? +)', ' ']]
  const [first, second] = [new RegExp(dayFirst, 'u'), new RegExp(monthFirst, 'u')]
  return {
    name: 'date with the month in words',
    expected: 'a date with the month in words, such as 5 January 2024',
    test: new RegExp(`${dayFirst}|${monthFirst}`, 'u'),
    reading: { kind: 'month-in-words', first, second, months: MONTH_WORDS, clock, of: DASHED },
    sql: (cell) => {
      const text = `trim(${cell})`
      const isFirst = `regexp_matches(${text}, ${sqlText(dayFirst)})`
      const part = (inFirst: number, inSecond: number): string =>
        `CASE WHEN ${isFirst} THEN regexp_extract(${text}, ${sqlText(dayFirst)}, ${inFirst}) ELSE regexp_extract(${text}, ${sqlText(monthFirst)}, ${inSecond}) END`
      const numbers = MONTH_WORDS.flatMap((names, k) => names.map((name) => `WHEN ${sqlText(name)} THEN '${k + 1}'`))
      return DASHED.sql(
        `(${part(3, 3)} || '-' || CASE lower(${part(2, 1)}) ${numbers.join(' ')} END || '-' || ${part(1, 2)} || ${respelledSql(`(${part(4, 4)})`, clock)})`,
      )
    },
    parse: (cell) => {
      const text = trimBlanks(cell)
      const [ofFirst, ofSecond] = [first.exec(text), second.exec(text)]
      const [day, name, year, rest] = ofFirst === null ? [ofSecond?.[2], ofSecond?.[1], ofSecond?.[3], ofSecond?.[4]] : ofFirst.slice(1)
      if (name === undefined) return null
      const number = MONTH_WORDS.findIndex((names) => names.includes(name.toLowerCase())) + 1
      return DASHED.parse(`${year}-${number}-${day}${respelled(rest!, clock)}`)
    },
  }
}

/** What reads more than the forms of months' names before it. */
export const MONTH_IN_WORDS = monthInWords()

/** Whole numbers of four digits are years where all of a column are. */
export const YEAR = pattern('date as YYYY', /^(?<year>(?:19|20)\d{2})$/, (cell) => `epoch(try_strptime(trim(${cell}), '%Y'))`, undefined, {
  weak: true,
})

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
  DASHED,
  days('date as YYYY/MM/DD', '%Y/%m/%d'),
  days('date as YYYY.MM.DD', '%Y.%m.%d'),
  days('date as DD.MM.YYYY', '%d.%m.%Y', { digits: '.' }),
  days('date as MM.DD.YYYY', '%m.%d.%Y', { digits: '.' }),
  days('date as DD/MM/YYYY', '%d/%m/%Y', { digits: '/' }),
  days('date as MM/DD/YYYY', '%m/%d/%Y', { digits: '/' }),
  days('date as DD-MM-YYYY', '%d-%m-%Y', { digits: '-' }),
  days('date as MM-DD-YYYY', '%m-%d-%Y', { digits: '-' }),
  DD_MON_YYYY,
  DD_MON_YY,
  // as Oracle writes them
  respelling('date as DD-Mon-YY hh.mm.ss.ffffff AM', /^\d{1,2}-[A-Za-z]{3}-\d{2} \d{1,2}\.\d{2}\.\d{2}\.\d{1,9} [AaPp][Mm]$/, DD_MON_YY, [
    [String.raw` ([0-9]{1,2})\.([0-9]{2})\.([0-9]{2}\.[0-9]{1,6})[0-9]* `, String.raw` \1:\2:\3 `],
  ]),
  days('date as DD Mon YYYY', '%d %b %Y'),
  days('date as DD Month YYYY', '%d %B %Y'),
  days('date as DD/Mon/YYYY', '%d/%b/%Y'),
  days('date as YYYY-Mon-DD', '%Y-%b-%d'),
  days('date as Mon DD, YYYY', '%b %d, %Y'),
  days('date as Month DD, YYYY', '%B %d, %Y'),
  days('date as Mon DD YYYY', '%b %d %Y'),
  days('date as Month DD YYYY', '%B %d %Y'),
  MONTH_IN_WORDS,
  days('date as MM DD, YYYY', '%m %d, %Y'),
  respelling(
    'date as YYYY年MM月DD日',
    /^\d{4}[年년] ?\d{1,2}[月월] ?\d{1,2}[日일]?(?: *\d{1,2}(?::\d{2}(?::\d{2})?|[时時点點시] ?\d{1,2}[分분](?: ?\d{1,2}[秒초])?))?$/,
    DASHED,
    [
      ['^([0-9]{4})[年년] ?([0-9]{1,2})[月월] ?([0-9]{1,2})[日일]? *', String.raw`\1-\2-\3 `],
      ['[时時点點시] ?', ':'],
      ['[分분] ?([0-9])', String.raw`:\1`],
      ['[分분秒초 ]+$', ''],
      [':([0-9])(:|$)', String.raw`:0\1\2`],
      [':([0-9])$', String.raw`:0\1`],
    ],
  ),
  respelling(
    'date as YYYY/MM/DD with 上午 or 下午',
    /^\d{4}[年년/-] ?\d{1,2}[月월/-] ?\d{1,2}[日일]? *(?:上午|下午|午前|午後|오전|오후) *\d{1,2}:\d{2}(?::\d{2})?$/,
    DASHED,
    [
      ['^([0-9]{4})[年년/-] ?([0-9]{1,2})[月월/-] ?([0-9]{1,2})[日일]? *', String.raw`\1-\2-\3 `],
      ['(?:上午|午前|오전) *([0-9:]+)$', String.raw`\1 AM`],
      ['(?:下午|午後|오후) *([0-9:]+)$', String.raw`\1 PM`],
    ],
  ),
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
  YEAR,
  isoWeek(),
  ordinalDate(),
  UNIX,
  respelling('date as Www Mon DD hh:mm:ss YYYY', /^[A-Z][a-z]{2} [A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d (?:UTC |GMT )?\d{4}$/, UNIX, [
    ['^([A-Za-z]{3}) ([A-Za-z]{3}) +([0-9]{1,2}) ([0-9:]{8}) (?:UTC |GMT )?([0-9]{4})$', String.raw`\1 \2 \3 \4 +0000 \5`],
  ]),
  pattern(
    'date as Www, DD Mon YYYY hh:mm:ss zone',
    /^(?:[A-Z][a-z]{2}, )?(?<day>\d{1,2}) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d) (?<offset>[+-]\d{4}|GMT|UTC)$/,
    (cell) =>
      `epoch(try_strptime(regexp_replace(regexp_replace(trim(${cell}), '^[A-Z][a-z][a-z], ', ''), '(?:GMT|UTC)$', '+0000'), '%d %b %Y %H:%M:%S %z'))`,
  ),
  // of HTTP servers and cookies (RFC 850); always of Greenwich
  respelling('date as Wwwday, DD-Mon-YY hh:mm:ss GMT', RFC_850_SHORT, DD_MON_YY, RFC_850_STEPS),
  respelling('date as Www, DD-Mon-YYYY hh:mm:ss GMT', RFC_850_LONG, DD_MON_YYYY, RFC_850_STEPS),
  pattern(
    'date as DD/Mon/YYYY:hh:mm:ss +zzzz',
    /^\[?(?<day>\d{1,2})\/(?<month>[A-Z][a-z]{2})\/(?<year>\d{4}):(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d) (?<offset>[+-]\d{4})\]?$/,
    (cell) => `epoch(try_strptime(trim(trim(${cell}), '[]'), '%d/%b/%Y:%H:%M:%S %z'))`,
  ),
]
