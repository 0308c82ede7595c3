/** How text files are written: delimiter, quote, escape, comments, by evidence or as said. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { joinSigns, parseSigns } from '../../../main/contract/import-options.ts'
import { failure, importFiles } from './imported.ts'

const interactions = 'user,item\n1,p\n2,q\n3,p\n'

/** Rows of user metadata, as the import reads this file. */
async function rowsOf(file: string | Buffer, input = {}, name = 'users.csv'): Promise<Record<string, unknown>[]> {
  const { dataset } = await importFiles(
    { 'i.csv': interactions, [name]: file },
    { interactions: 'i.csv', users: name, map: 'userId=1', kinds: '', ...input },
  )
  const rows = await dataset.rows('user', [0, 1, 2])
  return rows.map(({ id: _, ...row }) => row)
}
const CITIES = [{ city: 'north town, first land' }, { city: 'south town, next land' }, { city: 'east town, last land' }]
const withSign = (by: string, quote = ''): string =>
  [['id', 'city'], ...CITIES.map(({ city }, k) => [String(k + 1), city])]
    .map((row) => row.map((cell) => quote + cell + quote).join(by))
    .join('\n')

test.each([
  ['; with commas in cells', withSign(';')],
  ['; with quoted cells', withSign(';', '"')],
  ['tabs', withSign('\t')],
  ['|', withSign('|')],
  ['::', withSign('::')],
  ['^', withSign('^')],
  ['Hive’s \\x01', withSign('\x01')],
  [', with quoted cells', withSign(',', '"')],
  [', with single quotes', withSign(',', "'")],
  ['a comment above', `# made by hand\n# on a Monday, at 5\n${withSign(';')}`],
])('%s', async (_, file) => {
  expect(await rowsOf(file, { kinds: 'city=text' })).toEqual(CITIES)
})

test.each(['::', '\t', '|', ',', ';'])('a mark of the encoding before the only quoted name, with %j', async (by) => {
  const cities = CITIES.map(({ city }) => city.replace(',', ''))
  const rows = [['"""id"""', 'city'], ...cities.map((city, k) => [String(k + 1), city])]
  const file = `\uFEFF${rows.map((row) => row.join(by)).join('\n')}`
  expect(await rowsOf(file, { kinds: 'city=text', map: 'userId="""id"""' })).toEqual(cities.map((city) => ({ city })))
})

test('quotes that stand in words of several lines enclose none of them; a cell of several lines is still one', async () => {
  const stray = 'user\titem\nu1\t5" disk\nu1\tb\nu2\t"b\nu2\tc\nu3\t5" disk\nu3\tc"\n'
  const { dataset, manifest } = await importFiles({ 'i.tsv': stray }, { interactions: 'i.tsv' })
  expect(manifest.interactions).toBe(6)
  expect([...(await dataset.ids('item'))].toSorted()).toEqual(['"b', '5" disk', 'b', 'c', 'c"'])
  const lines = 'user\titem\nu1\ta\nu2\t"b\nb"\nu3\t"c"\n'
  expect((await importFiles({ 'i.tsv': lines }, { interactions: 'i.tsv' })).manifest.interactions).toBe(3)
})

test('; without a header, and a decimal comma beside it', async () => {
  expect(
    await rowsOf('1;north town, first land;1,5\n2;south town, next land;2,25\n3;east town, last land;3\n', { kinds: '2=text' }),
  ).toMatchObject([{ column3: 1.5 }, { column3: 2.25 }, { column3: 3 }])
})

test('a backslash before a quote', async () => {
  const file = 'id,note\n1,"a \\"big\\" one, two"\n2,"plain"\n3,"5\\" disk, old"\n'
  const notes = [{ note: 'a "big" one, two' }, { note: 'plain' }, { note: '5" disk, old' }]
  expect(await rowsOf(file, { kinds: 'note=text' })).toEqual(notes)
  expect(await rowsOf(file, { kinds: 'note=text', escape: 'backslash' })).toEqual(notes)
})

