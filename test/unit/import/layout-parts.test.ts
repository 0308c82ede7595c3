/** Public data in several files of interactions, as their authors split them; archives of them; and what of them cannot be imported. */
import { expect, test } from 'vitest'
import { failure, filesIn, importFiles, importFrom } from './imported.ts'
import { zipOf } from '../../helpers/zip.ts'

const lines = (...rows: readonly string[]): string => rows.map((row) => `${row}\n`).join('')
const json = (...rows: readonly object[]): string => lines(...rows.map((row) => JSON.stringify(row)))

const RECBOLE = 'user_id:token\titem_id:token\trating:float\ttimestamp:float'
const recbole = {
  'd.train.inter': lines(RECBOLE, 'u1\ti1\t5\t100', 'u1\ti2\t4\t200', 'u2\ti1\t3\t150', 'u2\ti3\t3\t250'),
  'd.valid.inter': lines(RECBOLE, 'u1\ti3\t2\t300'),
  'd.test.inter': lines(RECBOLE, 'u2\ti2\t1\t400'),
}
const ML = {
  'u1.base': lines('1\t1\t5\t874965758', '1\t2\t3\t876893171', '2\t1\t4\t888550871', '2\t3\t1\t888551853'),
  'u1.test': lines('1\t3\t4\t878542960', '2\t2\t2\t888552084'),
}
const session = (id: number, ...aids: number[]): object => ({
  session: id,
  events: aids.map((aid, k) => ({ aid, ts: 1_661_724_000_000 + 1000 * (id + k), type: 'clicks' })),
})

test('further parts of a layout are taken with --also, and held out with --test, with or without a header', async () => {
  const folder = await filesIn({
    ...recbole,
    ...ML,
    'train.jsonl': json(session(1, 10, 11), session(2, 10, 12)),
    'test.jsonl': json(session(3, 11, 12), session(4, 10, 11)),
  })
  const at = (name: string): string => `${folder}/${name}`
  const { manifest } = await importFrom(folder, { path: 'd.train.inter', also: [at('d.valid.inter')], test: 'd.test.inter' })
  expect(manifest).toMatchObject({
    source: { format: 'recbole' },
    interactions: 6,
    users: 2,
    items: 3,
    hasWeight: true,
    parts: { test: 1 },
  })
  const ml = await importFrom(folder, { path: 'u1.base', test: 'u1.test' })
  expect(ml.manifest).toMatchObject({ source: { format: 'movielens-100k' }, interactions: 6, parts: { test: 2 } })
  const both = await importFrom(folder, { path: 'u1.base', also: [at('u1.test')] })
  expect(both.manifest).toMatchObject({ source: { format: 'movielens-100k' }, interactions: 6 })
  const otto = await importFrom(folder, { path: 'train.jsonl', also: [at('test.jsonl')] })
  expect(otto.manifest).toMatchObject({ source: { format: 'otto' }, interactions: 8, users: 4, items: 3 })
})

test('a folder of such parts takes one, and says how the others are taken', async () => {
  const { said } = await importFrom(await filesIn(recbole), { path: '' })
  expect(said.filter((text) => text.includes('has the columns of d.train.inter'))).toHaveLength(2)
  expect(said.join()).toContain('--also takes it with them, --test holds it out')
  expect(await failure({ ...recbole, 'o.csv': lines('a,b', 'x,y') }, { path: 'd.train.inter', also: ['/nowhere.csv'] })).toContain(
    'There is no such file',
  )
})

test('Retailrocket in an archive, its properties in two parts; without them nothing is said of properties', async () => {
  const events = lines(
    'timestamp,visitorid,event,itemid,transactionid',
    '1433221332117,1,view,10,',
    '1433224214164,2,view,11,',
    '1433224244164,2,addtocart,10,',
  )
  const properties = (...rows: string[]): string => lines('timestamp,itemid,property,value', ...rows)
  const folder = await filesIn({})
  await zipOf(folder, 'x.zip', {
    'inner/events.csv': events,
    'inner/item_properties_part1.csv': properties('1433041200000,10,categoryid,5', '1433646000000,10,categoryid,6'),
    'inner/item_properties_part2.csv': properties('1433041200000,11,categoryid,7'),
  })
  const { manifest, dataset, said } = await importFrom(folder, { path: 'x.zip' })
  expect(manifest).toMatchObject({ source: { format: 'retailrocket' }, interactions: 3, users: 2, items: 2 })
  const column = await dataset.column('item', 'categoryid')
  expect(column.storage === 'text' && [...column.values].toSorted()).toEqual(['6', '7'])
  expect(said.join()).toContain('commonest properties')
  const alone = await importFiles({ 'events.csv': events }, { path: 'events.csv' })
  expect(alone.said.join()).not.toContain('commonest properties')
})

const NEWS = lines('N1\tnews\tworld\tOne\tText\thttps://x/1\t[]\t[]', 'N2\tsports\tgolf\tTwo\tText\thttps://x/2\t[]\t[]')
const IMPRESSIONS = lines(
  '1\tU1\t11/11/2019 9:00:00 AM\t\tN1-1 N2-0',
  '2\tU1\t11/11/2019 11:00:02 AM\tN2 N1\tN2-1 N1-0',
  '3\tU2\t11/12/2019 8:00:00 AM\tN2\tN1-1',
)

test('MIND: an empty history of the first impression is empty', async () => {
  const { dataset } = await importFrom(await filesIn({ 'behaviors.tsv': IMPRESSIONS, 'news.tsv': NEWS }), { path: '' })
  const history = await dataset.column('user', 'history')
  const users = await dataset.ids('user')
  expect(history.storage === 'list' && [history.values[users.indexOf('U1')], history.values[users.indexOf('U2')]]).toEqual([null, ['N2']])
})

