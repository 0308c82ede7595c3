/** Shops: reviews, purchases and clicks. */
import { headerOf, hasCells } from './match.ts'
import type { Query } from '../relation.ts'
import { reshaped, rowByRow, type Layout, type Reading, type TableLook } from './layout.ts'
import { sqlName, sqlText } from '../../dataset/duck.ts'
import { parseInstant } from '../../dataset/cells/instants.ts'

const WHOLE = /^\d+$/
const SECONDS = /^\d{9,10}$/
const STARS = /^[0-5](\.0)?$/
const CUSTOMER = /^A[0-9A-Z]{9,24}$/
const ASIN = /^([0-9]{9}[0-9X]|B[0-9A-Z]{9})$/

const AMAZON_PAST = /^(sales_?rank|rank|related|also_.*|bought_together|average_rating|rating_number)$/i

/** Reviews as JSON Lines, or only their ratings without a header, in the order of `names`. */
const amazonReviews =
  (columns: readonly string[], without: readonly string[], cells: readonly RegExp[], names: readonly string[]) =>
  (look: TableLook): Reading | null => {
    const reviews = headerOf({ columns, without }, look)
    if (reviews !== null) return reviews
    return hasCells({ cells, delimiter: ',' }, look) ? { delimiter: ',', header: 'no', names } : null
  }

/** All categories of all its paths, each once. */
const categories = (column: string): Query =>
  rowByRow(`* REPLACE (list_sort(list_distinct(flatten(from_json(CAST(${column} AS JSON), '[["VARCHAR"]]')))) AS ${column})`)

/** Properties that an item must have for one to be a column: of hundreds, the others are of a few items each. */
const MAX_PROPERTIES = 40

/** Rows of (time, item, property, value) as a column a property, with its latest value of before `cut` (seconds). */
function latestProperties(cut: number | null): Query {
  return {
    rowByRow: false,
    async sql(from, duck) {
      const known = cut === null ? from : `(SELECT * FROM ${from} WHERE CAST("timestamp" AS BIGINT) < ${Math.round(cut * 1000)})`
      const properties = await duck.rows(
        `SELECT property AS name FROM ${known} GROUP BY property ORDER BY count(DISTINCT itemid) DESC, property LIMIT ${MAX_PROPERTIES}`,
      )
      const columns = properties.map(({ name }) => {
        const filter = `FILTER (property = ${sqlText(String(name))})`
        return `(arg_max({'of': value}, CAST("timestamp" AS BIGINT)) ${filter}).of AS ${sqlName(String(name))}`
      })
      return `SELECT itemid${columns.map((column) => `, ${column}`).join('')} FROM ${known} GROUP BY itemid`
    },
  }
}

function cutOf(split: string | undefined): number | null {
  return split?.startsWith('time:') === true ? parseInstant(split.slice('time:'.length)) : null
}

const TAOBAO = { delimiter: ',', header: 'no', names: ['user', 'item', 'category', 'event', 'time'] } as const

/** Rows of a user and a game of theirs. */
const libraries = (from: string): string =>
  `(SELECT user_id, unnest(from_json(CAST(items AS JSON), '[{"item_id":"VARCHAR","item_name":"VARCHAR","playtime_forever":"DOUBLE"}]')) AS game FROM ${from})`

/** Without a header, or with one, whose columns come in the same order. */
function taobao({ lines, ...look }: TableLook): Reading | null {
  const cells = [WHOLE, WHOLE, WHOLE, /^(pv|buy|cart|fav)$/, /^-?\d{5,11}$/]
  const fits = (some: readonly string[]): boolean => hasCells({ cells, delimiter: ',' }, { ...look, lines: some })
  return fits(lines) ? TAOBAO : fits(lines.slice(1)) ? { ...TAOBAO, header: 'yes' } : null
}

