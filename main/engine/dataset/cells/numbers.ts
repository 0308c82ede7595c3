/** How files write numbers: "$1,150.00", "95%", "1.150,00". */
import { type CellForm, finite } from './cell-form.ts'

const UNIT = String.raw`(?:[A-Z]{3}|[$€£¥₹])`
const AMOUNT = new RegExp(String.raw`^[-+]?\s*${UNIT}?\s*[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d*)?(?:[eE][-+]?\d+)?\s*(?:${UNIT}|%)?$`)
const COMMA_AMOUNT = new RegExp(String.raw`^[-+]?\s*${UNIT}?\s*[-+]?(?:\d+|\d{1,3}(?:\.\d{3})+),\d{1,2}\s*(?:${UNIT}|%)?$`)
const UNITS = /[\t\n\f\r $€£¥₹%]|[A-Z]{3}/g
const UNITS_SQL = `'[\\s$€£¥₹%]|[A-Z]{3}'`

export interface NumberForm extends CellForm<number> {
  /** whether a cell of a sample is written so */
  fits(cell: string): boolean
}

/** Point decimals, with or without a currency, thousands commas or a percent sign. */
const POINT: NumberForm = {
  name: 'number',
  expected: 'a number such as 1150.5, "$1,150.50" or "95%"',
  fits: (cell) => /\d/.test(cell) && AMOUNT.test(cell.trim()),
  sql: (cell) =>
    finite(`coalesce(TRY_CAST(${cell} AS DOUBLE), TRY_CAST(replace(regexp_replace(${cell}, ${UNITS_SQL}, '', 'g'), ',', '') AS DOUBLE))`),
  parse: (cell) => parseDouble(cell) ?? parseDouble(cell.replace(UNITS, '').replaceAll(',', '')),
}

const COMMA: NumberForm = {
  name: 'number with decimal comma',
  expected: 'a number with a decimal comma, such as "1.150,50"',
  fits: (cell) => COMMA_AMOUNT.test(cell.trim()) || POINT.fits(cell),
  sql: (cell) => finite(`TRY_CAST(replace(replace(regexp_replace(${cell}, ${UNITS_SQL}, '', 'g'), '.', ''), ',', '.') AS DOUBLE)`),
  parse: (cell) => parseDouble(cell.replace(UNITS, '').replaceAll('.', '').replace(',', '.')),
}

export const NUMBER_FORMS: readonly NumberForm[] = [POINT, COMMA]

/** Decimal commas where some cell has one and none has a decimal point. */
export function numberForm(samples: readonly string[]): NumberForm {
  const commas = samples.some((s) => COMMA_AMOUNT.test(s.trim()) && !POINT.fits(s))
  return commas && !samples.some((s) => /\.\d{1,2}\D*$/.test(s)) ? COMMA : POINT
}

const DIGITS = String.raw`\d+(?:_\d+)*`
const DOUBLE = new RegExp(String.raw`^[\t\n\v\f\r ]*[-+]?(?:${DIGITS}\.?(?:${DIGITS})?|\.${DIGITS})(?:[eE][-+]?${DIGITS})?[\t\n\v\f\r ]*$`)

/** As DuckDB casts text to DOUBLE, where that is finite; digits may stand in groups, as in 1_000. */
export function parseDouble(cell: string): number | null {
  if (!DOUBLE.test(cell)) return null
  const value = Number(cell.replaceAll('_', ''))
  return Number.isFinite(value) ? value : null
}
