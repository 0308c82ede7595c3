/** The layouts and file types of the field, written here byte by byte and read back as datasets; real folders where they are present. */
import Database from 'better-sqlite3'
import { DuckDBInstance } from '@duckdb/node-api'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { PARTS } from '../../../main/contract/shapes/dataset.ts'
import type { Dataset } from '../../../main/engine/dataset/dataset.ts'
import { dataFolder } from '../../helpers/data.ts'
import { needing } from '../../helpers/needs.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { filesIn, importFiles, importFrom } from './imported.ts'

/** Every interaction as `user item time part`, in the order of the dataset; without what it does not have. */
async function eventsOf({ dataset }: { dataset: Dataset }): Promise<string[]> {
  const [users, items] = await Promise.all([dataset.ids('user'), dataset.ids('item')])
  const { length, user, item, time, weight, part } = dataset.interactions
  return Array.from({ length }, (_, k) =>
    [users[user[k]!], items[item[k]!], time?.[k], weight?.[k], PARTS[part[k]!]].filter((v) => v !== undefined).join(' '),
  )
}

/** Metadata rows by id. */
async function itemsOf({ dataset }: { dataset: Dataset }, side: 'user' | 'item' = 'item'): Promise<Record<string, unknown>> {
  const ids = await dataset.ids(side)
  const rows = await dataset.rows(side, [...ids.keys()])
  return Object.fromEntries(rows.map(({ id, ...row }) => [id, row] as const)) as Record<string, unknown>
}

const EVENTS = [
  ['7', '10', 4, 881250949],
  ['7', '20', 5, 881250950],
  ['7', '30', 1, 881250951],
  ['9', '10', 2, 881250952],
  ['9', '30', 3, 881250953],
] as const
const SPLIT = [
  '7 10 881250949 4 train',
  '7 20 881250950 5 validation',
  '7 30 881250951 1 test',
  '9 10 881250952 2 train',
  '9 30 881250953 3 test',
]

describe('MovieLens', () => {
  test('latest: ratings.csv and movies.csv with quoted titles; no genres are none, a year is read from the title', async () => {
    const imported = await importFiles(
      {
        'ml/ratings.csv': `userId,movieId,rating,timestamp\n${EVENTS.map((e) => e.join(',')).join('\n')}\n`,
        'ml/movies.csv':
          'movieId,title,genres\r\n10,"American President, The (1995)",Comedy|Drama\r\n20,"""Great"" One (2001)",(no genres listed)\r\n30,Untitled,Film-Noir\r\n',
      },
      { path: 'ml' },
    )
    expect(await eventsOf(imported)).toEqual(SPLIT)
    expect(await itemsOf(imported)).toEqual({
      10: { title: 'American President, The (1995)', year: 1995, genres: ['Comedy', 'Drama'] },
      20: { title: '"Great" One (2001)', year: 2001, genres: null },
      30: { title: 'Untitled', year: null, genres: ['Film-Noir'] },
    })
    expect(imported.manifest).toMatchObject({ itemTitle: 'title', source: { format: 'movielens' } })
  })

  test('100K: tab-separated u.data, u.item in Latin-1 with genre flags, u.user', async () => {
    const flags = (...on: number[]): string => Array.from({ length: 19 }, (_, i) => Number(on.includes(i))).join('|')
    const imported = await importFiles(
      {
        'ml/u.data': `${EVENTS.map((e) => e.join('\t')).join('\n')}\n`,
        'ml/u.item': Buffer.from(
          `10|Misérables, Les (1995)|01-Jan-1995||http://x|${flags(8, 14)}\n20|"Quoted" (1996)|01-Jan-1996||http://y|${flags(4)}\n30|unknown||||${flags(0)}\n`,
          'latin1',
        ),
        'ml/u.user': '7|24|M|technician|85711\n9|53|F|other|T8H1N\n',
      },
      { path: 'ml' },
    )
    expect(await eventsOf(imported)).toEqual(SPLIT)
    expect(await itemsOf(imported)).toEqual({
      10: { title: 'Misérables, Les (1995)', year: 1995, genres: ['Drama', 'Romance'] },
      20: { title: '"Quoted" (1996)', year: 1996, genres: ["Children's"] },
      30: { title: 'unknown', year: null, genres: [] },
    })
    expect(await itemsOf(imported, 'user')).toEqual({
      7: { age: 24, gender: 'M', occupation: 'technician', zip: '85711' },
      9: { age: 53, gender: 'F', occupation: 'other', zip: 'T8H1N' },
    })
  })

  test('1M: double colons, Latin-1, users.dat', async () => {
    const imported = await importFiles(
      {
        'ml/ratings.dat': `${EVENTS.map((e) => e.join('::')).join('\n')}\n`,
        'ml/movies.dat': Buffer.from('10::Cité: la (1995)::Comedy|Drama\n20::B (1999)::War\n30::C (2000)::Sci-Fi\n', 'latin1'),
        'ml/users.dat': '7::F::1::10::48067\n9::M::56::16::70072\n',
      },
      { path: 'ml' },
    )
    expect(await eventsOf(imported)).toEqual(SPLIT)
    expect((await itemsOf(imported))['10']).toEqual({ title: 'Cité: la (1995)', year: 1995, genres: ['Comedy', 'Drama'] })
    expect((await itemsOf(imported, 'user'))['9']).toEqual({ gender: 'M', age: 56, occupation: '16', zip: '70072' })
  })
})

