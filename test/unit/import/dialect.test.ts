/** How text files are written: delimiter, quote, escape, comments, encoding, by evidence or as said; rows that do not fit, left out when asked. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { joinSigns, parseSigns } from '../../../main/contract/import-options.ts'
import { failure, filesIn, importFiles, importFrom } from './imported.ts'

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

test('rows that do not fit are left out when asked, and listed with line, reason and text', async () => {
  const file = 'user,item,time\na,x,1700000000\nb,y\nc,"z,1700000002\nd,v,soon\n\ne,w,1700000004\nf,u,1700000005\n'
  expect(await failure({ 'i.csv': file }, { interactions: 'i.csv' })).toContain('i.csv:3: This row has 2 fields')
  const quoted = file.replace('"z', 'z')
  const { dataset, manifest } = await importFiles({ 'i.csv': quoted }, { interactions: 'i.csv', badRows: 'skip' })
  expect(await dataset.ids('user')).toEqual(['a', 'c', 'e', 'f'])
  expect(manifest.warnings).toContain('i.csv: 2 rows could not be read and are left out; skipped-rows.csv of the dataset lists them.')
  expect(await readFile(join(dataset.folder, 'skipped-rows.csv'), 'utf8')).toBe(
    'file,place,reason,row\ni.csv,line 3,"This row has 2 fields, the header has 3","b,y"\ni.csv,line 5,"no time in ""time""","{""user"":""d"",""item"":""v"",""time"":""soon""}"\n',
  )
})

test.each([
  ['CR LF', '\r\n'],
  ['CR', '\r'],
])('comments and rows that are left out leave the lines of a file as they end: %s', async (_, end) => {
  const lines = ['# made by hand', '#', 'user,item,rating', 'a,p,1', '#, no row', 'a,q', 'b,p,2', 'b,q,3', '']
  const { manifest } = await importFiles({ 'i.csv': lines.join(end) }, { interactions: 'i.csv', comment: '#', badRows: 'skip' })
  expect(manifest).toMatchObject({ interactions: 3, users: 2, items: 2, hasWeight: true })
})

test.each(['\n', '\r', '\r\n'])('doubled quotes enclose cells beside any delimiter and line end: %j', async (end) => {
  const file = 'user::item\na::"say ""x"""\nb::q\nb::r\n'.replaceAll('\n', end)
  expect(await (await importFiles({ 'i.dat': file }, { interactions: 'i.dat' })).dataset.ids('item')).toEqual(['q', 'r', 'say "x"'])
})

test('lines that are no JSON objects are left out when asked, and listed; a document over many lines is one', async () => {
  const lines = [
    '{"user":"a","item":"x"}',
    '',
    '{"user":"b","item":',
    '[1]',
    '{"user":"b","item":"y","n":12345678901234567890}',
    '{"user":"c","item":"x"}',
  ]
  const { dataset, manifest } = await importFiles(
    { 'i.jsonl': `\uFEFF${lines.join('\n')}\n` },
    { interactions: 'i.jsonl', badRows: 'skip' },
  )
  expect(manifest.interactions).toBe(3)
  expect(manifest.warnings).toContain('i.jsonl: 2 rows could not be read and are left out; skipped-rows.csv of the dataset lists them.')
  const skipped = await readFile(join(dataset.folder, 'skipped-rows.csv'), 'utf8')
  expect(skipped).toMatch(
    /^file,place,reason,row\ni\.jsonl,line 3,no JSON: .*,"\{""user"":""b"",""item"":"\ni\.jsonl,line 4,no JSON object,\[1\]\n$/,
  )
  const document = JSON.stringify(
    [
      { user: 'a', item: 'x' },
      { user: 'b', item: 'y' },
    ],
    null,
    2,
  )
  const read = await importFiles({ 'i.json': document }, { interactions: 'i.json', badRows: 'skip' })
  expect(read.manifest.interactions).toBe(2)
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

const encoded = (start: string, ...words: readonly (readonly number[])[]): Buffer =>
  Buffer.concat([
    Buffer.from(start),
    ...words.map((word, k) => Buffer.concat([Buffer.from(`u${k},`), Buffer.from(word), Buffer.from('\n')])),
  ])
test.each([
  ['gb18030', '商品', [0xc9, 0xcc, 0xc6, 0xb7]],
  ['shift-jis', 'カメラ', [0x83, 0x4a, 0x83, 0x81, 0x83, 0x89]],
  ['euc-kr', '사과', [0xbb, 0xe7, 0xb0, 0xfa]],
  ['euc-jp', 'カメラ', [0xa5, 0xab, 0xa5, 0xe1, 0xa5, 0xe9]],
  ['windows-1251', 'Товар', [0xd2, 0xee, 0xe2, 0xe0, 0xf0]],
  ['windows-1251', 'Привет', [0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]],
  ['big5', '商品', [0xb0, 0xd3, 0xab, 0x7e]],
] as const)('%s is told by its bytes, and can be said', async (encoding, word, bytes) => {
  const file = encoded('user,item\n', bytes, bytes, bytes)
  const { dataset, said } = await importFiles({ 'i.csv': file }, { interactions: 'i.csv' })
  expect(await dataset.ids('item')).toEqual([word])
  expect(said.join()).toContain(`read as ${encoding}`)
  expect(await (await importFiles({ 'i.csv': file }, { interactions: 'i.csv', encoding })).dataset.ids('item')).toEqual([word])
})

/** Titles as catalogues have them, written by Python's codecs (`'…'.encode('koi8-r')`). */
test.each([
  [
    'koi8-r',
    ['Война и мир', 'Мастер и Маргарита', 'ПРЕСТУПЛЕНИЕ И НАКАЗАНИЕ'],
    ['f7cfcacec120c920cdc9d2', 'edc1d3d4c5d220c920edc1d2c7c1d2c9d4c1', 'f0f2e5f3f4f5f0ece5eee9e520e920eee1ebe1fae1eee9e5'],
  ],
  [
    'windows-1253',
    ['Η Οδύσσεια', 'Βίος και πολιτεία', 'Ζορμπάς'],
    ['c720cfe4fdf3f3e5e9e1', 'c2dfeff220eae1e920f0efebe9f4e5dfe1', 'c6eff1ecf0dcf2'],
  ],
  [
    'windows-1255',
    ['שיר השירים', 'סיפור על אהבה וחושך', 'התקווה'],
    ['f9e9f820e4f9e9f8e9ed', 'f1e9f4e5f820f2ec20e0e4e1e420e5e7e5f9ea', 'e4faf7e5e5e4'],
  ],
  [
    'windows-1256',
    ['ألف ليلة وليلة', 'موسم الهجرة إلى الشمال', 'الأيام'],
    ['c3e1dd20e1ede1c920e6e1ede1c9', 'e3e6d3e320c7e1e5ccd1c920c5e1ec20c7e1d4e3c7e1', 'c7e1c3edc7e3'],
  ],
  [
    'iso-8859-2',
    ['Żółta łódź podwodna', 'Příliš žluťoučký kůň', 'Gęśla jaźń śpiewała', 'Tűzön átűtő'],
    [
      'aff3b3746120b3f364bc20706f64776f646e61',
      '50f8ed6c69b920be6c75bb6f75e86bfd206bf9f2',
      '47eab66c61206a61bcf120b67069657761b361',
      '54fb7af66e20e174fb74f5',
    ],
  ],
  [
    'windows-1250',
    ['Żółta łódź podwodna', 'Příliš žluťoučký kůň', 'Gęśla jaźń śpiewała', 'Tűzön átűtő'],
    [
      'aff3b3746120b3f3649f20706f64776f646e61',
      '50f8ed6c699a209e6c759d6f75e86bfd206bf9f2',
      '47ea9c6c61206a619ff1209c7069657761b361',
      '54fb7af66e20e174fb74f5',
    ],
  ],
  [
    'latin-1',
    ['«été» à 20°', '£5 für Öl', '¿Qué? ½ año', 'naïve'],
    ['abe974e9bb20e0203230b0', 'a3352066fc7220d66c', 'bf5175e93f20bd2061f16f', '6e61ef7665'],
  ],
] as const)('%s is told by its letters', async (encoding, titles, hex) => {
  const cells = hex.map((title, k) => Buffer.concat([Buffer.from(`u${k},`), Buffer.from(title, 'hex'), Buffer.from('\n')]))
  const file = Buffer.concat([Buffer.from('user,item\n'), ...cells])
  for (const said of [{}, { encoding }])
    expect((await (await importFiles({ 'i.csv': file }, { interactions: 'i.csv', ...said })).dataset.ids('item')).toSorted()).toEqual(
      titles.toSorted(),
    )
})

