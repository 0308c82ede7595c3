/**
 * Every public layout, with a fixture made by hand in its real form: it imports with nothing said, and again with its files renamed, its rows
 * in another order and a column added. What is expected is counted from the fixture by hand, not by the importer.
 */
import { basename, extname } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { LAYOUT_NAMES, type LayoutName } from '../../../main/contract/layouts.ts'
import { inspectInput } from '../../../main/contract/verbs/datasets.ts'
import { inspectFiles } from '../../../main/engine/import/inspect-files.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { filesIn, importFrom, type Imported } from './imported.ts'

/** A table: its rows as text, and what a further column looks like. */
interface Table {
  readonly header?: string
  readonly rows: readonly string[]
  /** behind a row; null: the form has no columns to add to */
  readonly more: string | ((row: string) => string) | null
  readonly latin1?: boolean
}

interface Fixture {
  readonly files: Readonly<Record<string, Table>>
  readonly events: number
  readonly users: number
  readonly items: number
  readonly check?: (imported: Imported) => Promise<void> | void
}

const table = (header: string, rows: readonly string[], delimiter = ','): Table => ({ header, rows, more: `${delimiter}7` })
const bare = (rows: readonly string[], delimiter: string): Table => ({ rows, more: `${delimiter}7` })
const json = (rows: readonly object[]): Table => ({
  rows: rows.map((row) => JSON.stringify(row)),
  more: (row) => row.replace(/\}$/, ',"added":"7"}'),
})

/** Lines of Python literals. */
const literals = (rows: readonly string[]): Table => ({ rows, more: (row) => row.replace(/\}$/, ", 'added': '7'}") })

async function itemRow({ dataset }: Imported, id: string): Promise<Record<string, unknown>> {
  const ids = await dataset.ids('item')
  const [row] = await dataset.rows('item', [ids.indexOf(id)])
  return row as Record<string, unknown>
}
const eventCounts = ({ manifest }: Imported): Record<string, number> =>
  Object.fromEntries(manifest.events.map((event, k) => [event, manifest.profile.perEvent[k]!]))
const kindsOf = ({ manifest }: Imported): Record<string, string> =>
  Object.fromEntries([...manifest.userColumns, ...manifest.itemColumns].map(({ name, kind }) => [name, kind]))

const venues = ['4bf58dd8d48988d10000000a', '4bf58dd8d48988d10000000b', '4bf58dd8d48988d10000000c']
const sha = (k: number): string => String(k).repeat(40)
const mbid = (k: number): string => `${String(k).repeat(8)}-0000-4000-8000-00000000000${k}`