test('LightGCN: test is given, validation is cut from train by the seed', async () => {
  const files = { 'g/train.txt': '0 3 1 2 4 5 6 7 8 9 10\n1 1 4\n', 'g/test.txt': '0 11\n1 2\n' }
  const imported = await importFiles(files, { path: 'g', validation: 0.2 })
  const events = await eventsOf(imported)
  const of = (part: string): string[] => events.filter((e) => e.endsWith(part)).map((e) => e.split(' ').slice(0, 2).join(' '))
  expect(of('test')).toEqual(['0 11', '1 2'])
  expect(of('validation').filter((e) => e.startsWith('0'))).toHaveLength(2)
  expect(of('train').length + of('validation').length).toBe(12)
  expect(imported.manifest).toMatchObject({ hasOrder: false, hasTime: false, split: { kind: 'given', validationFraction: 0.2 } })
  expect(await eventsOf(await importFiles(files, { path: 'g', validation: 0.2 }))).toEqual(events)
})

test('ordered sequences: a user and the items in order of time', async () => {
  const imported = await importFiles({ 's.txt': 'ann x y z\nbob z x\n' }, { path: 's.txt', format: 'sequence' })
  expect(await eventsOf(imported)).toEqual(['ann x train', 'ann y validation', 'ann z test', 'bob z train', 'bob x test'])
  expect(imported.manifest).toMatchObject({ hasOrder: true, hasTime: false })
})

test('Inside Airbnb: reviews are interactions, prices numbers, amenities tags; figures about the past are left out', async () => {
  const imported = await importFiles(
    {
      'a/listings.csv.gz': gzipSync(
        'id,name,description,latitude,longitude,room_type,price,amenities,number_of_reviews\n' +
          '11,Loft,"A loft\nwith a view",42.65,-73.75,Entire home/apt,"$1,150.00","[""Wifi"", ""Bath tub""]",3\n' +
          '12,Room,,42.66,-73.76,Private room,$80.00,[],0\n',
      ),
      'a/reviews.csv':
        'listing_id,id,date,reviewer_id,reviewer_name,comments\n11,1,2024-01-02,500,Ann,Nice\n12,2,2024-02-02,500,Ann,"So\nso"\n',
    },
    { path: 'a' },
  )
  expect(await eventsOf(imported)).toEqual(['500 11 1704153600 train', '500 12 1706832000 test'])
  expect((await itemsOf(imported))['11']).toMatchObject({
    name: 'Loft',
    description: 'A loft\nwith a view',
    price: 1150,
    amenities: ['Wifi', 'Bath tub'],
  })
  const kinds = Object.fromEntries(imported.manifest.itemColumns.map(({ name, kind }) => [name, kind]))
  expect(kinds).toMatchObject({
    description: 'text',
    latitude: 'latitude',
    longitude: 'longitude',
    price: 'number',
    amenities: 'tags',
    number_of_reviews: 'ignore',
  })
})

