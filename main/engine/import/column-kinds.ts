/**
 * What a metadata column is to a model, guessed from its name, its type and a sample of its cells, or said with `--kinds`; and the
 * SQL that turns the column into the value that is stored. A guess needs 95 % of the sample to fit; what then does not fit counts
 * as missing and is warned about, while a kind that a person said makes such a cell an error.
 */
import { columnKindSchema, type Column, type ColumnKind } from '../../contract/shapes/dataset.ts'
import { badInput } from '../../contract/errors.ts'
import { didYouMean } from '../../contract/did-you-mean.ts'
import { type CellForm, finite, isPresent, presentSql } from '../dataset/cells/cell-form.ts'
import { bracketedForm, separatorForm, listFormForTags } from '../dataset/cells/lists.ts'
import { numberForm, type DecimalMark } from '../dataset/cells/numbers.ts'
import { TEXT, textForm, TRIMMED } from '../dataset/cells/texts.ts'
import type { TimeForm } from '../dataset/cells/time-form.ts'
import { YEAR } from '../dataset/cells/time-patterns.ts'
import { guessTime } from '../dataset/cells/times.ts'
import { looksLikeVectors, vectorForm } from '../dataset/cells/vectors.ts'
import { sqlName, textSql } from '../dataset/duck.ts'
import { pairOption } from '../../contract/import-options.ts'
import { parsePairs, wordsOf } from './roles.ts'

export type Storage = Column['storage']

export interface SourceColumn {
  readonly name: string
  /** what SQL calls it */
  readonly field: string
  /** DuckDB's */
  readonly type: string
  /** cells that are not empty, as text */
  readonly samples: readonly string[]
}

/** A column's kind and how to get its values. */
export interface ColumnReading {
  readonly kind: ColumnKind
  readonly storage: Storage
  /** SQL over the source column; NULL is missing or unreadable */
  readonly sql: string
  /** SQL of whether the source has a value: where it does and `sql` is NULL, the cell could not be read */
  readonly present: string
  /** the form its cells are read by, which the manifest keeps; null where the file holds values and no text */
  readonly form: string | null
  /** a number that the other decimal mark makes another one, where no cell tells which is meant */
  readonly doubtful?: string
  /** times in another order of day and month, which the sample does not rule out */
  readonly rivals?: readonly TimeForm[]
  /** that form for people, where it says more than the kind: `separated by |`, `epoch seconds`; else empty */
  readonly how: string
}

const MIN_FITTING = 0.95
/** Of a column in `--kinds`, where both sides may have it. */
const SIDE_BEFORE = /^(user|item)s?\./

/** `price=number,users.city=category`, by side. @throws PylonError bad-input */
export function parseKinds(kinds: string | undefined): { side: 'user' | 'item' | null; column: string; kind: ColumnKind }[] {
  return parsePairs(kinds, '--kinds', 'column=kind').map(([column, typed]) => {
    const kind = columnKindSchema.safeParse(typed)
    if (!kind.success)
      throw badInput(
        `There is no kind "${typed}"; ${didYouMean(typed, columnKindSchema.options)}the kinds are ${columnKindSchema.options.join(', ')}.`,
        '--kinds',
      )
    const before = SIDE_BEFORE.exec(column)?.[1] as 'user' | 'item' | undefined
    const side = before ?? null
    return { side, column: side === null ? column : column.slice(column.indexOf('.') + 1), kind: kind.data }
  })
}

/** The option that says a column's kind, as it is offered to be typed. */
export const kindOffered = (side: 'user' | 'item', column: string, kind: ColumnKind): string =>
  pairOption('kinds', SIDE_BEFORE.test(column) ? `${side}s.${column}` : column, kind)

/** How a person says that cells are written; null: to be found out. */
export interface SaidForms {
  readonly decimal: DecimalMark | null
  readonly times: readonly TimeForm[] | null
}

/** Chooses how to read a column; `said` wins over the guess. */
export function readingOf(column: SourceColumn, said: ColumnKind | null, isTitle: boolean, forms: SaidForms): ColumnReading {
  const cell = textSql(column.field, column.type)
  if (/\[\d*\]$/.test(column.type)) return readList(column, said, forms)
  if (/^(DATE|TIMESTAMP)/.test(column.type) && (said === null || said === 'time')) {
    const sql = finite(`epoch(CAST(${sqlName(column.field)} AS TIMESTAMP))`)
    return { kind: 'time', storage: 'number', sql, present: `${sqlName(column.field)} IS NOT NULL`, form: null, how: '' }
  }
  const samples = column.samples.filter((s) => isPresent(s, true))
  return read(said ?? guess(column, samples, isTitle, forms), cell, samples, forms)
}

