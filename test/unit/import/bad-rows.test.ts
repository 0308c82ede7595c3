/** Rows that cannot be read: refused with their place, or left out when asked, each in a list with its file and line. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { failure, filesIn, importFiles, importFrom } from './imported.ts'

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
  // said, not guessed: what is sampled of a few rows in two files is not always the same
  const { dataset } = await importFrom(folder, { interactions: 'd', map: 'user=user,item=item,weight=rating', badRows: 'skip' })
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

test('a file that writes the name of a column in another case has that column, and its bad cell is told', async () => {
  const folder = await filesIn({ 'v.csv': 'user,item,rating\na,p,1\nb,q,2\n', 'p.csv': 'user,item,Rating\na,q,high\n' })
  const wrong = importFrom(folder, { interactions: 'v.csv', also: [join(folder, 'p.csv')] })
  await expect(wrong).rejects.toThrow(/^p\.csv:2 column "rating": "high" is no finite number/)
})
