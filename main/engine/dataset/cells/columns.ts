/**
 * How the text of a metadata cell becomes a value: SQL for numbers ("$1,150.00", "95%", "1.150,00"), lists (JSON, Python, braces,
 * separators), vectors and plain text; and the JavaScript tests on a sample that choose among them. Every expression gives NULL
 * for a cell it cannot read, so that failures can be counted and located.
 */
import { text } from '../duck.ts'
import { finite } from './times.ts'

/** Cells that stand for nothing in a column of numbers or times. */
const NOTHING = ['', '-', '\\N', 'NA', 'N/A', 'n/a', 'null', 'NULL', 'None', 'none', 'nan', 'NaN', '?']

/** In text only what no text would be. */
const NO_TEXT = ['', '\\N', 'NULL']

/** NULL where the cell stands for nothing. */
export function presentSql(cell: string, asText: boolean): string {
  return `CASE WHEN trim(${cell}) NOT IN (${(asText ? NO_TEXT : NOTHING).map(text).join(', ')}) THEN ${cell} END`
}

export function isPresent(cell: string, asText: boolean): boolean {
  return !(asText ? NO_TEXT : NOTHING).includes(cell.trim())
}

// ---- numbers

const UNIT = String.raw`(?:[A-Z]{3}|[$€£¥₹])`
const AMOUNT = new RegExp(String.raw`^[-+]?\s*${UNIT}?\s*[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d*)?(?:[eE][-+]?\d+)?\s*(?:${UNIT}|%)?$`)
const COMMA_AMOUNT = new RegExp(String.raw`^[-+]?\s*${UNIT}?\s*[-+]?(?:\d+|\d{1,3}(?:\.\d{3})+),\d{1,2}\s*(?:${UNIT}|%)?$`)

export interface NumberForm {
  readonly label: string
  fits(cell: string): boolean
  sql(cell: string): string
}

const UNITS = `'[\\s$€£¥₹%]|[A-Z]{3}'`
/** Point decimals, with or without a currency, thousands commas or a percent sign. */
const POINT: NumberForm = {
  label: 'number',
  fits: (cell) => /\d/.test(cell) && AMOUNT.test(cell.trim()),
  sql: (cell) =>
    finite(`coalesce(TRY_CAST(${cell} AS DOUBLE), TRY_CAST(replace(regexp_replace(${cell}, ${UNITS}, '', 'g'), ',', '') AS DOUBLE))`),
}
const COMMA: NumberForm = {
  label: 'number with decimal comma',
  fits: (cell) => COMMA_AMOUNT.test(cell.trim()) || POINT.fits(cell),
  sql: (cell) => finite(`TRY_CAST(replace(replace(regexp_replace(${cell}, ${UNITS}, '', 'g'), '.', ''), ',', '.') AS DOUBLE)`),
}

/** Decimal commas where some cell has one and none has a decimal point. */
export function numberForm(samples: readonly string[]): NumberForm {
  const commas = samples.some((s) => COMMA_AMOUNT.test(s.trim()) && !POINT.fits(s))
  return commas && !samples.some((s) => /\.\d{1,2}\D*$/.test(s)) ? COMMA : POINT
}

// ---- lists

export interface ListForm {
  readonly label: string
  /** SQL of VARCHAR[] */
  sql(cell: string): string
  parse(cell: string): string[]
}

const JSON_LIST: ListForm = {
  label: 'JSON list',
  sql: (cell) => `CASE WHEN json_valid(${cell}) THEN from_json(${cell}, '["VARCHAR"]') END`,
  parse: (cell) => {
    try {
      const list: unknown = JSON.parse(cell)
      return Array.isArray(list) ? list.map(String) : []
    } catch {
      return []
    }
  },
}

