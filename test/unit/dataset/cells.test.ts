/**
 * How a cell is read at import, by DuckDB's SQL, and how one that somebody types in is read, by the same form: what is
 * read is the same.
 */
import { tmpdir } from 'node:os'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CellForm, isPresent, presentSql } from '../../../main/engine/dataset/cells/cell-form.ts'
import { FORMS } from '../../../main/engine/dataset/cells/forms.ts'
import { parseCell, type TypedCell } from '../../../main/engine/dataset/cells/typed.ts'
import { Duck, sqlText } from '../../../main/engine/dataset/duck.ts'

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

const digits = (most: number): fc.Arbitrary<string> => fc.stringMatching(new RegExp(`^\\d{1,${most}}$`))
const two = fc.integer({ min: 0, max: 61 }).map((n) => String(n).padStart(2, '0'))
const one = fc.integer({ min: 0, max: 61 }).map(String)
const joined = (...parts: (fc.Arbitrary<string> | string)[]): fc.Arbitrary<string> =>
  fc.tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part))).map((all) => all.join(''))
const maybe = (part: fc.Arbitrary<string> | string): fc.Arbitrary<string> =>
  fc.oneof(fc.constant(''), typeof part === 'string' ? fc.constant(part) : part)
const blank = fc.constantFrom('', '', ' ', '  ', '\t', '\u00a0')
const unit = fc.constantFrom('', '', '', 'USD ', '$', '€', '%', ' EUR', '£ ', 'R$', ' kr.', ' zł', '元', 'Rs ')
const sign = fc.constantFrom('', '', '-', '+', '- ', '−')

const numbers = joined(
  blank,
  sign,
  unit,
  fc.oneof(
    digits(4),
    joined(digits(3), '.', digits(3)),
    joined(digits(3), ',', digits(3)),
    joined(digits(3), '.', digits(3), ',', digits(2)),
    joined(digits(3), ',', digits(3), '.', digits(2)),
    joined(digits(2), ',', digits(3), ',', digits(3)),
    joined(digits(2), fc.constantFrom("'", '’', ' ', '\u202f', '.'), digits(3), fc.constantFrom('', '.5', ',5')),
    fc.constantFrom('0,051', '12,34,567', '1,23', '1.234.567,8', '(5)', '(5', '5-', '1 2', '1,1234', '1.000,5e3'),
    fc.constantFrom('1_000', '.5', '5.', '1e3', '1e400', '0x1F', 'inf', 'NaN', '٣', '1 000', '1.2.3', '1e-7', '123456789012345678901'),
  ),
  unit,
  blank,
)
const word = fc.constantFrom('red', 'soft', 'new', 'a b', '', ' x ', "it's", '日本', '"q"', '1', '\\')
const listed = fc.oneof(
  fc.tuple(fc.array(word, { maxLength: 4 }), fc.constantFrom('|', ';', ',', ' ', ', ')).map(([words, by]) => words.join(by)),
  fc
    .array(fc.oneof(word, fc.integer({ min: -99, max: 99 }), fc.boolean(), fc.constant(null)), { maxLength: 4 })
    .map((words) => JSON.stringify(words)),
  fc.array(word, { maxLength: 4 }).map((words) => `['${words.join("', '")}']`),
  fc.array(word, { maxLength: 4 }).map((words) => `{${words.join(',')}}`),
  fc.constantFrom('[', '[]', '[[1]]', '{"a": 1}', '"a"', '7', 'null', '[1.5]', '(a)', 'a]b'),
)
const vectors = fc
  .tuple(fc.array(numbers, { maxLength: 3 }), fc.constantFrom(',', ';', '|', ' ', ', '), fc.constantFrom('[]', '()', '  '))
  .map(([parts, by, ends]) => ends[0]! + parts.join(by) + ends[1]!)
