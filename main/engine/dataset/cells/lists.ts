/** How files write lists of texts: JSON, Python's, braces, separators. Which one a column has is chosen on a sample. */
import { sqlText } from '../duck.ts'
import { type CellForm, shareOf, trimBlanks, trimSigns } from './cell-form.ts'

export type ListForm = CellForm<readonly string[]>

const JSON_LIST: ListForm = {
  name: 'JSON list',
  expected: `a list such as '["red", "soft"]'`,
  sql: (cell) => `CASE WHEN json_valid(${cell}) THEN from_json(${cell}, '["VARCHAR"]') END`,
  parse: parseJsonList,
}

/** `['a', 'b']` and `{a,"b c"}`; a comma inside quotes ends an entry here. */
const ENCLOSED: ListForm = {
  name: 'list in brackets',
  expected: `a list in brackets such as "['red', 'soft']"`,
  sql: (cell) =>
    withoutEmpty(
      `list_transform(string_split(regexp_replace(trim(${cell}), '^[\\[{(]|[\\]})]$', '', 'g'), ','), lambda e: trim(e, ' "'''))`,
    ),
  parse: (cell) =>
    trimBlanks(cell)
      .replace(/^[[{(]|[\]})]$/g, '')
      .split(',')
      .map((entry) => trimSigns(entry, ` "'`))
      .filter((entry) => entry !== ''),
}

const SEPARATED = 'separated by '
const shown = (separator: string): string => (separator === ' ' ? 'blanks' : separator)

function separated(separator: string): ListForm {
  return {
    name: SEPARATED + shown(separator),
    expected: `a list, one text with ${separator === ' ' ? 'a blank' : separator} between its parts`,
    sql: (cell) => withoutEmpty(`list_transform(string_split(${cell}, ${sqlText(separator)}), lambda e: trim(e))`),
    parse: (cell) =>
      cell
        .split(separator)
        .map(trimBlanks)
        .filter((entry) => entry !== ''),
  }
}

export const LIST_FORMS: readonly ListForm[] = [JSON_LIST, ENCLOSED, ...['|', ';', ',', ' '].map(separated)]

/** What stands between the parts of a text of a form; | where there is no form, or one in brackets, for who types without them. */
export function separatorOf(form: string | undefined): string {
  const separator = form?.startsWith(SEPARATED) === true ? form.slice(SEPARATED.length) : '|'
  return separator === shown(' ') ? ' ' : separator
}

function withoutEmpty(list: string): string {
  return `list_filter(${list}, lambda e: e <> '')`
}

/** As DuckDB gives it: entries that are no texts as they are written in JSON, null as null, which is left out. */
function parseJsonList(cell: string): readonly string[] | null {
  try {
    const list: unknown = JSON.parse(cell)
    if (!Array.isArray(list)) return null
    return list.flatMap((entry: unknown) => (entry === null ? [] : [typeof entry === 'string' ? entry : JSON.stringify(entry)]))
  } catch {
    return null
  }
}

/** Bracketed lists, which are tags or vectors without a doubt. */
export function bracketedForm(samples: readonly string[]): ListForm | null {
  if (shareOf(samples, (s) => /^\s*(\[.*\]|\{.*\}|\(.*\))\s*$/s.test(s)) < 0.95) return null
  const json = shareOf(samples, (s) => parseJsonList(s) !== null)
  if (json >= 0.95) return samples.some((s) => /^\s*\[\s*[[{]/.test(s)) ? null : JSON_LIST
  return samples.some((s) => /^\s*[[{(]\s*[[{(]|[{,]\s*["']?\w+["']?\s*:/.test(s)) ? null : ENCLOSED
}

/** Separators that make tags of these cells: pipes and semicolons where they occur, commas where the pieces are few and short. */
export function separatorForm(samples: readonly string[]): ListForm | null {
  // `(0, 5]` is an interval, with brackets of two kinds, and its comma parts no values
  if (shareOf(samples, (s) => /^\s*(\[[^,]*,[^,]*\)|\([^,]*,[^,]*\])\s*$/.test(s)) >= 0.5) return null
  for (const [separator, often] of [
    ['|', 0.1],
    [';', 0.2],
    [',', 0.3],
  ] as const) {
    if (shareOf(samples, (s) => s.includes(separator)) < often) continue
    const form = separated(separator)
    const pieces = samples.flatMap((s) => form.parse(s) ?? [])
    const words = pieces.reduce((n, p) => n + p.split(/\s+/).length, 0) / pieces.length
    const longest = pieces.reduce((n, p) => Math.max(n, p.length), 0)
    if (words <= 4 && longest <= 60 && (separator === '|' || new Set(pieces).size <= pieces.length * 0.5)) return form
  }
  return null
}

/** The list form of cells that a person calls tags. */
export function listFormForTags(samples: readonly string[]): ListForm {
  const bracketed = bracketedForm(samples)
  if (bracketed !== null) return bracketed
  const best = ['|', ';', ',', ' '].find((s) => shareOf(samples, (cell) => cell.includes(s)) >= 0.05)
  return separated(best ?? '|')
}