test.each([
  ['utf16le', Buffer.from(`\uFEFF${withSign(';')}`, 'utf16le')],
  ['utf16le without a mark', Buffer.from(withSign(';'), 'utf16le')],
  ['utf16be without a mark', Buffer.from(withSign(';'), 'utf16le').swap16()],
])('UTF-16: %s', async (_, file) => {
  expect(await rowsOf(file, { kinds: 'city=text' })).toEqual(CITIES)
})

test('each sign can be said', async () => {
  const files = { 'i.csv': "%x\nuser!item!time\n'a!1'!p!1700000000\n%y\n'it\\'s'!q!1700000001\n" }
  const input = { interactions: 'i.csv', delimiter: '!', quote: "'", escape: 'backslash', comment: '%' }
  expect(await (await importFiles(files, input)).dataset.ids('user')).toEqual(['a!1', "it's"])
  const tabs = { 'i.csv': 'user\titem\n"a\tx\nb"\ty\n' }
  const plain = await importFiles(tabs, { interactions: 'i.csv', delimiter: 'tab', quote: 'none' })
  expect(await plain.dataset.ids('user')).toEqual(['"a', 'b"'])
})

test.each(['\n', '\r', '\r\n'])('doubled quotes enclose cells beside any delimiter and line end: %j', async (end) => {
  const file = 'user::item\na::"say ""x"""\nb::q\nb::r\n'.replaceAll('\n', end)
  expect(await (await importFiles({ 'i.dat': file }, { interactions: 'i.dat' })).dataset.ids('item')).toEqual(['q', 'r', 'say "x"'])
})

test('text of words is no sequence of ids, UTF-16 is looked at as what it says', async () => {
  const prose = 'It was a bright cold day\nin April and the clocks\nwere striking thirteen\nWinston Smith his chin nuzzled into\n'
  expect(await failure({ 'i.txt': prose }, { interactions: 'i.txt' })).toMatch(/^bad-input/)
  const ids = 'u1 i1 i2 i3\nu2 i4\nu3 i5 i6\nu4 i1 i2 i3 i4\n'
  expect((await importFiles({ 'i.txt': ids }, { interactions: 'i.txt' })).manifest.interactions).toBe(10)
  const rows = ['ts|weight|item|user', ...Array.from({ length: 9 }, (_, k) => `2019-01-0${k + 1} 10:00:00,5|1%|i${k % 3}|u${k % 2}`)]
  const utf16 = Buffer.from(`\uFEFF${rows.join('\r\n')}\r\n`, 'utf16le')
  expect((await importFiles({ 'i.csv': utf16 }, { interactions: 'i.csv' })).manifest).toMatchObject({
    interactions: 9,
    users: 2,
    hasTime: true,
  })
})

test('a sign may be of one file', async () => {
  const items = `id;title\n${['p', 'q'].map((id) => `${id};one, two of ${id}`).join('\n')}\n`
  const files = { 'i.csv': interactions, 'items.csv': items, 'users.csv': 'user|town\n1|a\n2|b\n3|c\n' }
  const input = { interactions: 'i.csv', items: 'items.csv', users: 'users.csv', header: 'yes' } as const
  const { dataset } = await importFiles(files, { ...input, delimiter: 'comma,items.csv=";",users.csv=pipe' })
  expect(await dataset.rows('item', [0, 1])).toMatchObject([{ title: 'one, two of p' }, { title: 'one, two of q' }])
  expect(await dataset.rows('user', [2])).toMatchObject([{ town: 'c' }])
  expect(await failure(files, { ...input, delimiter: 'item.csv=tab' })).toContain('There is no file "item.csv"; did you mean "items.csv"?')
  expect(await failure(files, { ...input, quote: 'single' })).toContain('"single" is no sign')
})