test('MIND: two parts in a folder are named, and impressions without labels are refused as such', async () => {
  const both = { 'train/behaviors.tsv': IMPRESSIONS, 'train/news.tsv': NEWS, 'dev/behaviors.tsv': IMPRESSIONS, 'dev/news.tsv': NEWS }
  expect(await failure(both, { path: '' })).toMatch(/It holds the folders "dev", "train": choose one of them\./)
  const unlabelled = {
    'behaviors.tsv': lines('1\tU1\t11/11/2019 9:05:58 AM\tN1 N2\tN1 N2', '2\tU2\t11/11/2019 9:06:58 AM\tN1\tN2'),
    'news.tsv': NEWS,
  }
  expect(await failure(unlabelled, { path: '' })).toMatch(/behaviors\.tsv: These impressions of MIND have no labels/)
})

test('intervals are no lists: their brackets are of two kinds', async () => {
  const bands = ['(-1, 5]', '(5, 10]', '[0,10)', '(10, 20]']
  const items = lines('item,band', ...bands.flatMap((band, k) => [`i${k},"${band}"`, `j${k},"${band}"`]))
  const { manifest, dataset } = await importFiles(
    { 'i.csv': lines('user,item', 'u,i0', 'u,i1', 'v,j0'), 'items.csv': items },
    { interactions: 'i.csv', items: 'items.csv' },
  )
  expect(manifest.itemColumns).toMatchObject([{ name: 'band', kind: 'category' }])
  const column = await dataset.column('item', 'band')
  expect(column.storage === 'text' && new Set(column.values)).toEqual(new Set(bands))
})

test('lists of structures are pointed to where an id is looked for', async () => {
  const rows = json(
    { user_id: 'a', link: 'http://x/a', reviews: [{ item_id: 'p', ok: true }] },
    {
      user_id: 'b',
      link: 'http://x/b',
      reviews: [
        { item_id: 'q', ok: false },
        { item_id: 'p', ok: true },
      ],
    },
  )
  const files = { 'r.jsonl': rows }
  expect(await failure(files, { interactions: 'r.jsonl' })).toMatch(/column "reviews": .*--unroll reviews .*--map item=reviews\.FIELD/)
  const { manifest } = await importFiles(files, { interactions: 'r.jsonl', unroll: 'reviews', map: 'user=user_id,item=reviews.item_id' })
  expect(manifest).toMatchObject({ interactions: 3, users: 2, items: 2 })
})

test('a row for each user with a list of structures is no row of an interaction', async () => {
  const lists = Array.from({ length: 8 }, (_, k) => ({
    name: `list ${k}`,
    pid: k,
    modified_at: 1_493_424_000 + k,
    tracks: [
      { pos: 0, track_uri: `t${k % 3}` },
      { pos: 1, track_uri: `t${(k + 1) % 3}` },
    ],
  }))
  const files = { 'slice.json': JSON.stringify({ info: { version: 'v1' }, playlists: lists }) }
  expect(await failure(files, { path: 'slice.json' })).toMatch(/column "tracks": .*--unroll tracks .*--map item=tracks\.FIELD/)
  const { manifest } = await importFiles(files, { path: 'slice.json', unroll: 'tracks', map: 'user=pid,item=tracks.track_uri' })
  expect(manifest).toMatchObject({ interactions: 16, users: 8, items: 3 })
})

test('times in structures are pointed to', async () => {
  const rows = json(...[1, 2, 3].map((k) => ({ user: `u${k % 2}`, item: `i${k}`, ts: { $date: 1_700_000_000_000 + k } })))
  expect(await failure({ 'm.jsonl': rows }, { interactions: 'm.jsonl' })).toMatch(/column "ts": This column holds structures.*--unroll ts/)
})

test('LightGCN: which part is held out hangs on the names, and is told', async () => {
  const files = {
    'train.txt': lines('0 4', '1 3', '2 1', '3 3', '4 0'),
    'test.txt': lines('0 1 2 3', '1 2 5', '2 0 3', '3 0 4 5 1', '4 2 3'),
  }
  const { manifest, said } = await importFrom(await filesIn(files), { path: '.' })
  expect(manifest).toMatchObject({ source: { format: 'lightgcn' }, interactions: 18, parts: { test: 13 } })
  expect(said).toContain('test.txt: held out, as the test part')
})

test('metadata of two numberings: the one that the interactions have is taken, and said', async () => {
  const books = ['id,book_id,title', '1,2767052,Title 1', '2,3,Title 2', '3,41865,Title 3', '4,2657,Title 4']
  const ratings = ['book_id,user_id,rating', '3,100,4', '1,100,5', '2,101,3', '4,101,2']
  const { dataset, said } = await importFiles(
    { 'ratings.csv': lines(...ratings), 'books.csv': lines(...books) },
    { interactions: 'ratings.csv', items: 'books.csv' },
  )
  const titles = await dataset.column('item', 'title')
  expect(titles.storage === 'text' && titles.values[(await dataset.ids('item')).indexOf('3')]).toBe('Title 3')
  expect(said.join()).toMatch(/item id = id.*has 100 % of the item ids looked at, "book_id" 25 %/s)
})

test('a file that is in a dataset already is not appended again', async () => {
  const ratings = lines('user,item', 'a,p', 'b,q')
  const folder = await filesIn({ 'one.csv': ratings, 'again.csv': ratings })
  await expect(importFrom(folder, { interactions: 'one.csv', also: [`${folder}/again.csv`] })).rejects.toThrow(
    /holds what one\.csv does, byte for byte/,
  )
})
