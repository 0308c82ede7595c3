/**
 * Which form the times of a column have: chosen on a sample, so a later cell in another form is an error with its line, never a silently wrong
 * date; whether day or month comes first is for the whole column to say. Whole numbers are epochs: by their size seconds, milliseconds,
 * microseconds or nanoseconds.
 */
import { finite, shareOf } from './cell-form.ts'
import { NUMBER } from './instants.ts'
import { sqlText } from '../duck.ts'
import { parseDouble } from './numbers.ts'
import type { Pattern, TimeForm } from './time-form.ts'
import { ISO_FREE, ISO_WITH_OFFSET, MONTH_IN_WORDS, PATTERNS, YEAR } from './time-patterns.ts'

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

/** Seconds with a fraction behind a comma, which nobody takes for thousands. */
const DECIMAL_COMMA = '[0-9]{9,}[.,][0-9]+'
const isDecimalComma = new RegExp(`^${DECIMAL_COMMA}$`)

/** A number is no time of this unit where another unit makes it one of our time; seconds end in the year 5138. */
const epoch = ({ unit, second }: (typeof EPOCHS)[number]): TimeForm => {
  const others = EPOCHS.filter((other) => other.second !== second).map((other) => TODAY.map((t) => t * other.second) as [number, number])
  const most = second === 1 ? 1e11 : Infinity
  return {
    name: `epoch ${unit}`,
    expected: `${unit} since 1970`,
    sql: (cell) => {
      const text = `CAST(${cell} AS VARCHAR)`
      const comma = `CASE WHEN regexp_full_match(${text}, ${sqlText(DECIMAL_COMMA)}) THEN TRY_CAST(replace(${text}, ',', '.') AS DOUBLE) END`
      const value = `coalesce(TRY_CAST(${cell} AS DOUBLE), ${comma})`
      // whatever another unit puts into our time lies beyond what seconds reach; NaN is larger than all numbers to DuckDB
      if (second === 1) return `CASE WHEN abs(${value}) < ${most} THEN ${value} END`
      const mixed = others.map(([low, high]) => `${value} BETWEEN ${low} AND ${high}`)
      return finite(`CASE WHEN NOT (${mixed.join(' OR ')}) THEN ${value} / ${second} END`)
    },
    parse: (cell) => {
      const value = parseDouble(isDecimalComma.test(cell) ? cell.replace(',', '.') : cell)
      if (value === null || Math.abs(value) >= most || others.some(([low, high]) => value >= low && value <= high)) return null
      return value / second
    },
  }
}

/** Counts of another beginning than 1970 that look like epochs: numbers of such a size may be either, which is asked. */
const COUNTS = [
  { name: 'epoch excel', expected: 'days since 1899-12-30, as spreadsheets count', from: 20_000, to: 80_000, unit: 86_400, start: 25_569 },
  { name: 'epoch ticks', expected: 'ticks of .NET', from: 6.2e17, to: 6.7e17, unit: 1e-7, start: 621_355_968e9 },
].map(({ name, expected, from, to, unit, start }): TimeForm & { readonly isIn: (value: number) => boolean } => {
  const isIn = (value: number): boolean => value >= from && value <= to
  // a whole count comes to a whole number of seconds on both sides
  const scale = unit >= 1 ? `* ${unit}` : `/ ${1 / unit}`
  return {
    name,
    expected,
    isIn,
    sql: (cell) =>
      `CASE WHEN TRY_CAST(${cell} AS DOUBLE) BETWEEN ${from} AND ${to} THEN (TRY_CAST(${cell} AS DOUBLE) - ${start}) ${scale} END`,
    parse: (cell) => {
      const value = parseDouble(cell)
      if (value === null || !isIn(value)) return null
      return unit >= 1 ? (value - start) * unit : (value - start) / (1 / unit)
    },
  }
})

export const TIME_FORMS: readonly TimeForm[] = [...PATTERNS, ...EPOCHS.map(epoch), ...COUNTS]

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
    if (share < (form === YEAR ? 1 : 0.5)) continue
    if (widerThan(form).some(({ test }) => shareOf(trimmed, (s) => test.test(s)) > share)) continue
    const orders = form.digits === undefined ? [form] : PATTERNS.filter(({ digits }) => digits === form.digits)
    return { ...chosen(orders, trimmed, share), weak: form.weak === true }
  }
  const numbers = trimmed.filter((s) => NUMBER.test(s) || isDecimalComma.test(s)).map((s) => Math.abs(Number(s.replace(',', '.'))))
  const share = numbers.length / trimmed.length
  if (share < 0.5) return null
  return { form: epochForm(numbers), share, rivals: COUNTS.filter(({ isIn }) => numbers.every(isIn)), weak: false }
}

/** Forms that read all that a form does, and cells that it does not: an offset or a zone, a name of a month in full beside short ones. */
function widerThan(form: Pattern): readonly Pattern[] {
  if (form.name === 'ISO date') return [ISO_WITH_OFFSET, ISO_FREE]
  if (form === ISO_WITH_OFFSET) return [ISO_FREE]
  return /Mon/.test(form.name) && !/Www|hh/.test(form.name) ? [MONTH_IN_WORDS] : []
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
export const TIME_WORDS =
  'dmy, mdy, ymd, a form such as DD/MM/YYYY, or seconds, milliseconds, microseconds, nanoseconds since 1970, excel or ticks'

/** Epoch form by the median of absolute values. */
export function epochForm(numbers: readonly number[]): TimeForm {
  const median = numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0
  return epoch(EPOCHS.find((e) => median >= e.from)!)
}