const FIXTURES: Record<LayoutName, Fixture> = {
  movielens: {
    files: {
      'ratings.csv': table('userId,movieId,rating,timestamp', ['1,10,4.0,964982703', '1,20,3.5,964982704', '2,10,0.5,964982705']),
      'movies.csv': table('movieId,title,genres', [
        '10,"President, The (1995)",Comedy|Drama',
        '20,Untitled,(no genres listed)',
        '30,Never seen (2001),War',
      ]),
      'tags.csv': table('userId,movieId,tag,timestamp', ['1,10,funny,964982703', '2,20,dark,964982703']),
      'links.csv': table('movieId,imdbId,tmdbId', ['10,0114709,862', '20,0113497,8844']),
    },
    events: 3,
    users: 2,
    items: 3,
    check: async (found) => {
      expect(await itemRow(found, '10')).toMatchObject({ title: 'President, The (1995)', year: 1995, genres: ['Comedy', 'Drama'] })
    },
  },
  'movielens-100k': {
    files: {
      'u.data': bare(['196\t242\t3\t881250949', '186\t302\t3\t891717742', '196\t302\t1\t878887116'], '\t'),
      'u.item': {
        ...bare([`242|Misérables, Les (1995)|01-Jan-1995||http://x|${'0|'.repeat(18)}1`, `302|unknown||||1${'|0'.repeat(18)}`], '|'),
        latin1: true,
      },
      'u.user': bare(['196|24|M|technician|85711', '186|53|F|other|94043'], '|'),
      'u.occupation': { rows: ['technician', 'other'], more: null },
    },
    events: 3,
    users: 2,
    items: 2,
    check: async (found) => {
      expect(await itemRow(found, '242')).toMatchObject({ title: 'Misérables, Les (1995)', year: 1995, genres: ['Western'] })
      expect(kindsOf(found)).toMatchObject({ age: 'number', occupation: 'category' })
    },
  },
  'movielens-1m': {
    files: {
      'ratings.dat': bare(['1::1193::5::978300760', '1::661::3::978302109', '2::1193::4::978298413'], '::'),
      'movies.dat': { ...bare(['1193::Cité: la (1995)::Comedy|Drama', '661::James (1996)::Musical'], '::'), latin1: true },
      'users.dat': bare(['1::F::1::10::48067', '2::M::56::16::70072'], '::'),
    },
    events: 3,
    users: 2,
    items: 2,
    check: async (found) => {
      expect(await itemRow(found, '1193')).toMatchObject({ title: 'Cité: la (1995)', genres: ['Comedy', 'Drama'] })
    },
  },
  recbole: {
    files: {
      'ml.inter': table(
        'user_id:token\titem_id:token\trating:float\ttimestamp:float',
        ['u1\ti1\t3\t881250949', 'u1\ti2\t4\t881250950', 'u2\ti1\t1\t881250951'],
        '\t',
      ),
      'ml.item': table(
        'item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\tvec:float_seq',
        ['i1\tToy Story\t1995\tAnimation Comedy\t0.5 1', 'i2\tGolden Eye\t1995\tAction\t1 0'],
        '\t',
      ),
      'ml.user': table('user_id:token\tage:float\tgender:token', ['u1\t24\tM', 'u2\t53\tF'], '\t'),
    },
    events: 3,
    users: 2,
    items: 2,
    check: async (found) => {
      expect(kindsOf(found)).toMatchObject({ movie_title: 'text', release_year: 'category', class: 'tags', vec: 'vector', age: 'number' })
      expect(await itemRow(found, 'i1')).toMatchObject({ class: ['Animation', 'Comedy'] })
    },
  },
  'amazon-2014': {
    files: {
      'reviews.json': json([
        {
          reviewerID: 'A1',
          asin: '000100039X',
          reviewerName: 'Ann',
          helpful: [0, 0],
          reviewText: 'x',
          overall: 5.0,
          summary: 's',
          unixReviewTime: 1390348800,
          reviewTime: '01 22, 2014',
        },
        {
          reviewerID: 'A1',
          asin: 'B000000001',
          reviewerName: 'Ann',
          helpful: [1, 2],
          reviewText: 'y',
          overall: 1.0,
          summary: 's',
          unixReviewTime: 1390348900,
          reviewTime: '01 22, 2014',
        },
        {
          reviewerID: 'A2',
          asin: '000100039X',
          helpful: [0, 0],
          reviewText: 'z',
          overall: 3.0,
          summary: 's',
          unixReviewTime: 1390349000,
          reviewTime: '01 22, 2014',
        },
      ]),
      'meta.json': json([
        {
          asin: '000100039X',
          title: 'The Prophet',
          price: 9.95,
          categories: [
            ['Books', 'Poetry'],
            ['Books', 'Classics'],
          ],
          salesRank: { Books: 1 },
        },
        { asin: 'B000000001', title: 'A thing', price: 1.5, categories: [['Things']], salesRank: { Things: 2 } },
      ]),
    },
    events: 3,
    users: 2,
    items: 2,
    check: async (found) => {
      expect(await itemRow(found, '000100039X')).toMatchObject({ title: 'The Prophet', categories: ['Books', 'Classics', 'Poetry'] })
      expect(kindsOf(found)).toMatchObject({ categories: 'tags', salesRank: 'ignore' })
    },
  },
  'amazon-2018': {
    files: {
      'x.json': json([
        { overall: 5, verified: true, reviewTime: '01 1, 2018', reviewerID: 'A1', asin: 'B1', unixReviewTime: 1514764800, vote: '3' },
        { overall: 4, verified: false, reviewTime: '01 2, 2018', reviewerID: 'A2', asin: 'B1', unixReviewTime: 1514851200 },
      ]),
      'meta.json': json([{ asin: 'B1', title: 'Lamp', category: ['Home', 'Light'], rank: '1 in Home', also_buy: ['B2'] }]),
    },
    events: 2,
    users: 2,
    items: 1,
    check: async (found) => {
      expect(await itemRow(found, 'B1')).toMatchObject({ category: ['Home', 'Light'] })
      expect(kindsOf(found)).toMatchObject({ rank: 'ignore', also_buy: 'ignore' })
    },
  },
  'amazon-2023': {
    files: {
      'x.jsonl': json([
        {
          rating: 5,
          title: 'Good',
          text: 'x',
          asin: 'B1a',
          parent_asin: 'B1',
          user_id: 'AE1',
          timestamp: 1588687728923,
          verified_purchase: true,
        },
        {
          rating: 1,
          title: 'Bad',
          text: 'y',
          asin: 'B2',
          parent_asin: 'B2',
          user_id: 'AE1',
          timestamp: 1588687729923,
          verified_purchase: true,
        },
      ]),
      'meta.jsonl': json([
        {
          main_category: 'All',
          title: 'Cream',
          average_rating: 4.8,
          rating_number: 10,
          price: 12.5,
          categories: ['Beauty'],
          parent_asin: 'B1',
        },
        { main_category: 'All', title: 'Comb', average_rating: 4.1, rating_number: 3, price: null, categories: [], parent_asin: 'B2' },
      ]),
    },
    events: 2,
    users: 1,
    items: 2,
    check: (found) => {
      expect(kindsOf(found)).toMatchObject({ average_rating: 'ignore', rating_number: 'ignore', categories: 'tags' })
    },
  },
  retailrocket: {
    files: {
      'events.csv': table('timestamp,visitorid,event,itemid,transactionid', [
        '1433221332117,1,view,10,',
        '1433221332118,1,addtocart,10,',
        '1433221332119,1,transaction,10,77',
        '1433221332120,2,view,20,',
      ]),
      'item_properties_part1.csv': table('timestamp,itemid,property,value', [
        '1433041200000,10,categoryid,5',
        '1433646000000,10,categoryid,6',
        '1433041200000,10,790,n120.000',
      ]),
      'item_properties_part2.csv': table('timestamp,itemid,property,value', [
        '1433041200000,20,categoryid,7',
        '1433041200000,20,available,1',
      ]),
      'category_tree.csv': table('categoryid,parentid', ['5,1', '6,1', '7,']),
    },
    events: 4,
    users: 2,
    items: 2,
    check: async (found) => {
      expect(eventCounts(found)).toEqual({ addtocart: 1, transaction: 1, view: 2 })
      expect(await itemRow(found, '10')).toMatchObject({ categoryid: '6', available: null })
      expect(await itemRow(found, '20')).toMatchObject({ categoryid: '7', available: '1' })
    },
  },
  mind: {
    files: {
      'behaviors.tsv': bare(
        [
          '1\tU1\t11/11/2019 9:05:58 AM\tN10 N11\tN1-1 N2-0',
          '2\tU2\t11/12/2019 6:11:30 PM\tN12\tN3-0 N1-1',
          '3\tU3\t11/13/2019 12:05:58 AM\t\tN2-1 N1-0 N3-0',
        ],
        '\t',
      ),
      'news.tsv': bare(
        ['N1', 'N2', 'N3', 'N10'].map(
          (id) => `${id}\tnews\tnewsworld\tTitle of ${id}\tAbstract\thttps://assets.msn.com/x.html\t[]\t[{"Label": "x"}]`,
        ),
        '\t',
      ),
    },
    events: 7,
    users: 3,
    items: 4,
    check: async (found) => {
      expect(eventCounts(found)).toEqual({ click: 3, shown: 4 })
      expect(found.manifest.positives).toEqual(['click'])
      const ids = await found.dataset.ids('user')
      expect(await found.dataset.rows('user', [ids.indexOf('U1'), ids.indexOf('U3')])).toMatchObject([
        { history: ['N10', 'N11'] },
        { history: null },
      ])
      expect(Math.min(...found.dataset.interactions.time!)).toBe(Date.UTC(2019, 10, 11, 9, 5, 58) / 1000)
    },
  },
  otto: {
    files: {
      'train.jsonl': json([
        {
          session: 0,
          events: [
            { aid: 1517085, ts: 1659304800025, type: 'clicks' },
            { aid: 1563459, ts: 1659304904511, type: 'carts' },
          ],
        },
        { session: 1, events: [{ aid: 1517085, ts: 1659304800126, type: 'clicks' }] },
      ]),
    },
    events: 3,
    users: 2,
    items: 2,
    check: (found) => {
      expect(eventCounts(found)).toEqual({ carts: 1, clicks: 2 })
    },
  },
  taobao: {
    files: {
      'UserBehavior.csv': bare(
        [
          '1,2268318,2520377,pv,1511544070',
          '1,2333346,2520771,fav,1511561733',
          '2,2268318,2520377,buy,1511572885',
          '2,2576651,149192,cart,1511572886',
        ],
        ',',
      ),
    },
    events: 4,
    users: 2,
    items: 3,
    check: async (found) => {
      expect(eventCounts(found)).toEqual({ buy: 1, cart: 1, fav: 1, pv: 1 })
      expect(await itemRow(found, '2576651')).toEqual({ id: '2576651', category: '149192' })
    },
  },
  foursquare: {
    files: {
      'dataset_TSMC2014_NYC.txt': {
        ...bare(
          [
            `470\t${venues[0]}\t${venues[2]}\tArts & Crafts Store\t40.719810\t-74.002581\t-240\tTue Apr 03 18:00:09 +0000 2012`,
            `470\t${venues[1]}\t${venues[2]}\tCafé\t40.606800\t-74.044170\t-240\tTue Apr 03 18:00:25 +0000 2012`,
            `979\t${venues[0]}\t${venues[2]}\tArts & Crafts Store\t40.719810\t-74.002581\t-240\tTue Apr 03 18:02:24 +0000 2012`,
          ],
          '\t',
        ),
        latin1: true,
      },
    },
    events: 3,
    users: 2,
    items: 2,
    check: async (found) => {
      expect(await itemRow(found, venues[1]!)).toMatchObject({ category: 'Café', latitude: 40.6068, longitude: -74.04417 })
      expect(Math.min(...found.dataset.interactions.time!)).toBe(Date.UTC(2012, 3, 3, 18, 0, 9) / 1000)
    },
  },
  'foursquare-global': {
    files: {
      'Checkins.txt': bare(
        [`50756\t${venues[0]}\tTue Apr 03 18:00:06 +0000 2012\t240`, `190571\t${venues[1]}\tTue Apr 03 18:00:07 +0000 2012\t-180`],
        '\t',
      ),
      'POIs.txt': bare([`${venues[0]}\t40.73\t-74.0\tTrain Station\tUS`, `${venues[1]}\t-33.4\t-70.6\tOffice\tCL`], '\t'),
    },
    events: 2,
    users: 2,
    items: 2,
    check: async (found) => {
      expect(await itemRow(found, venues[1]!)).toMatchObject({ category: 'Office', country: 'CL' })
    },
  },
  gowalla: {
    files: {
      'totalCheckins.txt': bare(
        [
          '0\t2010-10-19T23:55:27Z\t30.2359091167\t-97.7951395833\t22847',
          '0\t2010-10-18T22:17:43Z\t30.2691029532\t-97.7493953705\t420315',
          '1\t2010-10-17T23:42:03Z\t30.2359091167\t-97.7951395833\t22847',
        ],
        '\t',
      ),
      'edges.txt': bare(['0\t1', '1\t0'], '\t'),
    },
    events: 3,
    users: 2,
    items: 2,
    check: async (found) => {
      expect(await itemRow(found, '420315')).toMatchObject({ latitude: 30.2691029532 })
    },
  },
  'book-crossing': {
    files: {
      'BX-Book-Ratings.csv': {
        ...table(
          '"User-ID";"ISBN";"Book-Rating"',
          ['"276725";"034545104X";"0"', '"276726";"0155061224";"5"', '"276726";"034545104X";"8"'],
          ';',
        ),
        more: ';"7"',
      },
      'BX-Books.csv': {
        ...table(
          '"ISBN";"Book-Title";"Book-Author";"Year-Of-Publication"',
          ['"034545104X";"Flesh, Tones";"M. J. Rose";"2002"', '"0155061224";"Rites; of Passage";"Judith Rae";"2001"'],
          ';',
        ),
        more: ';"7"',
      },
      'BX-Users.csv': {
        ...table('"User-ID";"Location";"Age"', ['"276725";"tyler, texas, usa";NULL', '"276726";"seattle, washington, usa";"18"'], ';'),
        more: ';"7"',
      },
    },
    events: 3,
    users: 2,
    items: 2,
    check: async (found) => {
      expect(await itemRow(found, '0155061224')).toMatchObject({ 'Book-Title': 'Rites; of Passage' })
    },
  },
  'lastfm-360k': {
    files: {
      'plays.tsv': bare(
        [`${sha(1)}\t${mbid(1)}\tbetty blowtorch\t2137`, `${sha(1)}\t\tdie Ärzte\t1099`, `${sha(2)}\t${mbid(1)}\tbetty blowtorch\t5`],
        '\t',
      ),
      'profile.tsv': bare([`${sha(1)}\tf\t22\tGermany\tFeb 1, 2007`, `${sha(2)}\t\t\tCanada\tDec 4, 2007`], '\t'),
    },
    events: 3,
    users: 2,
    items: 2,
    check: async (found) => {
      expect(await itemRow(found, mbid(1))).toMatchObject({ title: 'betty blowtorch' })
      expect((await itemRow(found, 'die Ärzte'))['title']).toBe('die Ärzte')
      expect([...found.dataset.interactions.weight!].toSorted((a, b) => a - b)).toEqual([5, 1099, 2137])
    },
  },
  'lastfm-1k': {
    files: {
      'listens.tsv': bare(
        [
          `user_000001\t2009-05-04T23:08:57Z\t${mbid(1)}\tDeep Dish\t\tFuck Me I'm Famous`,
          `user_000001\t2009-05-04T13:54:10Z\t${mbid(2)}\t坂本龍一\t${mbid(3)}\tComposition 0919`,
          `user_000002\t2009-05-04T13:52:04Z\t${mbid(2)}\t坂本龍一\t${mbid(3)}\tComposition 0919`,
        ],
        '\t',
      ),
      'profile.tsv': table(
        '#id\tgender\tage\tcountry\tregistered',
        ['user_000001\tm\t\tJapan\tAug 13, 2006', 'user_000002\tf\t\tPeru\tFeb 24, 2006'],
        '\t',
      ),
    },
    events: 3,
    users: 2,
    items: 2,
    check: async (found) => {
      expect(await itemRow(found, mbid(3))).toMatchObject({ title: 'Composition 0919', artist: '坂本龍一' })
    },
  },
  hm: {
    files: {
      'transactions_train.csv': table('t_dat,customer_id,article_id,price,sales_channel_id', [
        '2018-09-20,000058a1,0663713001,0.0508,2',
        '2018-09-20,000058a1,0541518023,0.0304,2',
        '2018-09-21,00007d2d,0663713001,0.0152,2',
      ]),
      'articles.csv': table('article_id,product_code,prod_name,colour_group_name', [
        '0663713001,0663713,Strap top,Black',
        '0541518023,0541518,Bra,White',
      ]),
      'customers.csv': table('customer_id,FN,Active,club_member_status,age', ['000058a1,,,ACTIVE,49', '00007d2d,1,1,ACTIVE,25']),
    },
    events: 3,
    users: 2,
    items: 2,
    check: async (found) => {
      expect(await itemRow(found, '0663713001')).toMatchObject({ prod_name: 'Strap top' })
    },
  },
  steam: {
    files: {
      'recommendations.csv': table('app_id,helpful,funny,date,is_recommended,hours,user_id,review_id', [
        '975370,0,0,2022-12-12,true,36.3,51580,0',
        '304390,4,0,2017-02-17,false,11.5,2586,1',
        '975370,2,0,2019-11-17,true,336.5,2586,2',
      ]),
      'games.csv': table('app_id,title,date_release,win,rating,positive_ratio,user_reviews', [
        '975370,Dwarf Fortress,2022-12-06,true,Positive,95,100',
        '304390,FOR HONOR,2017-02-13,true,Mixed,68,70',
      ]),
      'users.csv': table('user_id,products,reviews', ['51580,100,3', '2586,5,2']),
    },
    events: 3,
    users: 2,
    items: 2,
    check: (found) => {
      expect(eventCounts(found)).toEqual({ false: 1, true: 2 })
      expect(found.manifest.positives).toEqual(['true'])
      expect(kindsOf(found)).toMatchObject({ positive_ratio: 'ignore', user_reviews: 'ignore', products: 'ignore' })
    },
  },
  'steam-200k': {
    files: {
      'steam-200k.csv': bare(
        [
          '151603712,"The Elder Scrolls V, Skyrim",purchase,1.0,0',
          '151603712,"The Elder Scrolls V, Skyrim",play,273.0,0',
          '59945701,Fallout 4,purchase,1.0,0',
        ],
        ',',
      ),
    },
    events: 3,
    users: 2,
    items: 2,
    check: (found) => {
      expect(eventCounts(found)).toEqual({ play: 1, purchase: 2 })
    },
  },
  'steam-reviews': {
    files: {
      'steam_reviews.json': literals([
        "{u'username': u'Chaos Syren', u'hours': 0.1, u'products': 41, u'product_id': u'725280', u'date': u'2017-12-17', u'text': u'Not \"bad\"'}",
        "{u'username': u\"Ariman's\", u'product_id': u'328100', u'date': u'2017-08-02', u'text': u'Yes \\u2764', u'early_access': False}",
        "{u'username': u'Chaos Syren', u'product_id': u'328100', u'date': u'2016-02-25', u'text': u'', u'user_id': u'76561197970982479'}",
      ]),
      'steam_games.json': literals([
        "{u'genres': [u'Action', u'Casual'], u'app_name': u'Lost Summoner Kitty', u'price': 4.99, u'id': u'725280'}",
        "{u'genres': [u'Indie'], u'app_name': u'Ironbound', u'price': u'Free To Play', u'id': u'328100'}",
      ]),
    },
    events: 3,
    users: 2,
    items: 2,
    check: async (found) => {
      expect(await itemRow(found, '328100')).toMatchObject({ app_name: 'Ironbound', genres: ['Indie'] })
    },
  },
  'steam-library': {
    files: {
      'australian_users_items.json': literals([
        "{'user_id': 'js41637', 'items_count': 2, 'steam_id': '7656', 'items': [{'item_id': '10', 'item_name': 'Counter-Strike', 'playtime_forever': 6, 'playtime_2weeks': 0}, {'item_id': '20', 'item_name': 'Team Fortress', 'playtime_forever': 0, 'playtime_2weeks': 0}]}",
        "{'user_id': 'evcentric', 'items_count': 1, 'steam_id': '7657', 'items': [{'item_id': '10', 'item_name': 'Counter-Strike', 'playtime_forever': 1200, 'playtime_2weeks': 0}]}",
        "{'user_id': 'nobody', 'items_count': 0, 'steam_id': '7658', 'items': []}",
      ]),
    },
    events: 3,
    users: 2,
    items: 2,
    check: async (found) => {
      expect(await itemRow(found, '20')).toMatchObject({ app_name: 'Team Fortress' })
      expect(Math.max(...found.dataset.interactions.weight!)).toBe(1200)
    },
  },
  yelp: {
    files: {
      'review.json': json([
        {
          review_id: 'r1',
          user_id: 'u1',
          business_id: 'b1',
          stars: 3.0,
          useful: 0,
          funny: 0,
          cool: 0,
          text: 'x',
          date: '2018-07-07 22:09:11',
        },
        {
          review_id: 'r2',
          user_id: 'u1',
          business_id: 'b2',
          stars: 5.0,
          useful: 1,
          funny: 0,
          cool: 1,
          text: 'y',
          date: '2012-01-03 15:28:18',
        },
      ]),
      'business.json': json([
        {
          business_id: 'b1',
          name: 'Abby',
          address: 'x',
          city: 'Oslo',
          state: 'O',
          latitude: 34.4,
          longitude: -119.7,
          stars: 5.0,
          review_count: 7,
          is_open: 0,
          attributes: { ByAppointmentOnly: 'True' },
          categories: 'Doctors, Health',
        },
        {
          business_id: 'b2',
          name: 'UPS',
          address: 'y',
          city: 'Lima',
          state: 'M',
          latitude: 38.5,
          longitude: -90.3,
          stars: 3.0,
          review_count: 15,
          is_open: 1,
          attributes: null,
          categories: 'Shipping Centers, Mailbox Centers',
        },
      ]),
      'user.json': json([
        { user_id: 'u1', name: 'Walker', review_count: 585, yelping_since: '2007-01-25 16:47:26', average_stars: 3.9, fans: 267 },
      ]),
      'tip.json': json([{ user_id: 'u1', business_id: 'b1', text: 'x', date: '2012-05-18 02:17:21', compliment_count: 0 }]),
    },
    events: 2,
    users: 1,
    items: 2,
    check: (found) => {
      expect(kindsOf(found)).toMatchObject({ stars: 'ignore', review_count: 'ignore', average_stars: 'ignore' })
    },
  },
  goodbooks: {
    files: {
      'ratings.csv': table('user_id,book_id,rating', ['1,258,5', '2,4081,4', '2,258,5']),
      'books.csv': table('book_id,goodreads_book_id,authors,title,average_rating,ratings_count', [
        '258,11,"Carlos Ruiz Zafón, Lucia",The Shadow,4.2,10',
        '4081,12,Ann,Other,4.0,9',
      ]),
      'to_read.csv': table('user_id,book_id', ['9,258', '1,4081']),
      'book_tags.csv': table('goodreads_book_id,tag_id,count', ['11,30574,167697']),
    },
    events: 3,
    users: 2,
    items: 2,
    check: (found) => {
      expect(kindsOf(found)).toMatchObject({ average_rating: 'ignore', ratings_count: 'ignore' })
    },
  },
  kuairec: {
    files: {
      'big_matrix.csv': table('user_id,video_id,play_duration,video_duration,time,date,timestamp,watch_ratio', [
        '0,3649,13838,10867,2020-07-05 00:08:23.438,20200705,1593878903.438,1.2734',
        '0,9598,13665,10984,2020-07-05 00:13:41.297,20200705,1593879221.297,1.2441',
        '1,3649,851,7908,2020-07-05 00:16:06.687,20200705,1593879366.687,0.1076',
      ]),
      'item_categories.csv': table('video_id,feat', ['3649,"[8]"', '9598,"[27, 9]"']),
      'user_features.csv': table('user_id,user_active_degree,is_lowactive_period,register_days', [
        '0,high_active,0,107',
        '1,full_active,0,327',
      ]),
    },
    events: 3,
    users: 2,
    items: 2,
    check: async (found) => {
      expect(await itemRow(found, '9598')).toMatchObject({ feat: ['27', '9'] })
    },
  },
  lightgcn: {
    files: {
      'train.txt': { rows: ['0 3 1 2 4 5 6 7', '1 1 4', '2 0 3 5'], more: null },
      'test.txt': { rows: ['0 8', '1 2'], more: null },
    },
    events: 14,
    users: 3,
    items: 9,
    check: ({ manifest }) => {
      expect(manifest.parts.test).toBe(2)
    },
  },
  airbnb: {
    files: {
      'listings.csv': table('id,name,description,latitude,longitude,room_type,price,amenities,number_of_reviews', [
        '11,Loft,"A loft, with a view",42.65,-73.75,Entire home/apt,"$1,150.00","[""Wifi"", ""Tub""]",3',
        '12,Room,,42.66,-73.76,Private room,$80.00,[],0',
      ]),
      'reviews.csv': table('listing_id,id,date,reviewer_id,reviewer_name,comments', [
        '11,1,2024-01-02,500,Ann,Nice',
        '12,2,2024-02-02,500,Ann,"So, so"',
      ]),
    },
    events: 2,
    users: 1,
    items: 2,
    check: async (found) => {
      expect(await itemRow(found, '11')).toMatchObject({ price: 1150, amenities: ['Wifi', 'Tub'] })
      expect(kindsOf(found)).toMatchObject({ number_of_reviews: 'ignore' })
    },
  },
}

