/** Evaluation of a query over the runs' columns: checked against the fields there are, then made a test of a row's index. */
import { didYouMean } from '@contract/did-you-mean.ts'
import { QueryError, type Expression, type Field, type Operator, type Query, type Word } from './query.ts'

/** The columns behind the fields. Texts are codes into their distinct values, so that a condition is decided once a value. */
export interface QueryColumns {
  /** of number, time (seconds since 1970) and flag (0 or 1) fields; NaN: missing */
  numbers(field: string): ArrayLike<number>
  /** of text, folder and tags fields; -1: missing. A value of a tags field is one of {@link QueryColumns.tagsOf} */
  codes(field: string): { readonly values: readonly string[]; readonly codes: ArrayLike<number> }
  tagsOf(value: string): readonly string[]
  /** what a plain word is looked for in */
  haystack(i: number): string
}

export type RowTest = (i: number) => boolean
export type Fields = ReadonlyMap<string, Field>

/** Fields by lower-case name. */
export const fieldMap = (fields: readonly Field[]): Fields => new Map(fields.map((field) => [field.name.toLowerCase(), field]))

/** @throws QueryError for an unknown field, or a value that does not fit it */
export function checkQuery({ where, sort }: Query, fields: Fields): void {
  for (const { field } of sort) findField(field, fields)
  if (where !== null) check(where, fields)
}

/** @throws QueryError as {@link checkQuery} */
export function compileQuery({ where }: Query, fields: Fields, source: QueryColumns): RowTest {
  return where === null ? () => true : test(where, fields, source)
}

/** The field a word names. @throws QueryError that names the nearest one there is */
export function findField(name: Word, fields: Fields): Field {
  const field = fields.get(name.text.toLowerCase())
  if (field !== undefined) return field
  const hint =
    /"([^"]+)"/.exec(
      didYouMean(
        name.text,
        [...fields.values()].map((entry) => entry.name),
      ),
    )?.[1] ?? null
  throw new QueryError({ kind: 'field', name: name.text, nearest: hint }, name)
}

function check(expression: Expression, fields: Fields): void {
  switch (expression.kind) {
    case 'and':
    case 'or':
      for (const part of expression.of) check(part, fields)
      break
    case 'not':
      check(expression.of, fields)
      break
    case 'compare': {
      const field = findField(expression.field, fields)
      checkValue(field, expression.value, expression.operator)
      break
    }
    case 'in': {
      const field = findField(expression.field, fields)
      for (const value of expression.values) checkValue(field, value, '=')
      break
    }
    case 'text':
  }
}

function checkValue({ kind, name }: Field, value: Word, operator: Operator): void {
  const wrong = (problem: 'number' | 'time' | 'order' | 'flag'): QueryError =>
    new QueryError({ kind: problem, field: name, text: value.text }, value)
  if (kind === 'number' && numberOf(value.text) === null) throw wrong('number')
  if (kind === 'time' && timeOf(value.text) === null) throw wrong('time')
  if (kind === 'flag' && !/^(yes|no)$/i.test(value.text)) throw wrong('flag')
  if ((kind === 'text' || kind === 'tags' || kind === 'folder') && '<>'.includes(operator[0]!)) throw wrong('order')
  if (kind !== 'text' && kind !== 'tags' && kind !== 'folder' && operator === '~') throw wrong(kind === 'flag' ? 'flag' : kind)
}

const numberOf = (text: string): number | null => (text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : null)

/** Seconds since 1970 of `2026-03-01` or `2026-03-01T12:30`, in the user's own time zone. */
function timeOf(text: string): number | null {
  if (!/^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2})?)?)?)?$/.test(text)) return null
  const full = text.length <= 10 ? `${text.padEnd(7, '-01').padEnd(10, '-01')}T00:00` : text
  const time = Date.parse(full) / 1000
  return Number.isNaN(time) ? null : time
}

function test(expression: Expression, fields: Fields, source: QueryColumns): RowTest {
  switch (expression.kind) {
    case 'and': {
      const parts = expression.of.map((part) => test(part, fields, source))
      return (i) => parts.every((part) => part(i))
    }
    case 'or': {
      const parts = expression.of.map((part) => test(part, fields, source))
      return (i) => parts.some((part) => part(i))
    }
    case 'not': {
      const part = test(expression.of, fields, source)
      return (i) => !part(i)
    }
    case 'compare':
      return compare(findField(expression.field, fields), expression.operator, [expression.value], source)
    case 'in':
      return compare(findField(expression.field, fields), '=', expression.values, source)
    case 'text': {
      const wanted = expression.word.text.toLowerCase()
      return (i) => source.haystack(i).includes(wanted)
    }
  }
}

/** True where any of the values fits; a missing value differs from every value and is neither more nor less. */
function compare(field: Field, operator: Operator, values: readonly Word[], source: QueryColumns): RowTest {
  for (const value of values) checkValue(field, value, operator)
  if (operator === '!=') {
    const same = compare(field, '=', values, source)
    return (i) => !same(i)
  }
  if (field.kind === 'number' || field.kind === 'time' || field.kind === 'flag') {
    const wanted = values.map(({ text }) => (field.kind === 'flag' ? Number(/^yes$/i.test(text)) : (numberOf(text) ?? timeOf(text)!)))
    const column = source.numbers(field.name)
    return (i) => wanted.some((value) => holds(column[i]!, operator, value))
  }
  const { values: distinct, codes } = source.codes(field.name)
  const wanted = values.map(({ text }) => text.toLowerCase())
  const fits = distinct.map((value) =>
    textsOf(field, value, source).some((text) => wanted.some((word) => matches(text, operator, word, field))),
  )
  return (i) => fits[codes[i]!] ?? false
}

const textsOf = (field: Field, value: string, source: QueryColumns): readonly string[] =>
  (field.kind === 'tags' ? source.tagsOf(value) : [value]).map((text) => text.toLowerCase())

/** A folder holds those within it. */
const matches = (text: string, operator: Operator, word: string, { kind }: Field): boolean =>
  operator === '~' ? text.includes(word) : text === word || (kind === 'folder' && text.startsWith(`${word}/`))

function holds(value: number, operator: Operator, wanted: number): boolean {
  switch (operator) {
    case '<':
      return value < wanted
    case '<=':
      return value <= wanted
    case '>':
      return value > wanted
    case '>=':
      return value >= wanted
    default:
      return value === wanted
  }
}