test('rows that are left out are listed by their lines, whatever else is left out', async () => {
  const rows = ['user,item,rating', 'a,p,1', 'b,,2', 'c,q,x,y', 'NULL,p,3', 'd,p,inf', 'e,q,4', 'f,p,inf']
  const input = { interactions: 'i.csv', badRows: 'skip', missingIds: 'drop' } as const
  const { dataset, manifest } = await importFiles({ 'i.csv': `${rows.join('\n')}\n` }, input)
  expect([manifest.interactions, (await dataset.ids('user')).toSorted()]).toEqual([2, ['a', 'e']])
  const listed = (await readFile(join(dataset.folder, 'skipped-rows.csv'), 'utf8')).trim().split('\n').slice(1)
  expect(listed.map((line) => line.split(',').slice(0, 2))).toEqual([
    ['i.csv', 'line 4'],
    ['i.csv', 'line 6'],
    ['i.csv', 'line 8'],
  ])
  expect(listed[1]).toContain('""user"":""d""')
  expect(
    await failure({ 'i.csv': `${rows.filter((row) => !row.includes('x,y')).join('\n')}\n` }, { interactions: 'i.csv', missingIds: 'drop' }),
  ).toContain('i.csv:5 column "rating"')
})

test('rows that are left out of several files are listed by the file and line of each', async () => {
  const part = (...rows: string[]): string => ['user,item,rating', ...rows].map((row) => `${row}\n`).join('')
  const folder = await filesIn({
    'd/part-0.csv': part(...Array.from({ length: 20 }, (_, k) => `a${k},p,${k}`)),
    'd/part-1.csv': part('c,p,1', 'd,q,inf', 'e,p,inf'),
  })
  const { dataset } = await importFrom(folder, { interactions: 'd', badRows: 'skip' })
  const listed = (await readFile(join(dataset.folder, 'skipped-rows.csv'), 'utf8')).trim().split('\n').slice(1)
  expect(listed.map((line) => line.split(',').slice(0, 2))).toEqual([
    ['part-1.csv', 'line 3'],
    ['part-1.csv', 'line 4'],
  ])
})