const added = ({ more }: Table, row: string): string => (more === null ? row : typeof more === 'string' ? row + more : more(row))

function written(files: Fixture['files'], change: 'none' | 'shuffled' | 'column'): Record<string, Uint8Array> {
  return Object.fromEntries(
    Object.entries(files).map(([name, of]) => {
      const rows = change === 'shuffled' ? of.rows.toReversed() : of.rows
      const header =
        of.header === undefined ? [] : [change === 'column' ? `${of.header}${String(of.more).replace('7', 'added')}` : of.header]
      const lines = [...header, ...(change === 'column' ? rows.map((row) => added(of, row)) : rows)]
      return [name, Buffer.from(`${lines.join('\n')}\n`, of.latin1 === true ? 'latin1' : 'utf8')]
    }),
  )
}

/** Names that say nothing; endings that say what a file is not are left. */
const renamed = (files: Record<string, Uint8Array>): Record<string, Uint8Array> =>
  Object.fromEntries(
    Object.entries(files).map(([name, bytes], k) => [`${['x', 'q', 'b', 'zz'][k]}${/json/.test(name) ? extname(name) : '.txt'}`, bytes]),
  )

describe.each(LAYOUT_NAMES)('%s', (name) => {
  const { files, events, users, items, check } = FIXTURES[name]
  test.each<[string, Record<string, Uint8Array>]>([
    ['as it is', written(files, 'none')],
    ['renamed', renamed(written(files, 'none'))],
    ['rows in another order', written(files, 'shuffled')],
    ['with a column more', written(files, 'column')],
  ])('%s', async (_, bytes) => {
    const folder = await filesIn(Object.fromEntries(Object.entries(bytes).map(([file, content]) => [`d/${file}`, content])))
    const found = await importFrom(folder, { path: 'd' })
    expect(found.manifest).toMatchObject({ source: { format: name }, interactions: events, users, items })
    expect(found.manifest.findings!.filter(({ code }) => code.startsWith('leak-'))).toEqual([])
    await check?.(found)
    const stage = inspectFiles({ input: inspectInput.parse({ path: `${folder}/d` }), scratch: `${await temporaryFolder()}/s`, threads: 1 })
    let next = await stage.next()
    while (next.done !== true) next = await stage.next()
    expect(next.value.format).toBe(name)
    expect(next.value.problems.filter(({ level }) => level === 'error')).toEqual([])
    // metadata may know of items that nobody has met
    expect(next.value.counts!.interactions).toBe(name === 'lightgcn' ? events - 2 : events)
  })
})

