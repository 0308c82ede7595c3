/**
 * Forms in which files write a time, and SQL that turns each into seconds since 1970 UTC (DOUBLE), NULL where it cannot.
 * The form is chosen on a sample, so a later cell in another form is an error with its line, never a silently wrong date.
 * A time without an offset is UTC. Whole numbers are epochs: by their size seconds, milliseconds, microseconds or nanoseconds.
 */
import { text } from '../duck.ts'

export interface TimeForm {
  /** for people: `epoch milliseconds`, `ISO date` */
  readonly label: string
  /** seconds of the text expression `cell` */
  sql(cell: string): string
}

interface Pattern {
  readonly label: string
  readonly test: RegExp
  readonly sql: (cell: string) => string
  /** further doubt that a sample may settle */
  readonly accept?: (samples: readonly string[]) => boolean
}

const CLOCK = String.raw`(?:[T ]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?`

/** strptime formats with nothing, minutes or seconds behind the day */
function days(label: string, test: string, format: string, accept?: Pattern['accept']): Pattern {
  const formats = [`${format} %H:%M:%S`, `${format} %H:%M`, format].map(text).join(', ')
  return {
    label,
    test: new RegExp(`^${test}${CLOCK}$`),
    sql: (cell) => `epoch(try_strptime(trim(${cell}), [${formats}]))`,
    ...(accept ? { accept } : {}),
  }
}

const dayIsFirst = (samples: readonly string[]): boolean => samples.some((s) => Number(/^\d+/.exec(s)?.[0]) > 12)

/** In order of preference; the first that fits most of the sample wins. */
const PATTERNS: readonly Pattern[] = [
  {
    label: 'date as YYYYMMDD',
    test: /^(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/,
    sql: (cell) => `epoch(try_strptime(trim(${cell}), '%Y%m%d'))`,
  },
  {
    label: 'ISO date',
    test: new RegExp(String.raw`^\d{4}-\d{1,2}-\d{1,2}${CLOCK}\s*Z?$`),
    sql: (cell) => `epoch(TRY_CAST(trim(${cell}) AS TIMESTAMP))`,
  },
  {
    label: 'ISO date with offset',
    test: new RegExp(String.raw`^\d{4}-\d{1,2}-\d{1,2}${CLOCK}\s*(?:Z|UTC|[+-]\d{2}(?::?\d{2})?)?$`),
    sql: (cell) => `epoch(TRY_CAST(trim(${cell}) AS TIMESTAMPTZ))`,
  },
  days('date as YYYY/MM/DD', String.raw`\d{4}/\d{1,2}/\d{1,2}`, '%Y/%m/%d'),
  days('date as DD.MM.YYYY', String.raw`\d{1,2}\.\d{1,2}\.\d{4}`, '%d.%m.%Y'),
  days('date as DD/MM/YYYY', String.raw`\d{1,2}/\d{1,2}/\d{4}`, '%d/%m/%Y', dayIsFirst),
  days('date as MM/DD/YYYY', String.raw`\d{1,2}/\d{1,2}/\d{4}`, '%m/%d/%Y'),
  days('date as DD-Mon-YYYY', String.raw`\d{1,2}-[A-Za-z]{3}-\d{4}`, '%d-%b-%Y'),
  days('date as Mon DD, YYYY', String.raw`[A-Za-z]{3} \d{1,2}, \d{4}`, '%b %d, %Y'),
  days('date as Month DD, YYYY', String.raw`[A-Za-z]{4,9} \d{1,2}, \d{4}`, '%B %d, %Y'),
  days('date as MM DD, YYYY', String.raw`\d{1,2} \d{1,2}, \d{4}`, '%m %d, %Y'),
  {
    label: 'date as Www Mon DD hh:mm:ss +zzzz YYYY',
    test: /^[A-Z][a-z]{2} [A-Z][a-z]{2} \d{1,2} \d\d:\d\d:\d\d [+-]\d{4} \d{4}$/,
    sql: (cell) => `epoch(try_strptime(trim(${cell}), '%a %b %d %H:%M:%S %z %Y'))`,
  },
]

const NUMBER = /^\s*[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?\s*$/

/** Epochs by the size of their numbers, with what one second is. */
const EPOCHS = [
  { from: 1e17, unit: 'nanoseconds', second: 1e9 },
  { from: 1e14, unit: 'microseconds', second: 1e6 },
  { from: 1e11, unit: 'milliseconds', second: 1e3 },
  { from: 0, unit: 'seconds', second: 1 },
] as const

/** The form of most of these cells (which are not empty), and the share that has it; null where fewer than half have one. */
export function guessTime(samples: readonly string[]): { form: TimeForm; share: number } | null {
  if (samples.length === 0) return null
  const trimmed = samples.map((s) => s.trim())
  for (const pattern of PATTERNS) {
    const fitting = trimmed.filter((s) => pattern.test.test(s))
    // an offset in any cell needs the form that reads it, so all cells that are ISO dates at all must fit the plain one
    if (pattern.label === 'ISO date' && fitting.length < trimmed.filter((s) => PATTERNS[2]!.test.test(s)).length) continue
    const share = fitting.length / trimmed.length
    if (share >= 0.5 && (pattern.accept?.(fitting) ?? true)) return { form: pattern, share }
  }
  const numbers = trimmed.filter((s) => NUMBER.test(s)).map((s) => Math.abs(Number(s)))
  const share = numbers.length / trimmed.length
  return share < 0.5 ? null : { form: epochForm(numbers), share }
}

/** Epoch form by the median of absolute values. */
export function epochForm(numbers: readonly number[]): TimeForm {
  const median = numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0
  const { unit, second } = EPOCHS.find((e) => median >= e.from)!
  return { label: `epoch ${unit}`, sql: (cell) => finite(`TRY_CAST(${cell} AS DOUBLE)${second === 1 ? '' : ` / ${second}`}`) }
}

/** The value where it is a finite number, else NULL. */
export function finite(sql: string): string {
  return `CASE WHEN isfinite(${sql}) THEN ${sql} END`
}

/** One instant as a person types it (`2024-01-01`, `2024-01-01T12:00Z`, epoch seconds or milliseconds) in seconds, or null. */
export function parseInstant(typed: string): number | null {
  if (NUMBER.test(typed)) {
    const value = Number(typed)
    return Math.abs(value) >= 1e11 ? value / 1000 : value
  }
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?(Z|[+-]\d{2}:?\d{2})?$/.exec(typed.trim())
  if (match === null) return null
  const time = Date.parse(`${match[1]}T${match[2] ?? '00:00'}${match[3] ?? 'Z'}`)
  // Date.parse rolls 31 February over in some engines; a date that does not come back is none
  return Number.isNaN(time) || (match[3] === undefined && !new Date(time).toISOString().startsWith(match[1]!)) ? null : time / 1000
}