test('signs by file are read as they are written', () => {
  const sign = fc.oneof(fc.constantFrom(',', ';', '\t', '=', '"', 'tab', '::', '|', 'none'), fc.string({ minLength: 1, maxLength: 3 }))
  const name = fc.string({ minLength: 1, maxLength: 20 }).map((text) => text.trim() || 'a.csv')
  const written = fc.uniqueArray(fc.tuple(name, sign), { maxLength: 3, selector: ([file]) => file })
  fc.assert(
    fc.property(fc.option(fc.constantFrom(',', ';', '::', 'tab', '=')), written, (all, files) => {
      if (files.length === 0 && all === null) return
      const words = { ',': 'comma', '=': 'equals', '"': 'double' } as Readonly<Record<string, string>>
      const said = (text: string): string => words[text] ?? text
      const expected =
        files.length === 0 ? { all, files } : { all: all === null ? null : said(all), files: files.map(([file, by]) => [file, said(by)]) }
      expect(parseSigns(joinSigns({ all, files })!)).toEqual(expected)
    }),
  )
})

test('a first line that begins with # is names where it has as many cells as the rows, quoted ones among them', async () => {
  const file = '#,user,item,note\n1,a,p,"x, y"\n2,a,q,"z, w"\n3,b,p,v\n'
  const { dataset } = await importFiles({ 'i.csv': file }, { interactions: 'i.csv' })
  expect(await dataset.ids('item')).toEqual(['p', 'q'])
})

test('names that begin with # above a record of several lines', async () => {
  const file = '#\tnote\tFROM\n1\t"a\nb"\tp\n2\t"c\nd"\tq\n1\t"e"\tq\n'
  const { dataset } = await importFiles({ 'i.csv': file }, { interactions: 'i.csv', map: 'user=#,item=FROM' })
  expect([await dataset.ids('user'), await dataset.ids('item')]).toEqual([
    ['1', '2'],
    ['p', 'q'],
  ])
})

test('a line that tells the delimiter and titles above the names are no rows; names that are one short are not taken for a title', async () => {
  const rows = 'user;item;stars\na;p;4\na;q;5\nb;p;3\n'
  for (const above of ['sep=;\n', 'Sales report\nJanuary\n\n', 'Sales report;;\n']) {
    const { dataset, manifest, said } = await importFiles({ 'i.csv': above + rows }, { interactions: 'i.csv' })
    expect([manifest.interactions, await dataset.ids('item')]).toEqual([3, ['p', 'q']])
    expect(said.join()).toMatch(/above the table and not read/)
  }
  // a row that is wrong is told by its line in the file
  expect(await failure({ 'i.csv': `Sales report\n${rows}c;r;many\n` }, { interactions: 'i.csv', map: 'weight=stars' })).toContain('i.csv:6')
  const ofR = 'user;item;stars\n1;a;p;4\n2;a;q;5\n3;b;p;3\n'
  expect(await failure({ 'i.csv': ofR }, { interactions: 'i.csv' })).toContain('This row has 4 fields, the header has 3')
})

test('0, 1, 2 … above other cells are the names that pandas gives; above whole numbers they are a row', async () => {
  const rows = ['0,1,2,3', 'u0,i0,1700000000,0.5', 'u1,i5,1700003600,1', 'u1,i0,1700007200,4']
  const { manifest } = await importFiles({ 'i.csv': `${rows.join('\n')}\n` }, { interactions: 'i.csv' })
  expect(manifest).toMatchObject({ interactions: 3, users: 2, items: 2, hasTime: true })
  const plain = await importFiles({ 'i.csv': '0,1\n0,5\n3,1\n' }, { interactions: 'i.csv' })
  expect(plain.manifest).toMatchObject({ interactions: 3, users: 2, items: 2 })
})