test('Amazon metadata of 2014 as they really are, Python literals', async () => {
  const bytes = written(FIXTURES['amazon-2014'].files, 'none')
  const meta = Buffer.from(
    "{'asin': '000100039X', 'salesRank': {'Books': 6334800}, 'categories': [['Books', 'Poetry'], ['Books']], 'title': \"The Prophet's\"}\n",
  )
  const found = await importFrom(await filesIn({ ...bytes, 'meta.json': meta }), { path: '.' })
  expect(found.manifest).toMatchObject({ source: { format: 'amazon-2014' }, interactions: 3 })
  expect(await itemRow(found, '000100039X')).toMatchObject({ title: "The Prophet's", categories: ['Books', 'Poetry'] })
})

test('a packed layout, files given one by one, and one table by itself', async () => {
  const { files } = FIXTURES['movielens-100k']
  const bytes = written(files, 'none')
  const packed = Object.fromEntries(Object.entries(bytes).map(([name, content]) => [`${basename(name)}.gz`, gzipSync(content)]))
  expect((await importFrom(await filesIn(packed), { path: '.' })).manifest.source.format).toBe('movielens-100k')
  const alone = await importFrom(await filesIn(written(FIXTURES.taobao.files, 'none')), { interactions: 'UserBehavior.csv' })
  expect(alone.manifest).toMatchObject({ source: { format: 'taobao' }, interactions: 4, events: ['buy', 'cart', 'fav', 'pv'] })
})

test('properties of after the cut are not read', async () => {
  const folder = await filesIn(
    Object.fromEntries(Object.entries(written(FIXTURES.retailrocket.files, 'none')).map(([name, bytes]) => [name, bytes])),
  )
  const cut = await importFrom(folder, { path: '.', split: 'time:1433221332.119', validation: 0 })
  expect(await itemRow(cut, '10')).toMatchObject({ categoryid: '5' })
})