export const SHOPS = {
  'amazon-2014': {
    title: 'Amazon reviews 2014',
    files: 'reviews_X.json and meta_X.json, or ratings_X.csv',
    tables: [
      {
        role: 'interactions',
        match: amazonReviews(
          ['reviewerID', 'asin', 'overall'],
          ['verified', 'vote'],
          [CUSTOMER, ASIN, STARS, SECONDS],
          ['reviewerID', 'asin', 'overall', 'unixReviewTime'],
        ),
      },
      { role: 'items', columns: ['asin', 'categories'], optional: true, reading: { query: categories('categories') } },
    ],
    map: { user: 'reviewerID', item: 'asin', time: 'unixReviewTime', weight: 'overall', itemId: 'asin', title: 'title' },
    kinds: { categories: 'tags' },
    afterTheFact: AMAZON_PAST,
  },
  'amazon-2018': {
    title: 'Amazon reviews 2018',
    files: 'X.json and meta_X.json, or X.csv of ratings',
    tables: [
      {
        role: 'interactions',
        match: amazonReviews(
          ['reviewerID', 'asin', 'overall', 'verified'],
          [],
          [ASIN, CUSTOMER, STARS, SECONDS],
          ['asin', 'reviewerID', 'overall', 'unixReviewTime'],
        ),
      },
      { role: 'items', columns: ['asin', 'category'], optional: true },
    ],
    map: { user: 'reviewerID', item: 'asin', time: 'unixReviewTime', weight: 'overall', itemId: 'asin', title: 'title' },
    kinds: { category: 'tags' },
    afterTheFact: AMAZON_PAST,
  },
  'amazon-2023': {
    title: 'Amazon reviews 2023',
    files: 'X.jsonl and meta_X.jsonl, or X.csv of ratings',
    tables: [
      { role: 'interactions', columns: ['user_id', 'parent_asin', 'rating', 'timestamp'] },
      { role: 'items', columns: ['parent_asin', 'main_category'], without: ['user_id'], optional: true },
    ],
    map: { user: 'user_id', item: 'parent_asin', time: 'timestamp', weight: 'rating', itemId: 'parent_asin', title: 'title' },
    kinds: { categories: 'tags' },
    afterTheFact: AMAZON_PAST,
  },
  retailrocket: {
    title: 'Retailrocket',
    files: 'events.csv, item_properties_part1.csv and part2',
    tables: [
      { role: 'interactions', columns: ['timestamp', 'visitorid', 'event', 'itemid'] },
      {
        role: 'items',
        columns: ['timestamp', 'itemid', 'property', 'value'],
        optional: true,
        many: true,
        reading: ({ split }) => ({ query: latestProperties(cutOf(split)) }),
      },
    ],
    map: { user: 'visitorid', item: 'itemid', time: 'timestamp', event: 'event', itemId: 'itemid' },
    kinds: { categoryid: 'category', available: 'category' },
    warns: `Items have the latest value of each of the ${MAX_PROPERTIES} commonest properties: with a split by time that of before its cut, else that of the end, which may be later than a test event.`,
  },
  taobao: {
    title: 'Taobao UserBehavior',
    files: 'UserBehavior.csv (no header)',
    tables: [
      {
        role: 'interactions',
        match: taobao,
      },
    ],
    derived: {
      items: reshaped((from) => `SELECT item, min(category) AS category FROM ${from} GROUP BY item`),
    },
    map: { user: 'user', item: 'item', time: 'time', event: 'event', itemId: 'item' },
    kinds: { category: 'category' },
  },
  hm: {
    title: 'H&M',
    files: 'transactions_train.csv, articles.csv, customers.csv',
    tables: [
      { role: 'interactions', columns: ['t_dat', 'customer_id', 'article_id'] },
      { role: 'items', columns: ['article_id', 'product_code', 'prod_name'], optional: true },
      { role: 'users', columns: ['customer_id', 'club_member_status'], optional: true },
    ],
    map: {
      user: 'customer_id',
      item: 'article_id',
      time: 't_dat',
      itemId: 'article_id',
      userId: 'customer_id',
      title: 'prod_name',
    },
  },
  steam: {
    title: 'Steam recommendations',
    files: 'recommendations.csv, games.csv, users.csv',
    tables: [
      { role: 'interactions', columns: ['app_id', 'user_id', 'is_recommended', 'hours'] },
      { role: 'items', columns: ['app_id', 'title', 'date_release'], optional: true },
      { role: 'users', columns: ['user_id', 'products', 'reviews'], optional: true },
    ],
    map: {
      user: 'user_id',
      item: 'app_id',
      time: 'date',
      weight: 'hours',
      event: 'is_recommended',
      itemId: 'app_id',
      userId: 'user_id',
      title: 'title',
    },
    afterTheFact: /^(rating|positive_ratio|user_reviews|products|reviews)$/,
    positives: ['true'],
    says: 'The event types are whether the game is recommended: only "true" is a positive, "false" is kept as disliked.',
  },
  'steam-200k': {
    title: 'Steam 200K',
    files: 'steam-200k.csv (no header)',
    tables: [
      {
        role: 'interactions',
        delimiter: ',',
        cells: [WHOLE, /./, /^(purchase|play)$/, /^\d+(\.\d+)?$/],
        reading: { delimiter: ',', header: 'no', names: ['user', 'game', 'event', 'hours'] },
      },
    ],
    map: { user: 'user', item: 'game', event: 'event', weight: 'hours' },
  },
  'steam-reviews': {
    title: 'Steam reviews (McAuley)',
    files: 'steam_reviews.json, steam_games.json (lines of Python literals)',
    tables: [
      { role: 'interactions', columns: ['username', 'product_id', 'date', 'text'] },
      { role: 'items', columns: ['id', 'app_name'], optional: true },
    ],
    map: { user: 'username', item: 'product_id', time: 'date', itemId: 'id', title: 'app_name' },
    afterTheFact: /^(sentiment|metascore)$/,
  },
  'steam-library': {
    title: 'Steam libraries (Australian users)',
    files: 'australian_users_items.json (a user a line, Python literals)',
    tables: [
      {
        role: 'interactions',
        columns: ['user_id', 'items_count', 'items'],
        reading: {
          query: reshaped((from) => `SELECT user_id, game.item_id AS item_id, game.playtime_forever AS playtime FROM ${libraries(from)}`),
        },
      },
      { role: 'items', columns: ['id', 'app_name'], optional: true },
    ],
    derived: {
      items: reshaped((from) => `SELECT game.item_id AS id, min(game.item_name) AS app_name FROM ${libraries(from)} GROUP BY 1`),
    },
    map: { user: 'user_id', item: 'item_id', weight: 'playtime', itemId: 'id', title: 'app_name' },
    says: 'Each game of a library is an interaction; its weight is the minutes it was played.',
  },
  airbnb: {
    title: 'Inside Airbnb',
    files: 'listings.csv, reviews.csv',
    tables: [
      { role: 'interactions', columns: ['listing_id', 'date', 'reviewer_id'], reading: { header: 'yes' } },
      { role: 'items', columns: ['id', 'name', 'latitude', 'longitude', 'room_type'], reading: { header: 'yes' } },
    ],
    map: { user: 'reviewer_id', item: 'listing_id', time: 'date', itemId: 'id', title: 'name' },
    // reviews that a split holds out are counted in these
    afterTheFact:
      /^(number_of_reviews.*|reviews_per_month|(first|last)_review|review_scores_.*|last_scraped|scrape_id|calendar_.*|(has_)?availability.*|estimated_.*)$/,
  },
} satisfies Record<string, Layout>
