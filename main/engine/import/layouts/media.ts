/** News, music, video, books and places that are read about. */
import { basename } from 'node:path'
import { badData } from '../../../contract/errors.ts'
import { hasCells, isRagged } from './match.ts'
import { reshaped, rowByRow, type Layout, type Reading, type TableLook } from './layout.ts'

const WHOLE = /^\d+$/
const MIND = { delimiter: '\t', quote: '', header: 'no', names: ['impression', 'user', 'time', 'history', 'impressions'] } as const
const MIND_TIME = `TRY_STRPTIME("time", '%m/%d/%Y %I:%M:%S %p')`
const LASTFM = { delimiter: '\t', quote: '', header: 'no' } as const
const ARTIST = `coalesce(nullif(artist_mbid, ''), artist)`
const TRACK = `coalesce(nullif(track_id, ''), artist || ' - ' || track)`
const ARTISTS = [...'user artist_mbid artist plays'.split(' ')]
const TRACKS = [...'user time artist_id artist track_id track'.split(' ')]

/** Without a header as its authors have it, or with one of those who pass it on; the columns are in the same order. */
function lastfmPlays(look: TableLook): Reading | null {
  const read = { ...LASTFM, names: ARTISTS }
  if (hasCells({ cells: [/^[0-9a-f]{40}$/, /^([0-9a-f-]{36})?$/, /^/, /^ ?\d+$/], delimiter: '\t' }, look)) return read
  const [header = '', ...lines] = look.lines
  const names = header.toLowerCase().split('\t')
  const isHeader = names.length >= 4 && /user/.test(names[0]!) && /mbid|artist.?id/.test(names[1]!) && /play|count/.test(names[3]!)
  return isHeader && lines.length > 0 ? { ...read, header: 'yes' } : null
}

const NEWS = /^(N\d+( N\d+)*)?\s*$/
const IMPRESSION = [WHOLE, /^U\d+$/, /^\d{1,2}\/\d{1,2}\/\d{4} \d{1,2}:\d\d:\d\d [AP]M$/i, NEWS] as const

const LABELLED = [WHOLE, /^\S+$/, IMPRESSION[2], /^(\S+( \S+)*)?$/, /^\S+-[01]( \S+-[01])*\s*$/] as const

/** Impressions with their labels. @throws PylonError bad-data for those of the test part, whose labels its authors keep */
function impressions(look: TableLook): Reading | null {
  if (hasCells({ cells: LABELLED, delimiter: '\t' }, look)) return {}
  if (hasCells({ cells: [...IMPRESSION, /^N\d+( N\d+)*\s*$/], delimiter: '\t' }, look))
    throw badData(
      'These impressions of MIND have no labels (-0, -1), so nothing of them is known to have been clicked. Import behaviors.tsv of its train or dev part.',
      look.path,
    )
  return null
}

/** Lines of ids of varying number; of one number only where the name says what they are. */
function idsALine(look: TableLook): Reading | null {
  const named = /train/i.test(basename(look.path)) && hasCells({ cells: [/^\d+( \d+)+\s*$/], delimiter: '\t' }, look)
  return named || isRagged(look) ? {} : null
}