const fraction = joined(fc.constantFrom('.', ','), digits(9))
const half = fc.constantFrom('', '', '', ' AM', ' pm', 'PM', ' a.m.', ' p.m', ' Pm.')
const clock = joined(fc.constantFrom(' ', 'T', '  ', ', '), fc.oneof(one, two), ':', two, maybe(joined(':', two, maybe(fraction))), half)
const offset = fc.constantFrom(
  '',
  '',
  'Z',
  ' Z',
  ' GMT',
  ' EST',
  ' CET',
  '+01:00[Europe/Paris]',
  '[Europe/Paris]',
  ' Europe/Berlin',
  'UTC',
  '+02',
  '+0230',
  '-05:30',
  '+24:00',
  ' +01',
)
const year = fc.constantFrom('2024', '2023', '1969', '0050', '9999')
const month = fc.constantFrom('1', '02', '2', '11', '12', '13', '00')
const day = fc.constantFrom('1', '05', '28', '29', '30', '31', '32', '0')
const dotted = joined(' ', one, '.', two, maybe(joined('.', two)), half)
const monthWord = fc.constantFrom('January', 'feb', 'März', 'mars', 'août', 'Dezember', 'мая', 'Foo', 'Sept', 'dicembre')
const monthName = fc.constantFrom('Feb', 'feb', 'MAR', 'Foo', 'September', 'may', 'Jun', 'June', 'sept')
const times = joined(
  blank,
  fc.oneof(
    joined(year, '-', month, '-', day, maybe(clock), offset),
    joined(year, '/', month, '/', day, maybe(clock)),
    joined(day, '.', month, '.', year, maybe(clock)),
    joined(day, '/', month, '/', year, maybe(clock)),
    joined(month, '/', day, '/', year, maybe(clock)),
    joined(day, '-', monthName, '-', year, maybe(clock)),
    joined(monthName, ' ', day, ', ', year, maybe(clock)),
    joined(month, ' ', day, ', ', year, maybe(clock)),
    joined('Wed ', monthName, ' ', day, ' ', two, ':', two, ':', two, ' ', fc.constantFrom('+0000', '-0530'), ' ', year),
    joined(year, month, day),
    fc.constantFrom(
      '1714521600',
      '1714521600000',
      '1714521600000000',
      '1714521600000000000',
      '1714521600.5',
      '1.7e9',
      '-5',
      '99999999999',
      '1e11',
    ),
  ),
  blank,
)
/** Cells of a form by its name: DD is a day, Mon a month's short name, hh an hour; a clock behind, where the name has none. */
const TOKENS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  YYYY: year,
  YY: two,
  Month: monthName,
  Mon: monthName,
  MM: month,
  DD: day,
  hh: two,
  mm: two,
  ss: two,
}
const more: Readonly<Record<string, fc.Arbitrary<string>>> = {
  'date and time as YYYYMMDDhhmmss': joined(
    year,
    fc.constantFrom('02', '11', '13'),
    fc.constantFrom('05', '28', '31'),
    maybe('T'),
    two,
    two,
    maybe(two),
  ),
  'date with the month in words': fc.oneof(
    joined(
      maybe('Fri, '),
      day,
      maybe(fc.constantFrom('th', '.', 'er')),
      ' ',
      monthWord,
      maybe('.'),
      ' ',
      year,
      maybe(fc.oneof(clock, dotted)),
    ),
    joined(monthWord, ' ', day, maybe('th'), fc.constantFrom(', ', ' '), year, maybe(fc.oneof(clock, dotted))),
  ),
  'date as YYYY年MM月DD日': joined(
    year,
    '年',
    month,
    '月',
    day,
    '日',
    maybe(fc.oneof(joined(' ', two, ':', two), joined(one, '时', two, '分'), joined(' ', two, '点', one, '分', one, '秒'))),
  ),
  'date as DD-Mon-YY hh.mm.ss.ffffff AM': joined(
    day,
    '-',
    monthName,
    '-',
    two,
    ' ',
    one,
    '.',
    two,
    '.',
    two,
    fc.constantFrom('.0', '.250000', '.123456789', ''),
    ' ',
    fc.constantFrom('AM', 'pm'),
  ),
  'date as YYYY/MM/DD with 上午 or 下午': joined(
    fc.oneof(joined(year, '年', month, '月', day, '日'), joined(year, '/', month, '/', day)),
    maybe(' '),
    fc.constantFrom('上午', '下午', '오전', '午後'),
    maybe(' '),
    one,
    ':',
    two,
    maybe(joined(':', two)),
  ),
  'date as Www Mon DD hh:mm:ss YYYY': joined(
    'Wed ',
    monthName,
    fc.constantFrom(' ', '  '),
    day,
    ' ',
    two,
    ':',
    two,
    ':',
    two,
    ' ',
    maybe('UTC '),
    year,
  ),
  'epoch excel': fc.constantFrom('45292', '45293.5', '19999', '1e5', '80000', 'x'),
  'epoch ticks': fc.constantFrom('638396640000000000', '638396640012345678', '6.3e17', '1700000000', ''),
  'epoch seconds': fc.constantFrom('1700000000,25', '1700000000.25', '1,234', '170000000,5', '-5'),
  'ordinal date': joined(
    year,
    '-',
    fc.integer({ min: 0, max: 400 }).map((day) => String(day).padStart(3, '0')),
  ),
  'date as Wwwday, DD-Mon-YY hh:mm:ss GMT': joined(
    'Wednesday, ',
    day,
    '-',
    monthName,
    '-',
    two,
    ' ',
    two,
    ':',
    two,
    ':',
    two,
    fc.constantFrom(' GMT', ' UTC', ''),
  ),
  'date as Www, DD-Mon-YYYY hh:mm:ss GMT': joined(
    'Wed, ',
    day,
    '-',
    monthName,
    '-',
    year,
    ' ',
    two,
    ':',
    two,
    ':',
    two,
    fc.constantFrom(' GMT', ' EST'),
  ),
  'ISO week': joined(year, maybe('-'), fc.constantFrom('W', 'w'), two, maybe(joined(maybe('-'), fc.constantFrom('1', '3', '7', '8', '0')))),
}
function timesOf(name: string): fc.Arbitrary<string> {
  const [special, form] = [more[name], /^date as (.*)$/.exec(name)?.[1]]
  if (special !== undefined) return special
  if (form === undefined) return joined(blank, year, '-', month, '-', day, maybe(clock), offset, blank)
  const parts = form.split(/(YYYY|YY|Month|Mon|MM|DD|hh|mm|ss)/).map((part) => TOKENS[part] ?? part)
  const cell = joined(...parts, form.includes('hh') ? '' : maybe(clock))
  return joined(
    blank,
    cell.map((text) => text.replace('Www', 'Wed').replace(/\+zzzz|zone/, '-0530')),
    blank,
  )
}

