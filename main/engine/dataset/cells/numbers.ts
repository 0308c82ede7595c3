/**
 * How files write numbers: "$1,150.00", "95%", "1.150,00", "1'150", "(3.50)". A mark between digits means thousands only where it stands
 * like one: three digits behind each, nothing before the first that begins with 0. What is written otherwise is no number of the form.
 */
import { type CellForm, finite } from './cell-form.ts'
import { sqlText } from '../duck.ts'

export interface NumberForm extends CellForm<number> {
  /** whether a cell of a sample is written so */
  fits(cell: string): boolean
  /** how `parse` reads, as data, for readers in another language (export/reading.ts) */
  readonly reading: {
    readonly mark: '.' | ','
    readonly full: RegExp
    readonly found: RegExp
    readonly minus: RegExp
    readonly rest: RegExp
  }
}

const B = String.raw`[\t\n\f\r\p{Zs}]`
const BEFORE = String.raw`(?:[A-Z]{0,3}\p{Sc}|[A-Z]{3}|Rs|kr)`
const BEHIND = String.raw`(?:\p{Sc}|[A-Z]{3}|%|kr\.?|zł|Kč|Ft|лв\.?|руб\.?|元|円|원)`
const SIGN = '[-+−]'

/** Forms of one decimal mark, with what may part thousands beside it. Both of JavaScript and of DuckDB's regular expressions (RE2). */
function numbers(name: string, expected: string, mark: '.' | ',', thousands: '.' | ','): NumberForm {
  const [decimal, group] = [mark === '.' ? String.raw`\.` : ',', thousands === '.' ? String.raw`\.` : ',']
  const grouped = [group, `['’]`, String.raw`\p{Zs}`].map((by) => String.raw`(?:${by}\d{3})+`).join('|')
  const indian = String.raw`[1-9]\d?(?:${group}\d{2})+${group}\d{3}`
  const digits = String.raw`(?:(?:\d+|[1-9]\d{0,2}(?:${grouped})|${indian})(?:${decimal}\d*)?|${decimal}\d+)(?:[eE][-+]?\d+)?`
  const amount = `(?:(?:${SIGN}${B}*)?(?:${BEFORE}${B}*)?|${BEFORE}${B}*${SIGN}${B}*)${digits}${B}*${BEHIND}?`
  const whole = String.raw`${B}*(?:${amount}${B}*-?|\(${B}*${amount}${B}*\))${B}*`
  const core = String.raw`[.,]?\d[\d.,'’\p{Zs}]*(?:[eE][-+]?\d+)?`
  const negative = String.raw`^[^0-9]*[-−(]|-${B}*$`
  const others = `[^0-9eE+${mark}-]`
  const [full, found, minus, rest] = [
    new RegExp(`^${whole}$`, 'u'),
    new RegExp(core, 'u'),
    new RegExp(negative, 'u'),
    new RegExp(others, 'gu'),
  ]
  const spelled = (cell: string): number | null => {
    if (!full.test(cell)) return null
    const value = parseDouble(found.exec(cell)![0].replace(rest, '').replace(mark, '.'))
    return value === null ? null : minus.test(cell) ? -value : value
  }
  const spelledSql = (cell: string): string => {
    const plain = `replace(regexp_replace(regexp_extract(${cell}, ${sqlText(core)}), ${sqlText(others)}, '', 'g'), ${sqlText(mark)}, '.')`
    const sign = `CASE WHEN regexp_matches(${cell}, ${sqlText(negative)}) THEN -1 ELSE 1 END`
    return `CASE WHEN regexp_full_match(${cell}, ${sqlText(whole)}) THEN ${sign} * TRY_CAST(${plain} AS DOUBLE) END`
  }
  const point = mark === '.'
  const parse = (cell: string): number | null => (point ? parseDouble(cell) : null) ?? spelled(cell)
  return {
    name,
    expected,
    sql: (cell) => finite(point ? `coalesce(TRY_CAST(${cell} AS DOUBLE), ${spelledSql(cell)})` : spelledSql(cell)),
    parse,
    fits: (cell) => parse(cell) !== null,
    reading: { mark, full, found, minus, rest },
  }
}

const POINT = numbers('number', 'a number such as 1150.5, "$1,150.50" or "95%"', '.', ',')
const COMMA = numbers('number with decimal comma', 'a number with a decimal comma, such as "1.150,50"', ',', '.')

export const NUMBER_FORMS: readonly NumberForm[] = [POINT, COMMA]

export type DecimalMark = 'point' | 'comma'

/** The form of a column, and a cell that reads otherwise in the other form where no cell says which it is; null where that is settled. */
export function numberForm(samples: readonly string[], said: DecimalMark | null = null): { form: NumberForm; doubtful: string | null } {
  if (said !== null) return { form: said === 'comma' ? COMMA : POINT, doubtful: null }
  let [points, commas] = [0, 0]
  let doubtful: string | null = null
  for (const cell of samples) {
    const [point, comma] = [POINT.parse(cell), COMMA.parse(cell)]
    if (point !== null && comma === null) points++
    else if (comma !== null && point === null) commas++
    else if (point !== comma && cell.includes(',')) doubtful ??= cell
  }
  return { form: commas > points ? COMMA : POINT, doubtful: commas + points === 0 ? doubtful : null }
}

const DIGITS = String.raw`\d+(?:_\d+)*`
const DOUBLE = new RegExp(String.raw`^[\t\n\v\f\r ]*[-+]?(?:${DIGITS}\.?(?:${DIGITS})?|\.${DIGITS})(?:[eE][-+]?${DIGITS})?[\t\n\v\f\r ]*$`)

/** As DuckDB casts text to DOUBLE, where that is finite; digits may stand in groups, as in 1_000. */
export function parseDouble(cell: string): number | null {
  if (!DOUBLE.test(cell)) return null
  const value = Number(cell.replaceAll('_', ''))
  return Number.isFinite(value) ? value : null
}