export const MEDIA = {
  mind: {
    title: 'MIND',
    files: 'behaviors.tsv, news.tsv (no header)',
    tables: [
      {
        role: 'interactions',
        cells: LABELLED,
        match: impressions,
        called: /behavio/i,
        reading: {
          ...MIND,
          query: reshaped(
            (from) => `SELECT "user", regexp_replace(shown, '-[01]$', '') AS item, "time",
              CASE WHEN shown LIKE '%-1' THEN 'click' ELSE 'shown' END AS event
              FROM (SELECT "user", ${MIND_TIME} AS "time", unnest(string_split_regex(trim(impressions), ' +')) AS shown FROM ${from})`,
          ),
        },
      },
      {
        role: 'items',
        delimiter: '\t',
        cells: [/^\S+$/, /^[a-z]+$/, /^[\w-]+$/, /./, /^/, /^(https?:.*)?$/, /^(\[.*\])?$/, /^(\[.*\])?$/],
        optional: true,
        reading: {
          ...LASTFM,
          names: ['news', 'category', 'subcategory', 'title', 'abstract', 'url', 'title_entities', 'abstract_entities'],
        },
      },
    ],
    derived: {
      users: reshaped(
        // in a structure, as an empty history is one too and the next one would come from after the first click
        (
          from,
        ) => `SELECT "user", string_split_regex(nullif(trim(arg_min({'of': history}, (${MIND_TIME}, CAST(impression AS BIGINT))).of), ''), ' +')
            AS history FROM ${from} GROUP BY "user"`,
      ),
    },
    map: { user: 'user', item: 'item', time: 'time', event: 'event', itemId: 'news', userId: 'user', title: 'title' },
    kinds: {
      history: 'tags',
      category: 'category',
      subcategory: 'category',
      title: 'text',
      abstract: 'text',
      title_entities: 'ignore',
      abstract_entities: 'ignore',
    },
    positives: ['click'],
    says: 'Impressions are unrolled into what was clicked, the positives, and what was shown and not clicked, which is kept apart. The history of a user is that of their first impression.',
  },
  otto: {
    title: 'OTTO sessions',
    files: 'train.jsonl (a session a line)',
    tables: [
      {
        role: 'interactions',
        columns: ['session', 'events'],
        called: /train/i,
        reading: {
          query: reshaped(
            (from) => `SELECT session, e.aid AS aid, e.ts AS ts, e.type AS type FROM (SELECT session,
              unnest(from_json(CAST(events AS JSON), '[{"aid":"VARCHAR","ts":"BIGINT","type":"VARCHAR"}]')) AS e FROM ${from})`,
          ),
        },
      },
    ],
    map: { user: 'session', item: 'aid', time: 'ts', event: 'type' },
  },
  'lastfm-360k': {
    title: 'Last.fm 360K',
    files: 'usersha1-artmbid-artname-plays.tsv, usersha1-profile.tsv (no header)',
    tables: [
      {
        role: 'interactions',
        match: lastfmPlays,
        reading: { query: rowByRow(`"user", ${ARTIST} AS item, trim(plays) AS plays`) },
      },
      {
        role: 'users',
        delimiter: '\t',
        cells: [/^[0-9a-f]{40}$/, /^[mf]?$/, /^-?\d*$/, /^/, /\d{4}$/],
        optional: true,
        reading: { ...LASTFM, names: ['user', 'gender', 'age', 'country', 'signup'] },
      },
    ],
    derived: {
      items: reshaped((from) => `SELECT ${ARTIST} AS item, min(artist) AS title FROM ${from} GROUP BY 1`),
    },
    map: { user: 'user', item: 'item', weight: 'plays', itemId: 'item', userId: 'user', title: 'title' },
    kinds: { title: 'text' },
    says: 'An artist without an id has its name for one.',
  },
  'lastfm-1k': {
    title: 'Last.fm 1K',
    files: 'userid-timestamp-artid-artname-traid-traname.tsv (no header), userid-profile.tsv',
    tables: [
      {
        role: 'interactions',
        delimiter: '\t',
        cells: [/^user_\d+$/, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, /^/, /^/, /^/, /^/],
        reading: { ...LASTFM, names: TRACKS, query: rowByRow(`"user", ${TRACK} AS item, "time"`) },
      },
      {
        role: 'users',
        columns: ['gender', 'age', 'country', 'registered'],
        optional: true,
        reading: { quote: '' },
      },
    ],
    derived: {
      items: reshaped((from) => `SELECT ${TRACK} AS item, min(track) AS title, min(artist) AS artist FROM ${from} GROUP BY 1`),
    },
    map: { user: 'user', item: 'item', time: 'time', itemId: 'item', userId: '1', title: 'title' },
    kinds: { title: 'text', artist: 'category' },
    says: 'A track without an id has its artist and name for one.',
  },
  yelp: {
    title: 'Yelp open dataset',
    files: 'yelp_academic_dataset_review.json, business.json, user.json',
    tables: [
      { role: 'interactions', columns: ['review_id', 'user_id', 'business_id', 'stars', 'date'] },
      { role: 'items', columns: ['business_id', 'name', 'city', 'categories'], optional: true },
      { role: 'users', columns: ['user_id', 'name', 'yelping_since'], optional: true },
    ],
    map: {
      user: 'user_id',
      item: 'business_id',
      time: 'date',
      weight: 'stars',
      itemId: 'business_id',
      userId: 'user_id',
      title: 'name',
    },
    afterTheFact: /^(stars|review_count|average_stars|useful|funny|cool|fans|compliment_.*|elite|friends|is_open|checkins?)$/,
  },
  'book-crossing': {
    title: 'Book-Crossing',
    files: 'BX-Book-Ratings.csv, BX-Books.csv, BX-Users.csv (semicolons)',
    tables: [
      { role: 'interactions', columns: ['User-ID', 'ISBN', 'Book-Rating'] },
      { role: 'items', columns: ['ISBN', 'Book-Title', 'Book-Author'], optional: true },
      { role: 'users', columns: ['User-ID', 'Location', 'Age'], optional: true },
    ],
    map: { user: 'User-ID', item: 'ISBN', weight: 'Book-Rating', itemId: 'ISBN', userId: 'User-ID', title: 'Book-Title' },
    says: 'A rating of 0 is a book that was taken up without a rating.',
  },
  goodbooks: {
    title: 'goodbooks-10k',
    files: 'ratings.csv, books.csv',
    tables: [
      { role: 'interactions', columns: ['user_id', 'book_id', 'rating'] },
      { role: 'items', columns: ['book_id', 'goodreads_book_id', 'authors'] },
    ],
    map: { user: 'user_id', item: 'book_id', weight: 'rating', itemId: 'book_id', title: 'title' },
    afterTheFact: /^(average_rating|ratings_count|work_ratings_count|work_text_reviews_count|ratings_[1-5])$/,
  },
  kuairec: {
    title: 'KuaiRec',
    files: 'big_matrix.csv, item_categories.csv, user_features.csv',
    tables: [
      { role: 'interactions', columns: ['user_id', 'video_id', 'play_duration', 'watch_ratio'], called: /big/i },
      { role: 'items', columns: ['video_id', 'feat'], optional: true },
      { role: 'users', columns: ['user_id', 'user_active_degree'], without: ['video_id'], optional: true },
    ],
    map: { user: 'user_id', item: 'video_id', time: 'timestamp', weight: 'watch_ratio', itemId: 'video_id', userId: 'user_id' },
    kinds: { feat: 'tags' },
  },
  lightgcn: {
    title: 'LightGCN',
    files: 'train.txt, test.txt (user item item … a line)',
    tables: [
      { role: 'interactions', match: idsALine, called: /train/i, reading: { reader: 'sequence' } },
      { role: 'test', delimiter: '\t', cells: [/^\d+( \d+)*\s*$/], called: /test/i, reading: { reader: 'sequence' } },
    ],
    map: {},
  },
} satisfies Record<string, Layout>