/** The SQL of each kind over a text cell. */
function read(kind: ColumnKind, cell: string, samples: readonly string[], forms: SaidForms): ColumnReading {
  const by = (storage: Storage, form: CellForm<unknown>): ColumnReading => {
    const present = presentSql(cell, storage === 'text' || storage === 'list')
    const sql = form.sql(present)
    const isAsItIs = form.name === 'number' || form === TEXT || form === TRIMMED
    const tells = ['list', 'number', 'text'].includes(storage) && !isAsItIs
    // any text is one
    return {
      kind,
      storage,
      sql,
      present: storage === 'text' ? 'false' : `${present} IS NOT NULL`,
      form: form.name,
      how: tells ? form.name : '',
    }
  }
  switch (kind) {
    case 'number':
    case 'latitude':
    case 'longitude': {
      const { form, doubtful } = numberForm(samples, forms.decimal)
      return { ...by('number', form), ...(doubtful !== null && { doubtful }) }
    }
    case 'time': {
      const time = guessTime(
        samples.filter((s) => isPresent(s, false)),
        forms.times,
      )
      if (time !== null) return { ...by('number', time.form), rivals: time.rivals }
      return {
        kind,
        storage: 'number',
        sql: 'CAST(NULL AS DOUBLE)',
        present: `${presentSql(cell, false)} IS NOT NULL`,
        form: null,
        how: '',
      }
    }
    case 'tags':
      return by('list', listFormForTags(samples))
    case 'vector':
      return by('vector', vectorForm(samples))
    case 'text':
      return by('text', textForm(samples))
    case 'category':
      return by('text', TRIMMED)
    case 'id':
    case 'ignore':
      return by('text', TEXT)
  }
}

/** Lists of fractions are vectors, arrays of fixed width too, other lists are tags. */
function readList({ field: column, type }: SourceColumn, said: ColumnKind | null, forms: SaidForms): ColumnReading {
  const element = type.replace(/\[\d*\]$/, '')
  const present = `${sqlName(column)} IS NOT NULL`
  const numeric = /^(FLOAT|DOUBLE|REAL|DECIMAL)/.test(element) || (/INT$/.test(element) && /\[\d+\]$/.test(type))
  const kind = said ?? (numeric ? 'vector' : /^(STRUCT|MAP|.*\])/.test(element) ? 'ignore' : 'tags')
  if (kind === 'vector') return { kind, storage: 'vector', sql: `CAST(${sqlName(column)} AS FLOAT[])`, present, form: null, how: '' }
  if (kind === 'tags') return { kind, storage: 'list', sql: `CAST(${sqlName(column)} AS VARCHAR[])`, present, form: null, how: '' }
  return { ...read(kind, `CAST(to_json(${sqlName(column)}) AS VARCHAR)`, [], forms), kind }
}

// ---- guesses

function guess(column: SourceColumn, samples: readonly string[], isTitle: boolean, forms: SaidForms): ColumnKind {
  if (isTitle) return 'text'
  const values = samples.filter((s) => isPresent(s, false))
  if (values.length === 0) return 'ignore'
  return (
    guessNumeric(column, values, forms) ??
    (looksLikeVectors(samples) ? 'vector' : bracketedForm(samples) !== null ? 'tags' : guessTimeKind(column, values, forms)) ??
    guessWords(column, samples)
  )
}

const words = (column: string): string[] =>
  column
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
const PLACE_NAMES = { latitude: ['lat', 'latitude'], longitude: ['lon', 'lng', 'long', 'longitude'] } as const
const CODES = wordsOf('id ids zip zipcode postcode postal code isbn phone sku')
const TIMES = wordsOf('date time timestamp datetime created updated published since at joined registered released epoch')

