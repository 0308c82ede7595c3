/**
 * MovieLens in its three forms. Its `tags.csv` is left out on purpose: a tag is an act of a user at a time, and as a property of the movie
 * it would carry test-time acts into training.
 */
import { wordsOf } from '../roles.ts'
import { rowByRow, type Layout } from './layout.ts'

const GENRES = wordsOf(
  `unknown Action Adventure Animation Children's Comedy Crime Documentary Drama Fantasy Film-Noir Horror Musical Mystery Romance Sci-Fi
  Thriller War Western`,
)
const YEAR = `TRY_CAST(regexp_extract(title, '\\(([0-9]{4})\\)\\s*$', 1) AS DOUBLE) AS "year"`
const NO_GENRES = `nullif(genres, '(no genres listed)') AS genres`
const KINDS = {
  title: 'text',
  genres: 'tags',
  year: 'number',
  age: 'number',
  gender: 'category',
  occupation: 'category',
  zip: 'category',
} as const
const RATINGS = ['user', 'item', 'rating', 'timestamp']
const ID = /^\d{1,9}$/
const RATING = /^[0-5](\.[05])?$/
const SECONDS = /^\d{9,10}$/
const plain = { quote: '', header: 'no' } as const
const flags = GENRES.slice(1).map((g) => `CASE WHEN "${g}" = '1' THEN '${g.replaceAll("'", "''")}' END`)
const item = ['id', 'title', 'release_date', 'video_release_date', 'url', ...GENRES]

export const MOVIES = {
  movielens: {
    title: 'MovieLens latest, 25M, 20M, 32M',
    files: 'ratings.csv, movies.csv',
    tables: [
      { role: 'interactions', columns: ['userId', 'movieId', 'rating', 'timestamp'] },
      {
        role: 'items',
        columns: ['movieId', 'title', 'genres'],
        optional: true,
        reading: { query: rowByRow(`movieId, title, ${YEAR}, ${NO_GENRES}, * EXCLUDE (movieId, title, genres)`) },
      },
    ],
    map: { title: 'title', user: 'userId', item: 'movieId', time: 'timestamp', weight: 'rating', itemId: 'movieId' },
    kinds: KINDS,
  },
  'movielens-100k': {
    title: 'MovieLens 100K',
    files: 'u.data, u.item, u.user (tab and | separated, no header)',
    tables: [
      {
        role: 'interactions',
        delimiter: '\t',
        cells: [ID, ID, /^[1-5]$/, SECONDS],
        called: /^u\.data/,
        reading: { delimiter: '\t', names: RATINGS, ...plain },
      },
      {
        role: 'items',
        delimiter: '|',
        cells: [ID, /./, /^(\d\d-\w{3}-\d{4})?$/, /^/, /^/, ...GENRES.map(() => /^[01]$/)],
        optional: true,
        reading: {
          delimiter: '|',
          names: item,
          ...plain,
          query: rowByRow(
            `id, title, ${YEAR}, list_filter([${flags.join(', ')}], lambda g: g IS NOT NULL) AS genres, * EXCLUDE (${item.map((name) => `"${name}"`).join(', ')})`,
          ),
        },
      },
      {
        role: 'users',
        delimiter: '|',
        cells: [ID, /^\d{1,2}$/, /^[MF]$/, /^[a-z]+$/, /^/],
        optional: true,
        reading: { delimiter: '|', names: ['id', 'age', 'gender', 'occupation', 'zip'], ...plain },
      },
    ],
    map: { title: 'title' },
    kinds: KINDS,
  },
  'movielens-1m': {
    title: 'MovieLens 1M, 10M',
    files: 'ratings.dat, movies.dat, users.dat (:: separated)',
    tables: [
      {
        role: 'interactions',
        delimiter: '::',
        cells: [ID, ID, RATING, SECONDS],
        reading: { delimiter: '::', names: RATINGS, ...plain },
      },
      {
        role: 'items',
        delimiter: '::',
        cells: [ID, /\(\d{4}\)\s*$/, /./],
        optional: true,
        reading: {
          delimiter: '::',
          names: ['id', 'title', 'genres'],
          ...plain,
          query: rowByRow(`id, title, ${YEAR}, ${NO_GENRES}, * EXCLUDE (id, title, genres)`),
        },
      },
      {
        role: 'users',
        delimiter: '::',
        cells: [ID, /^[MF]$/, /^\d{1,2}$/, /^\d{1,2}$/, /^/],
        optional: true,
        reading: { delimiter: '::', names: ['id', 'gender', 'age', 'occupation', 'zip'], ...plain },
      },
    ],
    map: { title: 'title' },
    kinds: KINDS,
  },
} satisfies Record<string, Layout>