/** `['a', 'b']` and `{a,"b c"}`; a comma inside quotes ends an entry here. */
const ENCLOSED: ListForm = {
  label: 'list in brackets',
  sql: (cell) =>
    cleaned(`list_transform(string_split(regexp_replace(trim(${cell}), '^[\\[{(]|[\\]})]$', '', 'g'), ','), lambda e: trim(e, ' "'''))`),
  parse: (cell) =>
    cell
      .trim()
      .slice(1, -1)
      .split(',')
      .map((e) => e.trim().replace(/^["']|["']$/g, ''))
      .filter((e) => e !== ''),
}

export function separated(separator: string): ListForm {
  return {
    label: `separated by ${separator === ' ' ? 'blanks' : separator}`,
    sql: (cell) => cleaned(`list_transform(string_split(${cell}, ${text(separator)}), lambda e: trim(e))`),
    parse: (cell) =>
      cell
        .split(separator)
        .map((e) => e.trim())
        .filter((e) => e !== ''),
  }
}

function cleaned(list: string): string {
  return `list_filter(${list}, lambda e: e <> '')`
}

const share = (samples: readonly string[], fits: (s: string) => boolean): number =>
  samples.length === 0 ? 0 : samples.filter(fits).length / samples.length

/** Bracketed lists, which are tags or vectors without a doubt. */
export function bracketedForm(samples: readonly string[]): ListForm | null {
  if (share(samples, (s) => /^\s*[[{(].*[\]})]\s*$/s.test(s)) < 0.95) return null
  const json = share(samples, (s) => JSON_LIST.parse(s).length > 0 || /^\s*\[\s*\]\s*$/.test(s))
  if (json >= 0.95) return samples.some((s) => /^\s*\[\s*[[{]/.test(s)) ? null : JSON_LIST
  return samples.some((s) => /^\s*[[{(]\s*[[{(]|[{,]\s*["']?\w+["']?\s*:/.test(s)) ? null : ENCLOSED
}

/** Separators that make tags of these cells: pipes and semicolons where they occur, commas where the pieces are few and short. */
export function separatorForm(samples: readonly string[]): ListForm | null {
  for (const [separator, often] of [
    ['|', 0.1],
    [';', 0.2],
    [',', 0.3],
  ] as const) {
    if (share(samples, (s) => s.includes(separator)) < often) continue
    const form = separated(separator)
    const pieces = samples.flatMap((s) => form.parse(s))
    const words = pieces.reduce((n, p) => n + p.split(/\s+/).length, 0) / pieces.length
    const longest = pieces.reduce((n, p) => Math.max(n, p.length), 0)
    if (words <= 4 && longest <= 60 && (separator === '|' || new Set(pieces).size <= pieces.length * 0.5)) return form
  }
  return null
}

/** The list form of cells that a person calls tags. */
export function someListForm(samples: readonly string[]): ListForm {
  const bracketed = bracketedForm(samples)
  if (bracketed !== null) return bracketed
  const best = ['|', ';', ',', ' '].find((s) => share(samples, (cell) => cell.includes(s)) >= 0.05)
  return separated(best ?? '|')
}

// ---- vectors

/** A list of numbers, with at least one that is not whole: whole numbers are more likely ids of tags. */
export function looksLikeVectors(samples: readonly string[]): boolean {
  const cell = /^\s*\[\s*[-+\d.eEnaNifIty,\s]+\]\s*$/
  return share(samples, (s) => cell.test(s)) >= 0.95 && samples.some((s) => /\d\.\d/.test(s)) && samples.every((s) => s.includes(','))
}

/** SQL of FLOAT[], NULL elements where a number cannot be read. */
export function vectorSql(cell: string, samples: readonly string[]): string {
  const bare = `trim(${cell}, ' []()')`
  const separator = [',', ';', '|'].find((s) => share(samples, (v) => v.includes(s)) >= 0.5)
  const list = separator === undefined ? `string_split_regex(${bare}, '\\s+')` : `string_split(${bare}, ${text(separator)})`
  return `list_transform(${list}, lambda e: TRY_CAST(e AS FLOAT))`
}

// ---- text

const MARKUP = /<\/?[a-zA-Z][^<>]*>/

/** Text without markup where the sample has any: `<br />` is no word. */
export function textSql(cell: string, samples: readonly string[]): string {
  if (!samples.some((s) => MARKUP.test(s))) return cell
  const entities = [
    ['&nbsp;', ' '],
    ['&lt;', '<'],
    ['&gt;', '>'],
    ['&quot;', '"'],
    ['&#39;', "'"],
    ['&amp;', '&'],
  ] as const
  const bare = `regexp_replace(${cell}, '</?[a-zA-Z][^<>]*>', ' ', 'g')`
  return entities.reduce((sql, [entity, plain]) => `replace(${sql}, ${text(entity)}, ${text(plain)})`, bare)
}
