/** Columns of a log that tell of its items and users become their tables, where it has none: which are taken, with which values, and what is said. */
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Duck, sqlFile } from '../../../main/engine/dataset/duck.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { failure, filesIn, importFiles, importFrom, type Imported } from './imported.ts'

type Row = Readonly<Record<string, string | number>>

/** Rows of 12 users and 24 items, each item several times. @param more further cells of a row */
const market = (more: (row: { u: number; i: number; k: number }) => Row, rows = 240): Row[] =>
  Array.from({ length: rows }, (_, k) => {
    const [u, i] = [(k * 7 + Math.floor(k / 24)) % 12, (k * 5) % 24]
    return { user: `u${u}`, item: `i${i}`, time: 1_700_000_000 + k * 60, ...more({ u, i, k }) }
  })
const quoted = (cell: string | number): string => (/[",\n]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : String(cell))
const csv = (rows: readonly Row[]): string =>
  [Object.keys(rows[0]!), ...rows.map((row) => Object.values(row))].map((cells) => cells.map(quoted).join(',')).join('\n') + '\n'
const byId = async ({ dataset }: Imported, side: 'user' | 'item'): Promise<Record<string, Record<string, unknown>>> => {
  const ids = await dataset.ids(side)
  const rows = await dataset.rows(
    side,
    ids.map((_, k) => k),
  )
  return Object.fromEntries(
    ids.map((id, k) => {
      const { id: _, ...values } = rows[k]!
      return [id, values]
    }),
  )
}
async function parquetFile(select: string): Promise<string> {
  const folder = await temporaryFolder()
  const duck = await Duck.open({ threads: 1, memoryLimit: '200MB', spillIn: folder })
  try {
    await duck.run(`COPY (${select}) TO ${sqlFile(join(folder, 'log.parquet'))} (FORMAT parquet)`)
  } finally {
    await duck.close()
  }
  return join(folder, 'log.parquet')
}
const namesOf = ({ manifest }: Imported): Record<'item' | 'user', string[]> => ({
  item: manifest.itemColumns.map(({ name, kind }) => `${name} ${kind}`),
  user: manifest.userColumns.map(({ name, kind }) => `${name} ${kind}`),
})

const shop = market(({ u, i, k }) => ({
  title: `The thing no. ${i}`,
  category: ['shoes', 'books', 'toys'][i % 3]!,
  price: 9.5 + i,
  city: ['Porto', 'Faro', 'Braga'][u % 3]!,
  device: ['ios', 'web'][(k * k) % 7 > 2 ? 1 : 0]!,
  source: 'web',
  paid: 5 + (k % 11),
}))

test('what an item or a user keeps becomes a column of it; what varies and what is the same everywhere is told and left', async () => {
  const found = await importFiles({ 'log.csv': csv(shop) }, { interactions: 'log.csv' })
  expect(namesOf(found)).toEqual({ item: ['title text', 'category category', 'price number'], user: ['city category'] })
  expect(found.manifest.itemTitle).toBe('title')
  expect((await byId(found, 'item'))['i7']).toMatchObject({ title: 'The thing no. 7', category: 'books', price: 16.5 })
  expect((await byId(found, 'user'))['u4']).toMatchObject({ city: 'Faro' })
  expect(found.manifest).toMatchObject({ users: 12, items: 24, warnings: [] })
  expect(found.said).toContain(
    'log.csv: columns of the item: title (text), category (category), price (number); title = title; others are named with --item-columns',
  )
  expect(found.said).toContain('log.csv: columns of the user: city (category); others are named with --user-columns')
  const left = found.said.filter((line) => line.includes('is not used'))
  expect(left).toHaveLength(3)
  expect(left[0]).toMatch(
    /^log\.csv: the column "device" is not used: it varies within .* % of the items and 100 % of the users; to take it: --item-columns, --user-columns$/,
  )
  expect(left[1]).toMatch(/"source" is not used: it has one value;/)
  expect(found.manifest.recipe).toMatchObject({ itemColumns: 'title,category,price', userColumns: 'city' })
})

test('columns are said, by name or position; none leaves all; what is wrong with them is told with the flag', async () => {
  const files = { 'log.csv': csv(shop), 'items.csv': 'item,colour\ni1,red\ni2,blue\n' }
  const said = await importFiles(files, { interactions: 'log.csv', itemColumns: '5,paid', userColumns: 'none' })
  expect(namesOf(said)).toEqual({ item: ['category category', 'paid number'], user: [] })
  expect(said.manifest.warnings.join()).toMatch(
    /Column "paid": 24 of 24 items with several rows have several values, of which the newest counts\. Of "i0" it is "\d+" \(log\.csv:\d+\), and not "\d+" \(log\.csv:\d+\)\./,
  )
  expect(namesOf(await importFiles(files, { interactions: 'log.csv', itemColumns: 'none', userColumns: 'none' }))).toEqual({
    item: [],
    user: [],
  })
  expect(await failure(files, { interactions: 'log.csv', itemColumns: 'titel' })).toMatch(/no column "titel"; did you mean "title"/)
  expect(await failure(files, { interactions: 'log.csv', itemColumns: 'time' })).toMatch(/"time" is the time of the interactions/)
  expect(await failure(files, { interactions: 'log.csv', itemColumns: 'city', userColumns: 'city' })).toMatch(/cannot describe both/)
  expect(await failure(files, { interactions: 'log.csv', items: 'items.csv', itemColumns: 'title' })).toMatch(/described by items\.csv/)
  expect(await failure(files, { interactions: 'log.csv', userColumns: 'city', sessionGap: '30m' })).toMatch(/users are sessions/)
  expect(await failure(files, { interactions: 'log.csv', kinds: 'device=category' })).toMatch(
    /take it with --item-columns, or with --user-columns/,
  )
  expect(await failure(files, { interactions: 'log.csv', map: 'title=nothing' })).toMatch(/no column "nothing"/)
  expect(await failure(files, { interactions: 'log.csv', map: 'title=time' })).toMatch(
    /"time" is the time of the interactions and no title/,
  )
  expect(await failure(files, { interactions: 'log.csv', map: 'title=city', userColumns: 'city' })).toMatch(/both the item and the user/)
})

test('a table that is given describes its side; the other side has what the log tells', async () => {
  const files = { 'log.csv': csv(shop), 'items.csv': 'item,colour\ni1,red\ni2,blue\n' }
  const found = await importFiles(files, { interactions: 'log.csv', items: 'items.csv' })
  expect(namesOf(found)).toEqual({ item: ['colour category'], user: ['city category'] })
  expect(found.manifest.recipe).not.toHaveProperty('itemColumns')
})

test('kinds and title are said as of any table; a title that varies is taken where it is said', async () => {
  const rows = market(({ i, k }) => ({ 'product, "long"': k % 5 === 0 ? `thing ${i} anew` : `thing ${i}`, price: `1.${i}0,5` }))
  const found = await importFiles(
    { 'log.csv': csv(rows) },
    { interactions: 'log.csv', map: 'title="product, ""long"""', kinds: 'items.price=category' },
  )
  expect(namesOf(found)).toEqual({ item: ['product, "long" text', 'price category'], user: [] })
  expect(found.manifest.itemTitle).toBe('product, "long"')
  const again = await importFiles({ 'log.csv': csv(rows) }, { interactions: 'log.csv', itemColumns: '"product, ""long"""' })
  expect(again.manifest.recipe).toMatchObject({ itemColumns: '"product, ""long"""' })
  expect(namesOf(again).item).toEqual(['product, "long" text'])
})

test('a cell that a said kind does not read is refused at its place in the log', async () => {
  const rows = market(({ i, k }) => ({ price: i === 3 ? (k > 200 ? 'cheap' : '3') : String(i) }))
  const message = await failure({ 'log.csv': csv(rows) }, { interactions: 'log.csv', itemColumns: 'price', kinds: 'price=number' })
  const line = rows.findLastIndex(({ price }) => price === 'cheap') + 2
  expect(message).toMatch(/"cheap" is no number/)
  await expect(
    importFiles({ 'log.csv': csv(rows) }, { interactions: 'log.csv', itemColumns: 'price', kinds: 'price=number' }),
  ).rejects.toMatchObject({ place: `log.csv:${line} column "price"` })
})

test.each<[string, Row[], { item: string[]; user: string[] }]>([
  // of each row: nothing says that the item keeps it
  ['a column of rows', market(({ k }) => ({ note: `row ${k}` })), { item: [], user: [] }],
  // of each row, and next to every item has one row
  [
    'items of one row',
    Array.from({ length: 100 }, (_, k) => ({
      user: `u${k % 9}`,
      item: `i${k < 99 ? k : 0}`,
      time: k,
      note: `note ${k}`,
      one: `one ${k % 99}`,
    })),
    { item: [], user: [] },
  ],
  ['one value but for a few rows', market(({ k }) => ({ device: k % 120 === 7 ? 'ios' : 'web' })), { item: [], user: [] }],
  ['a column of what happened so far', market(({ k }) => ({ sold: Math.floor(k / 24) })), { item: [], user: [] }],
  [
    'a rare property that items keep',
    market(({ i }) => ({ adult: i === 5 || i === 9 ? 'yes' : 'no' })),
    { item: ['adult category'], user: [] },
  ],
  // each user has one item: names say whose it is, else whom it tells apart
  [
    'a user is an item',
    Array.from({ length: 200 }, (_, k) => ({
      who: `u${k % 40}`,
      item: `i${k % 20}`,
      time: k,
      title: `thing ${k % 20}`,
      'customer city': `c${k % 20}`,
    })),
    { item: ['title text'], user: ['customer city category'] },
  ],
])('%s', async (_, rows, expected) => {
  const found = await importFiles(
    { 'log.csv': csv(rows) },
    { interactions: 'log.csv', ...(rows[0]!['who'] !== undefined && { map: 'user=who' }) },
  )
  expect(namesOf(found)).toEqual(expected)
})

test('of a handful of rows a name has to say whose a column is', async () => {
  const log = 'user,item,title,colour\na,1,One,red\na,2,Two,blue\nb,1,One,red\nb,3,Three,red\nc,2,Two,blue\n'
  const found = await importFiles({ 'log.csv': log }, { interactions: 'log.csv' })
  expect(namesOf(found)).toEqual({ item: ['title text'], user: [] })
  expect(found.said.join()).toMatch(/"colour" is not used: it varies within 50 % of the users, too few items have several rows to tell/)
})

test("a shop's export in GBK, with its own names and one that is not UTF-8", async () => {
  const gbk = new Map<string, number[]>()
  const decoder = new TextDecoder('gb18030')
  for (let high = 0xb0; high < 0xf8; high++)
    for (let low = 0xa1; low < 0xff; low++) gbk.set(decoder.decode(Uint8Array.of(high, low)), [high, low])
  const bytes = (text: string): Uint8Array => Uint8Array.from([...text].flatMap((sign) => gbk.get(sign) ?? [...Buffer.from(sign)]))
  const text = csv(
    market(({ u, i, k }) => ({
      商品名称: `轻便男鞋${i}号`,
      类目: ['玩具', '零食', '家居'][i % 3]!,
      收货城市: ['北京', '上海'][u % 2]!,
      数量: 1 + ((k * k) % 7),
    })),
  ).replace('user,item,time', '买家编号,商品编号,下单时间')
  const found = await importFiles({ '订单.csv': bytes(text) }, { interactions: '订单.csv' })
  expect(namesOf(found)).toEqual({ item: ['商品名称 text', '类目 category'], user: ['收货城市 category'] })
  expect(found.manifest.itemTitle).toBe('商品名称')
  expect((await byId(found, 'item'))['i5']).toEqual({ 商品名称: '轻便男鞋5号', 类目: '家居' })
})

test('an unrolled log has the fields of its structures, a headerless one columns by their places', async () => {
  const nested = shop.map(({ user, item, time, title, city }) => ({
    at: time,
    user: { id: user, city },
    item: { id: item, title, tags: ['a', `t${String(title).length % 3}`] },
  }))
  const lines = `${nested.map((row) => JSON.stringify(row)).join('\n')}\n`
  const offered = await failure({ 'log.jsonl': lines }, { interactions: 'log.jsonl' })
  expect(offered).toContain("With --unroll 'user,item' their fields are columns")
  const found = await importFiles({ 'log.jsonl': lines }, { interactions: 'log.jsonl', unroll: 'user,item' })
  expect(namesOf(found)).toEqual({ item: ['item.title text', 'item.tags tags'], user: ['user.city category'] })
  expect(found.manifest.itemTitle).toBe('item.title')
  const plain = market(({ i, k }) => ({ genre: ['rock', 'pop', 'jazz'][i % 3]!, device: ['phone', 'tv'][(k * k) % 7 > 2 ? 1 : 0]! }))
  const tsv = plain.map((row) => Object.values(row).join('\t')).join('\n')
  const headless = await importFiles({ 'plays.tsv': `${tsv}\n` }, { interactions: 'plays.tsv', map: 'user=1,item=2' })
  expect(namesOf(headless)).toEqual({ item: ['column4 category'], user: [] })
  expect(headless.said.join()).toContain('"column5" is not used')
})

test('words for nothing are no values where numbers are, and are where texts are; an item with none has none', async () => {
  const rows = market(({ i, k }) => ({
    price: i === 2 ? 'NA' : k > 120 && i === 3 ? '-' : `${i}`,
    genre: i === 4 ? '' : i === 5 && k > 120 ? 'None' : 'Rock',
  }))
  const found = await importFiles({ 'log.csv': csv(rows) }, { interactions: 'log.csv', itemColumns: 'price,genre' })
  const items = await byId(found, 'item')
  expect(items['i2']).toMatchObject({ price: null, genre: 'Rock' })
  expect(items['i3']).toMatchObject({ price: 3 })
  expect(items['i4']).toMatchObject({ genre: null })
  expect(items['i5']).toMatchObject({ genre: 'None' })
})

test('rows of a test file describe what is there alone; rows outside the window and rows that are left out describe nothing', async () => {
  const train = 'user,item,time,tag\na,1,10,old\na,2,11,two\nb,1,12,old\nb,2,13,two\n,1,14,lost\n'
  const held = 'user,item,time,tag\na,1,20,new\nb,3,21,three\n'
  const folder = await filesIn({ 'train.csv': train, 'test.csv': held })
  const found = await importFrom(folder, { interactions: 'train.csv', test: 'test.csv', itemColumns: 'tag', missingIds: 'drop' })
  expect(await byId(found, 'item')).toMatchObject({ 1: { tag: 'old' }, 2: { tag: 'two' }, 3: { tag: 'three' } })
  expect(found.said).toContain('test.csv: its rows describe who or what is in no other')
  const until = await importFrom(folder, { interactions: 'test.csv', to: '21', itemColumns: 'tag' })
  expect(await byId(until, 'item')).toMatchObject({ 1: { tag: 'new' } })
  expect(until.manifest.items).toBe(1)
})

test('whoever takes a column by its first rows has it checked on all', async () => {
  const rows = Array.from({ length: 9000 }, (_, k) => ({
    user: `u${k % 50}`,
    item: `i${k % 60}`,
    time: k,
    rank: k < 3000 ? k % 60 : (k * 7) % 61,
  }))
  const wide = rows.map((row) => ({ ...row, ...Object.fromEntries(Array.from({ length: 60 }, (_, c) => [`x${c}`, 1])) }))
  const found = await importFiles({ 'log.csv': csv(wide) }, { interactions: 'log.csv' })
  expect(namesOf(found)).toEqual({ item: [], user: [] })
})

test('lists, dates and numbers of typed files are read as those of any table', async () => {
  const lines = shop.map((row, k) =>
    JSON.stringify({
      ...row,
      tags: [`t${Number(String(row['item']).slice(1)) % 4}`, 'all'],
      born: `19${50 + Number(String(row['user']).slice(1))}-02-03`,
      k,
    }),
  )
  const found = await importFiles({ 'log.jsonl': `${lines.join('\n')}\n` }, { interactions: 'log.jsonl' })
  expect(namesOf(found)).toEqual({
    item: ['title text', 'category category', 'price number', 'tags tags'],
    user: ['city category', 'born time'],
  })
  expect((await byId(found, 'item'))['i6']).toMatchObject({ tags: ['t2', 'all'] })
  const parquet = await parquetFile(
    `SELECT 'u' || ((k * 7 + k // 24) % 12) AS "user", (k * 5) % 24 AS item, DATE '2024-01-01' + CAST(k AS INTEGER) AS time, DATE '2020-01-01' + CAST((k * 5) % 24 AS INTEGER) AS released, CAST((k * 5) % 24 AS DECIMAL(9,2)) / 4 AS price, ['a' || ((k * 5) % 3)] AS tags FROM range(240) t(k)`,
  )
  const typed = await importFrom('/', { interactions: parquet })
  expect(namesOf(typed).item).toEqual(['released time', 'price number', 'tags tags'])
  expect((await byId(typed, 'item'))['7']).toMatchObject({ price: 1.75, released: Date.UTC(2020, 0, 8) / 1000, tags: ['a1'] })
})

test('floating ids are those of the interactions, and event types are no matter', async () => {
  const rows = market(({ i, k }) => ({ name: `thing ${i}`, event: k % 2 === 0 ? 'view' : 'buy' })).map((row) => ({
    ...row,
    item: `${String(row['item']).slice(1)}.0`,
  }))
  const found = await importFiles({ 'log.csv': csv(rows) }, { interactions: 'log.csv', events: 'view,buy' })
  expect((await byId(found, 'item'))['11']).toMatchObject({ name: 'thing 11' })
  expect(found.manifest.events).toEqual(['buy', 'view'])
  expect(found.manifest.warnings.filter((text) => text.includes('floating'))).toHaveLength(1)
})

test('a table of a log is the newest value that is there, column by column, as a plain reading has it', async () => {
  const cell = fc.constantFrom('', 'red', 'blue', 'green', ' a b ', '"q"')
  const row = fc.record({
    user: fc.constantFrom('a', 'b'),
    item: fc.constantFrom('x', 'y', 'z'),
    time: fc.integer({ min: 0, max: 5 }),
    one: cell,
    two: cell,
  })
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 30 }), fc.boolean(), async (rows, timed) => {
      const shown = rows.map(({ time, ...others }) => (timed ? { ...others, time: 1_700_000_000 + time } : others))
      const options = {
        itemColumns: 'one,two',
        userColumns: 'none',
        kinds: 'one=id,two=id',
        map: `time=${timed ? 'time' : 'none'}`,
        split: 'random:0.000001',
      }
      const found = await importFiles({ 'log.csv': csv(shown) }, { interactions: 'log.csv', format: 'table', ...options })
      const newest = timed ? rows.toSorted((a, b) => a.time - b.time) : rows
      const expected: Record<string, Record<string, string | null>> = {}
      for (const { item, one, two } of newest) {
        const known = (expected[item] ??= { one: null, two: null })
        if (one !== '') known['one'] = one
        if (two !== '') known['two'] = two
      }
      expect(await byId(found, 'item')).toEqual(expected)
    }),
    { numRuns: 40 },
  )
})

test('several files: parts, further files, and files that are appended', async () => {
  const [first, second] = [shop.slice(0, 120), shop.slice(120)]
  const folder = await filesIn({
    'log/part-0.csv': csv(first),
    'log/part-1.csv': csv(second),
    'views.csv': csv(first),
    'buys.csv': csv(second),
  })
  const whole = await importFiles({ 'log.csv': csv(shop) }, { interactions: 'log.csv' })
  const parts = await importFrom(folder, { path: 'log' })
  expect(parts.manifest.checksum).toBe(whole.manifest.checksum)
  const also = await importFrom(folder, { interactions: 'views.csv', also: [join(folder, 'buys.csv')] })
  expect(namesOf(also)).toEqual(namesOf(whole))
})