const markup = fc.array(fc.constantFrom('a', '<br />', '&amp;', '&lt;', 'b>', '<', ' ', '<P class="x">', '</p', '日本', '\n'), {
  maxLength: 6,
})
const texts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }).filter((s) => !s.includes('\0')),
  markup.map((parts) => parts.join('')),
)
const CELLS = fc.oneof(numbers, listed, vectors, times, texts)

/** Of these kinds of cells most are read, so that the test says something. */
const READ = { number: numbers, list: listed, vector: vectors, time: times, text: texts }
const kindOf = (name: string): keyof typeof READ =>
  /^(number)/.test(name)
    ? 'number'
    : /list|separated/.test(name)
      ? 'list'
      : /vector/.test(name)
        ? 'vector'
        : /text/.test(name)
          ? 'text'
          : 'time'

const all: readonly CellForm<unknown>[] = Object.values(FORMS).flatMap((forms) => [...forms.values()])

test.each(all.map((form) => [form.name, form] as const))('%s', async (name, form) => {
  const own =
    kindOf(name) === 'time' && (name in more || !name.startsWith('epoch')) ? fc.sample(timesOf(name), { numRuns: 3000, seed: 5 }) : []
  const cells = [...own, ...fc.sample(READ[kindOf(name)], { numRuns: 4000, seed: 3 }), ...fc.sample(CELLS, { numRuns: 500, seed: 4 })]
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