test('a table of a folder that has a row amiss is refused, not left out, where its name says what it is', async () => {
  const files = { 'a.csv': 'user,item\na,p\nb,q\na,q\n', 'items.csv': 'item,price\np,1\nq\n' }
  expect(await failure(files, { path: '.' })).toMatch(/items\.csv:3: This row has 1 field/)
  const { manifest } = await importFiles({ ...files, 'items.csv': 'item,price\np,1\nq,2\n', 'notes.csv': 'x,y\n1,2,3\n' }, { path: '.' })
  expect(manifest.warnings.join()).toMatch(/notes\.csv: This file is not used/)
})

test('a quote that is never closed takes no lines with it where bad rows are left out', async () => {
  const rows = ['user,item', 'a,p', 'b,"q', 'c,p', 'd,q']
  expect(await failure({ 'i.csv': `${rows.join('\n')}\n` }, { interactions: 'i.csv', badRows: 'skip' })).toMatch(
    /i\.csv:3: The quote that opens in this row is never closed, and 2 lines behind it/,
  )
})

test('files that are joined: one without a column of the others, and one that is given twice, are refused', async () => {
  const folder = await filesIn({ 'v.csv': 'user,item,rating\na,p,1\nb,q,2\n', 'p.csv': 'user,item\na,q\n' })
  const said = (also: string, badRows: 'fail' | 'skip'): Promise<string> =>
    importFrom(folder, { interactions: 'v.csv', also: [join(folder, also)], badRows }).then(
      ({ said: all }) => all.join('\n'),
      (error: unknown) => (error as Error).message,
    )
  for (const badRows of ['fail', 'skip'] as const)
    expect(await said('p.csv', badRows)).toContain(
      'p.csv: This file has no column "rating", which the others have. Give it one, or say --map weight=none.',
    )
  expect(await said('v.csv', 'fail')).toContain('This file is given twice')
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

test('letters with accents are Latin-1, and a guess can be overruled', async () => {
  const file = Buffer.from('user,item\na,café\nb,Äpfel\nc,déjà\nd,naïve\n', 'latin1')
  const { dataset } = await importFiles({ 'i.csv': file }, { interactions: 'i.csv' })
  expect(await dataset.ids('item')).toEqual(['café', 'déjà', 'naïve', 'Äpfel'])
  expect(await (await importFiles({ 'i.csv': file }, { interactions: 'i.csv', encoding: 'windows-1251' })).dataset.ids('item')).toContain(
    'cafй',
  )
})

test('a byte that is of none of the encodings is refused with its line, not read as a control sign', async () => {
  const file = Buffer.from('user,item\na,x\nb,M\x81ller\n', 'latin1')
  expect(await failure({ 'i.csv': file }, { interactions: 'i.csv' })).toContain('i.csv:3: Byte 0x81 is of no encoding')
  expect((await importFiles({ 'i.csv': file }, { interactions: 'i.csv', encoding: 'latin-1' })).manifest.items).toBe(2)
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
