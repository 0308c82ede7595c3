/** Cells as files have them, right and odd ones, by the form they are written in. */
import fc from 'fast-check'

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
/** Cells of all kinds. */
export const CELLS = fc.oneof(numbers, listed, vectors, times, texts)

/** Of these kinds of cells most are read, so that the test says something. */
const READ = { number: numbers, list: listed, vector: vectors, time: times, text: texts }

/** What the cells of a form are, by its name. */
export const kindOf = (name: string): keyof typeof READ =>
  /^(number)/.test(name)
    ? 'number'
    : /list|separated/.test(name)
      ? 'list'
      : /vector/.test(name)
        ? 'vector'
        : /text/.test(name)
          ? 'text'
          : 'time'

const drawn = new Map<string, readonly string[]>()

/** Cells of one form and of its kind, with some of every other; always the same ones. */
export function cellsOf(name: string): readonly string[] {
  const cells = drawn.get(name) ?? draw(name)
  drawn.set(name, cells)
  return cells
}

function draw(name: string): readonly string[] {
  const own =
    kindOf(name) === 'time' && (name in more || !name.startsWith('epoch')) ? fc.sample(timesOf(name), { numRuns: 3000, seed: 5 }) : []
  return [...own, ...fc.sample(READ[kindOf(name)], { numRuns: 4000, seed: 3 }), ...fc.sample(CELLS, { numRuns: 500, seed: 4 })]
}
