/**
 * A form in which cells of a column are written: SQL that reads a whole column of them at import, and the same reading
 * in JavaScript for one cell that somebody types in later. A column keeps its form in the dataset's manifest, so that
 * both read alike: where `parse` gives a value, `sql` gives the same (test/unit/dataset/cells.test.ts holds it against
 * DuckDB).
 */
import { sqlText } from '../duck.ts'

export interface CellForm<Value> {
  /** as the manifest keeps it */
  readonly name: string
  /** for people, after "must be" */
  readonly expected: string
  /** SQL of the value of the text expression `cell`; NULL where it cannot be read */
  sql(cell: string): string
  /** the value of one cell; null where it cannot be read */
  parse(cell: string): Value | null
}

/** Cells that stand for nothing in a column of numbers, times or vectors. */
const NOTHING = ['', '-', '\\N', 'NA', 'N/A', 'n/a', 'null', 'NULL', 'None', 'none', 'nan', 'NaN', '?']

/** In text and lists only what no text would be. */
const NO_TEXT = ['', '\\N', 'NULL']

/** Words for a missing id, as programs write them; the empty one is always missing. */
const NO_ID = [
  '',
  '\\N',
  'NULL',
  'Null',
  'null',
  'None',
  'none',
  'NaN',
  'NAN',
  'nan',
  'NA',
  'N/A',
  'n/a',
  '<NA>',
  'NaT',
  'undefined',
  '(null)',
  '<null>',
  '#N/A',
  '#NULL!',
  '(blank)',
  '(none)',
  '<na>',
  'nil',
  'NIL',
]

const LONGEST_WORD = NO_ID.reduce((most, word) => Math.max(most, word.length), 0)

/**
 * Whether an id of a column is missing, or a word for that. Looking words up and trimming is slow: no word begins with a digit, few ids are
 * as short as words, and few have blanks at their ends.
 */
export function missingIdSql(id: string): string {
  const words = NO_ID.map(sqlText).join(', ')
  // branches of CASE see only the rows that are left, those of OR all
  return `(CASE WHEN ${id} IS NULL THEN true WHEN ${id} >= '0' AND ${id} < ':' THEN false
    WHEN ${id} < '!' OR ends_with(${id}, ' ') THEN trim(${id}) IN (${words})
    WHEN strlen(${id}) <= ${LONGEST_WORD} THEN ${id} IN (${words}) ELSE false END)`
}

export const isMissingId = (id: string): boolean => NO_ID.includes(trimBlanks(id))

/** NULL where the cell stands for nothing. */
export function presentSql(cell: string, asText: boolean): string {
  return `CASE WHEN trim(${cell}) NOT IN (${(asText ? NO_TEXT : NOTHING).map(sqlText).join(', ')}) THEN ${cell} END`
}

export function isPresent(cell: string, asText: boolean): boolean {
  return !(asText ? NO_TEXT : NOTHING).includes(trimBlanks(cell))
}

/** As DuckDB's `trim`: blanks of every width, no tabs or line ends. */
export const trimBlanks = (cell: string): string => cell.replace(/^\p{Zs}+|\p{Zs}+$/gu, '')

/** As DuckDB's `trim` with a list of signs. */
export function trimSigns(cell: string, signs: string): string {
  let [start, end] = [0, cell.length]
  while (start < end && signs.includes(cell[start]!)) start++
  while (start < end && signs.includes(cell[end - 1]!)) end--
  return cell.slice(start, end)
}

/** The value where it is a finite number, else NULL. */
export function finite(sql: string): string {
  return `CASE WHEN isfinite(${sql}) THEN ${sql} END`
}

/** The share of the samples that fit. */
export const shareOf = (samples: readonly string[], fits: (sample: string) => boolean): number =>
  samples.length === 0 ? 0 : samples.filter(fits).length / samples.length
