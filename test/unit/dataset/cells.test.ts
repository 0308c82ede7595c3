/**
 * How a cell is read at import, by DuckDB's SQL, and how one that somebody types in is read, by the same form: what is
 * read is the same.
 */
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CellForm, isPresent, presentSql } from '../../../main/engine/dataset/cells/cell-form.ts'
import { FORMS } from '../../../main/engine/dataset/cells/forms.ts'
import { parseCell, type TypedCell } from '../../../main/engine/dataset/cells/typed.ts'
import { Duck, sqlText } from '../../../main/engine/dataset/duck.ts'
import { cellsOf, kindOf } from '../../helpers/cells.ts'

let duck: Duck
beforeAll(async () => {
  duck = await Duck.open({ threads: 1, memoryLimit: '500MB', spillIn: tmpdir() })
})
afterAll(() => duck.close())

/** What the SQL of a form gives for each cell, as JSON gives it back. */
async function imported(sql: (cell: string) => string, cells: readonly string[]): Promise<unknown[]> {
  const values = cells.map((cell, i) => `(${i}, ${sqlText(cell)})`).join(', ')
  const rows = await duck.rows(`SELECT CAST(to_json(${sql('cell')}) AS VARCHAR) AS v FROM (VALUES ${values}) AS t(i, cell) ORDER BY i`)
  // an infinite element of a vector is none to either side
  return rows.map(({ v }) =>
    v === null ? null : (JSON.parse(String(v).replaceAll(/(?<=[[,])-?(?:Infinity|inf|NaN|nan)(?=[\],])/g, 'null')) as unknown),
  )
}

const all: readonly CellForm<unknown>[] = Object.values(FORMS).flatMap((forms) => [...forms.values()])

test.each(all.map((form) => [form.name, form] as const))('%s', async (name, form) => {
  const cells = cellsOf(name)
  const values = await imported((cell) => form.sql(cell), cells)
  // of times only those that fit the form to the letter are read
  const agree = (typed: unknown, value: unknown): boolean =>
    typed === null ? kindOf(name) === 'time' || value === null : same(typed, value)
  const read = cells.map((cell, i) => ({ cell, typed: form.parse(cell), value: values[i] }))
  const wrong = read.filter(({ typed, value }) => !agree(typed, value))
  expect(wrong.slice(0, 8)).toEqual([])
  expect(cells.filter((cell) => form.parse(cell) !== null).length).toBeGreaterThan(20)
})

/** An element that is no number is NaN here and null there; a list's null is left out. */
function same(typed: unknown, value: unknown): boolean {
  if (Array.isArray(typed) && typed.length > 0 && typed.every((part) => typeof part === 'number'))
    return Array.isArray(value) && typed.length === value.length && typed.every((part, i) => same(part, value[i]))
  if (typeof typed === 'number')
    return Number.isNaN(typed)
      ? value === null
      : typeof value === 'number' && Math.abs(value - typed) <= 1e-6 * Math.max(1, Math.abs(typed))
  if (Array.isArray(typed) && Array.isArray(value)) return JSON.stringify(typed) === JSON.stringify(value.filter((part) => part !== null))
  return typed === value
}

test.each([true, false])('what stands for nothing is told alike (text: %s)', async (asText) => {
  const cells = ['', ' ', '-', ' NA ', 'null', 'NULL', '\\N', 'None', '?', 'x', '\t', '0', ' \u00a0']
  const present = await imported((cell) => presentSql(cell, asText), cells)
  expect(cells.map((cell) => isPresent(cell, asText))).toEqual(present.map((value) => value !== null))
})

const typed = (storage: 'number' | 'list', cell: Pick<TypedCell, 'value' | 'name' | 'form'> & { isTime?: boolean }): unknown =>
  parseCell(storage, { isTime: false, width: 0, ...cell }).values[0]

test('a typed-in cell is read by the form of its column, and a JSON value means itself', () => {
  const number = (value: unknown, form?: string): unknown => typed('number', { value, name: 'price', form })
  const tags = (value: unknown, form?: string): unknown => typed('list', { value, name: 'tags', form })
  const comma = 'number with decimal comma'
  expect(['1.500', '1.150,00', 'USD 15', 1.5, 'n/a'].map((cell) => number(cell, comma))).toEqual([1500, 1150, 15, 1.5, NaN])
  expect(['1.500', '1,150.00', 'USD 15', 1.5].map((cell) => number(cell, 'number'))).toEqual([1.5, 1150, 15, 1.5])
  expect(tags('red,soft,new', 'separated by ,')).toEqual(['red', 'soft', 'new'])
  expect(tags('red,soft|new', 'separated by |')).toEqual(['red,soft', 'new'])
  expect(tags(['red,soft', 'new'], 'separated by ,')).toEqual(['red,soft', 'new'])
  expect(tags('["a","b|c"]', 'JSON list')).toEqual(['a', 'b|c'])
  expect(() => tags('["a"', 'JSON list')).toThrow(`"tags" must be a list of texts, or a list such as '["red", "soft"]', not "[\\"a\\"".`)
  expect(() => number('cheap', comma)).toThrow('"price" must be a number with a decimal comma, such as "1.150,50", not "cheap".')
  // a column without a form: values in the file, or a dataset of before 0.3
  expect([number('$1,150.00'), tags('a|b'), tags('["a","b"]')]).toEqual([1150, ['a', 'b'], ['a', 'b']])
})

test('a time is read by its column, an ISO date by every one; digits alone are not taken for another form', () => {
  const time = (value: unknown, form?: string): unknown => typed('number', { value, name: 'listed', isTime: true, form })
  const may = Date.UTC(2024, 4, 3) / 1000
  expect(time('03/05/2024', 'date as DD/MM/YYYY')).toBe(may)
  expect(time('05/03/2024', 'date as MM/DD/YYYY')).toBe(may)
  expect(time('20240503', 'date as YYYYMMDD')).toBe(may)
  expect(time(String(may * 1000), 'epoch milliseconds')).toBe(may)
  expect(['epoch seconds', 'date as DD.MM.YYYY', 'ISO date', undefined].map((form) => time('2024-05-03', form))).toEqual([
    may,
    may,
    may,
    may,
  ])
  expect(() => time('20240503', 'ISO date')).toThrow('"listed" must be an ISO date, not "20240503".')
  expect(() => time('-5', 'ISO date')).toThrow('"listed" must be an ISO date, not "-5".')
  expect(() => time('05/13/2024', 'date as DD/MM/YYYY')).toThrow('must be a date as DD/MM/YYYY')
})

test('names of forms that this version does not know are no forms', () => {
  expect([FORMS.number.get('roman'), FORMS.list.get(''), FORMS.text.get('number')]).toEqual([undefined, undefined, undefined])
})

test('of texts with markup only elements of HTML are taken away', async () => {
  const form = FORMS.text.get('text without markup')!
  const cells = [
    'one<br/>two',
    '<P class="x">a &amp; b</p>',
    'I <3 C',
    'List<String> & <x>',
    '<unknown>',
    'a<b',
    '<a\nhref="y">z</a>',
    '<hr>',
    '<h7>',
  ]
  const expected = ['one two', ' a & b ', 'I <3 C', 'List<String> & <x>', '<unknown>', 'a<b', ' z ', ' ', '<h7>']
  expect(cells.map((cell) => form.parse(cell))).toEqual(expected)
  expect(await imported((cell) => form.sql(cell), cells)).toEqual(expected)
})