describe('one table, whatever file it is in', () => {
  const rows = [
    ['ann', 'x', '2024-01-01T00:00:00Z'],
    ['ann', 'y', '2024-01-02T00:00:00Z'],
    ['bob', 'x', '2024-01-03T00:00:00Z'],
  ] as const
  const expected = ['ann x 1704067200 train', 'ann y 1704153600 test', 'bob x 1704240000 train']
  const csv = `user,item,time\n${rows.map((r) => r.join(',')).join('\n')}\n`

  test.each<[string, string, string | Uint8Array]>([
    ['CSV', 'i.csv', csv],
    ['CSV with a byte order mark and CRLF', 'i.csv', `\uFEFF${csv.replaceAll('\n', '\r\n')}`],
    ['gzipped CSV', 'i.csv.gz', gzipSync(csv)],
    ['semicolons', 'i.csv', csv.replaceAll(',', ';')],
    ['TSV', 'i.tsv', csv.replaceAll(',', '\t')],
    ['JSON Lines', 'i.jsonl', rows.map(([user, item, time]) => JSON.stringify({ user, item, time })).join('\n')],
    ['epoch seconds', 'i.csv', 'user,item,time\nann,x,1704067200\nann,y,1704153600\nbob,x,1704240000\n'],
    ['epoch milliseconds', 'i.csv', 'user,item,time\nann,x,1704067200000\nann,y,1704153600000\nbob,x,1704240000000\n'],
  ])('%s', async (_, file, content) => {
    expect(await eventsOf(await importFiles({ [file]: content }, { interactions: file }))).toEqual(expected)
  })

  test('columns by position where there is no header', async () => {
    const imported = await importFiles(
      { 'i.csv': rows.map(([user, item, time]) => `${time},${item},${user}`).join('\n') },
      { interactions: 'i.csv', header: 'no', map: 'user=3,item=2,time=1' },
    )
    expect(await eventsOf(imported)).toEqual(expected)
  })

  test('Parquet, written by DuckDB', async () => {
    const folder = await temporaryFolder()
    const connection = await (await DuckDBInstance.create()).connect()
    const values = rows.map(([user, item, time]) => `('${user}', '${item}', TIMESTAMPTZ '${time}')`).join(', ')
    await connection.run(
      `COPY (SELECT * FROM (VALUES ${values}) t("user", item, "time")) TO '${join(folder, 'i.parquet')}' (FORMAT parquet)`,
    )
    connection.closeSync()
    expect(await eventsOf(await importFrom(folder, { interactions: 'i.parquet' }))).toEqual(expected)
  })

  test('a table of a SQLite file, written by SQLite', async () => {
    const folder = await temporaryFolder()
    const database = new Database(join(folder, 'i.sqlite'))
    database.exec('CREATE TABLE plays (user TEXT, item TEXT, time TEXT)')
    for (const row of rows) database.prepare('INSERT INTO plays VALUES (?, ?, ?)').run(...row)
    database.close()
    expect(await eventsOf(await importFrom(folder, { interactions: 'i.sqlite#plays' }))).toEqual(expected)
  })

  test('Latin-1, also where the file’s first kilobytes are plain ASCII', async () => {
    const filler = Array.from({ length: 3000 }, (_, i) => `u${i},i${i % 7},${1_700_000_000 + i}`).join('\n')
    const file = Buffer.from(`user,item,time\n${filler}\nzoé,crème brûlée,1700009999\n`, 'latin1')
    const { dataset } = await importFiles({ 'i.csv': file }, { interactions: 'i.csv' })
    expect(await dataset.ids('user')).toContain('zoé')
    expect(await dataset.ids('item')).toContain('crème brûlée')
  })
})

test('guesses are told and can be corrected', async () => {
  const files = await filesIn({
    'i.csv': 'user,item,time\na,x,1704067200\na,y,1704153600\nb,x,1704240000\n',
    'items.csv': 'item,tags,length,born,vec\nx,a|b,1.5,2020-05-01,"[0.1, 0.2, -0.3, 0.4]"\ny,b,2.5,2021-05-01,"[0.3, 0.1, 0.9, -1.5]"\n',
  })
  const guessed = await importFrom(files, { interactions: 'i.csv', items: 'items.csv' })
  const corrected = await importFrom(files, { interactions: 'i.csv', items: 'items.csv', kinds: 'items.length=category,born=ignore' })
  const kinds = ({ manifest }: typeof guessed): unknown => Object.fromEntries(manifest.itemColumns.map(({ name, kind }) => [name, kind]))
  expect(kinds(guessed)).toEqual({ tags: 'tags', length: 'number', born: 'time', vec: 'vector' })
  expect(kinds(corrected)).toEqual({ tags: 'tags', length: 'category', born: 'ignore', vec: 'vector' })
  expect(guessed.said.join('\n')).toMatch(/user = user.*item = item/)
  expect(guessed.manifest.checksum).not.toBe(corrected.manifest.checksum)
  expect((await importFrom(files, { interactions: 'i.csv', items: 'items.csv' })).manifest.checksum).toBe(guessed.manifest.checksum)
})

describe('real folders import with nothing said', () => {
  for (const [name, expected] of [
    ['ml-latest-small', { users: 610, interactions: 100_836 }],
    ['inside-airbnb-albany', { itemTitle: 'name', source: { format: 'airbnb' } }],
    ['inside-airbnb-singapore', { itemTitle: 'name', source: { format: 'airbnb' } }],
  ] as const) {
    const folder = dataFolder(name)
    needing(`data:${name}`).test(name, async () => {
      expect((await importFrom(folder!, { path: '.' })).manifest).toMatchObject(expected)
    })
  }
})

test('columns and ids are read at the same time, each whole', async () => {
  const rows = Array.from({ length: 5000 }, (_, i) => `u${i},i${i % 50},${i}`).join('\n')
  const items = Array.from({ length: 50 }, (_, i) => `i${i},title ${i},${i}`).join('\n')
  const { dataset } = await importFiles(
    { 'i.csv': `user,item,time\n${rows}\n`, 'items.csv': `item,title,price\n${items}\n` },
    { interactions: 'i.csv', items: 'items.csv' },
  )
  const [users, ids, titles, prices, some] = await Promise.all([
    dataset.ids('user'),
    dataset.ids('item'),
    dataset.column('item', 'title'),
    dataset.column('item', 'price'),
    dataset.rows('item', [7, 3]),
  ])
  expect([users.length, ids.length, titles.values.length]).toEqual([5000, 50, 50])
  expect([...prices.values]).toEqual(ids.map((id) => Number(id.slice(1))))
  expect(some.map(({ id }) => id)).toEqual([ids[7], ids[3]])
})