function guessNumeric({ name: column, type }: SourceColumn, values: readonly string[], forms: SaidForms): ColumnKind | null {
  if (type === 'BOOLEAN') return 'category'
  const { form } = numberForm(values, forms.decimal)
  if (fitting(values, (v) => form.fits(v)) < MIN_FITTING) return null
  // amounts of several currencies are not one quantity, and numbers of one width that begin with zeros are codes
  if (new Set(values.map((v) => /\p{Sc}|\b[A-Z]{3}\b/u.exec(v)?.[0] ?? '').filter((sign) => sign !== '')).size > 1) return null
  if (areCodes(values)) return 'category'
  const numbers = values.map(Number)
  const within = (limit: number): boolean => values.every((v) => Math.abs(form.parse(v) ?? NaN) <= limit)
  const parts = words(column)
  if (parts.some((w) => PLACE_NAMES.latitude.some((n) => n === w)) && within(90)) return 'latitude'
  if (parts.some((w) => PLACE_NAMES.longitude.some((n) => n === w)) && within(180)) return 'longitude'
  if (parts.some((w) => CODES.includes(w))) return 'category'
  if (parts.some((w) => TIMES.includes(w))) {
    const time = guessTime(values, forms.times)
    if (time !== null && (numbers.every((n) => n >= 1e8) || (time.form.name.startsWith('date') && time.form !== YEAR))) return 'time'
  }
  if (values.some(losesDigits)) return null
  return new Set(values).size <= 2 && numbers.every(Number.isInteger) ? 'category' : 'number'
}

/** A whole number that floating ones do not have: a code, such as an article's, of which a quantity would be another one. */
const losesDigits = (value: string): boolean => {
  const digits = value.trim()
  return /^[-+]?\d{16,}$/.test(digits) && BigInt(digits.replace('+', '')) !== BigInt(Number(digits))
}

/** `007`, `012`, `123`: zeros that a number would lose. */
function areCodes(values: readonly string[]): boolean {
  const cells = values.map((value) => value.trim())
  return cells.some((cell) => /^0\d/.test(cell)) && cells.every((cell) => /^\d{2,}$/.test(cell) && cell.length === cells[0]!.length)
}

/** What other things are written as too, 01-02-03, is a time where the name says so. */
function guessTimeKind({ name }: SourceColumn, values: readonly string[], forms: SaidForms): ColumnKind | null {
  const time = guessTime(values, forms.times)
  if (time === null || time.share < MIN_FITTING || time.form.name.startsWith('epoch')) return null
  return time.weak && !words(name).some((w) => TIMES.includes(w)) ? null : 'time'
}

function guessWords({ name: column, type }: SourceColumn, samples: readonly string[]): ColumnKind {
  if (/^(STRUCT|MAP|UNION|BLOB)/.test(type) || fitting(samples, (s) => /^https?:\/\//.test(s)) >= 0.5) return 'ignore'
  const distinct = new Set(samples).size / samples.length
  const perCell = samples.reduce((n, s) => n + s.trim().split(/\s+/).length, 0) / samples.length
  if (separatorForm(samples) !== null) return 'tags'
  if (distinct <= 0.2 && perCell < 8) return 'category'
  // scripts written without blanks: a long cell is text whatever its number of words
  const length = samples.reduce((n, s) => n + [...s].length, 0) / samples.length
  const wordless = fitting(samples, (s) => /[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0eff]/.test(s)) >= 0.5
  if (perCell >= 2 || (wordless && length >= 4)) return 'text'
  if (distinct <= 0.9 || samples.length <= 20) return 'category'
  return words(column).some((w) => ['name', 'title', 'text', 'description', 'summary', 'headline'].includes(w)) ? 'text' : 'ignore'
}

function fitting(values: readonly string[], fits: (value: string) => boolean): number {
  return values.filter(fits).length / values.length
}

/** From here on a column of words looks like numbers that some cells spoil. */
const ALMOST = 0.6

/** How many of some cells are numbers, and one that is none, where most are: a guess of words has changed what the column means. */
export function almostNumbers(samples: readonly string[], decimal: DecimalMark | null): { n: number; of: number; cell: string } | null {
  const values = samples.filter((s) => isPresent(s, false))
  const { form } = numberForm(values, decimal)
  const n = values.filter((v) => form.fits(v)).length
  const cell = values.find((v) => !form.fits(v))
  // digits behind a zero are codes, as are others of their column
  const isOfCodes = values.some((v) => /^0\d/.test(v))
  return cell === undefined || n < 3 || n / values.length < ALMOST || isOfCodes ? null : { n, of: values.length, cell }
}