test('lines that begin with %, as those of MatrixMarket, are comments', async () => {
  const file = '%%MatrixMarket matrix coordinate real general\n% made by hand\nuser item rating\n1 10 3\n1 11 4\n2 10 5\n'
  const { manifest, said } = await importFiles({ 'm.mtx': file }, { interactions: 'm.mtx' })
  expect(manifest).toMatchObject({ interactions: 3, users: 2, items: 2, hasWeight: true })
  expect(said.join()).toContain('lines that begin with % are taken as comments')
})

test('columns that differ in case only are named as the file names them', async () => {
  const rows = ['User,USER,user,ts', 'a,p,1700000000,3', 'b,q,1700003600,4', 'b,p,1700007200,5']
  const { dataset } = await importFiles(
    { 'i.csv': `${rows.join('\n')}\n` },
    { interactions: 'i.csv', map: 'user=User,item=USER,time=user,weight=ts' },
  )
  expect([await dataset.ids('user'), await dataset.ids('item')]).toEqual([
    ['a', 'b'],
    ['p', 'q'],
  ])
})

test.each([', ', '; ', ' | ', ' , ', '¦', '\x01'])(
  'every cell parted by %j: blanks that are everywhere are none of the ids',
  async (sign) => {
    const rows = ['user,item,time', 'a,p,1', 'a,q,2', 'b,p,3'].map((row) => row.replaceAll(',', sign))
    const { dataset } = await importFiles({ 'i.csv': `${rows.join('\n')}\n` }, { interactions: 'i.csv' })
    expect([await dataset.ids('user'), await dataset.ids('item')]).toEqual([
      ['a', 'b'],
      ['p', 'q'],
    ])
  },
)

test('a blank behind some commas is of the cells, and quoted cells are whole', async () => {
  const rows = 'user,item,note\na,p, one\na,"q, r",two\nb,p, three\n'
  const { dataset, manifest } = await importFiles({ 'i.csv': rows }, { interactions: 'i.csv' })
  expect([manifest.interactions, await dataset.ids('item')]).toEqual([3, ['p', 'q, r']])
})

test('files put behind each other: their names among the rows are refused with the line, or left out', async () => {
  const file = 'user,item,time\na,p,1700000000\nb,q,1700000001\n'
  expect(await failure({ 'i.csv': file + file }, { interactions: 'i.csv' })).toContain('i.csv:4 column "user": This row repeats the names')
  const { manifest } = await importFiles({ 'i.csv': file + file }, { interactions: 'i.csv', badRows: 'skip' })
  expect(manifest).toMatchObject({ interactions: 4, users: 2, items: 2 })
  const plain = 'user,item\na,p\nb,q\nb,p\n'
  expect(await failure({ 'i.csv': plain + plain }, { interactions: 'i.csv' })).toContain(
    'i.csv:5 column "user": This row repeats the names',
  )
  // two rows of one pair are no names
  expect((await importFiles({ 'i.csv': 'a,p\nb,q\na,p\n' }, { interactions: 'i.csv' })).manifest.interactions).toBe(3)
})

test('UTF-32 and pointers of Git LFS are refused by their names', async () => {
  const wide = Buffer.concat([...'\uFEFFuser,item\na,b\n'].map((c) => Buffer.from(Uint32Array.of(c.codePointAt(0)!).buffer)))
  expect(await failure({ 'i.csv': wide }, { interactions: 'i.csv' })).toContain('This is UTF-32 text')
  const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n'
  expect(await failure({ 'i.csv': pointer }, { interactions: 'i.csv' })).toContain('git lfs pull')
})

test('a part that is written in signs of its own is read by those', async () => {
  const files = { 'd/part-0.csv': 'user,item,time\na,x,1\nb,y,2\n', 'd/part-1.csv': 'user;item;time\na;z;3\nb;w;4\n' }
  const { dataset, manifest } = await importFiles(files, { path: 'd' })
  expect(manifest.interactions).toBe(4)
  expect(await dataset.ids('item')).toEqual(['w', 'x', 'y', 'z'])
})
