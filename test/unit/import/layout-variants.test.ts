/**
 * Public data sets in the layouts of others, as their authors and those who pass them on have them: other years, other fields, parts of them,
 * with headers or without, beside files that are not imported. Counts are made by hand.
 */
import { expect, test } from 'vitest'
import { filesIn, importFrom } from './imported.ts'

interface Variant {
  /** by name: lines, or one text */
  readonly files: Readonly<Record<string, readonly string[]>>
  /** as `format` of the manifest */
  readonly layout: string
  readonly events: number
  readonly users: number
  readonly items: number
  /** what must be of the data, by the manifest's name for it */
  readonly has?: {
    readonly hasTime?: boolean
    readonly hasWeight?: boolean
    readonly events?: readonly string[]
    readonly hasOrder?: boolean
  }
  /** a row of the items by its id */
  readonly item?: readonly [id: string, values: Readonly<Record<string, unknown>>]
}

const json = (...rows: readonly object[]): string[] => rows.map((row) => JSON.stringify(row))

const VARIANTS: Readonly<Record<string, Variant>> = {
  'MovieLens 20M with genome files': {
    files: {
      'ratings.csv': ['userId,movieId,rating,timestamp', '1,2,3.5,1112486027', '1,29,3.5,1112484676', '2,2,4.0,974820889'],
      'movies.csv': ['movieId,title,genres', '2,Jumanji (1995),Adventure|Children|Fantasy', '29,"City of Lost Children, The (1995)",Drama'],
      'genome-scores.csv': ['movieId,tagId,relevance', '2,1,0.02500000000000000', '29,1,0.1'],
      'genome-tags.csv': ['tagId,tag', '1,007', '2,007 (series)'],
      'links.csv': ['movieId,imdbId,tmdbId', '2,0113497,8844'],
    },
    layout: 'movielens',
    events: 3,
    users: 2,
    items: 2,
    has: { hasTime: true, hasWeight: true },
    item: ['29', { title: 'City of Lost Children, The (1995)', year: 1995 }],
  },
  'MovieLens 10M, half stars': {
    files: {
      'ratings.dat': ['1::122::5::838985046', '1::185::3.5::838983525', '2::122::0.5::868246450'],
      'movies.dat': ['122::Boomerang (1992)::Comedy|Romance', '185::Net, The (1995)::Action|Crime', '5::Short (1999)::(no genres listed)'],
      'tags.dat': ['15::4973::excellent!::1215184630', '20::1747::politics::1188263867'],
    },
    layout: 'movielens-1m',
    events: 3,
    users: 2,
    items: 3,
    has: { hasTime: true, hasWeight: true },
    item: ['185', { title: 'Net, The (1995)', genres: ['Action', 'Crime'] }],
  },
  'RecBole: sessions of Diginetica': {
    files: {
      'diginetica.inter': [
        'session_id:token\titem_id:token\ttimestamp:float\tnumber of times:float',
        '1\t81766\t526309\t1',
        '1\t31331\t1031018\t2',
        '2\t81766\t243569\t1',
      ],
      'diginetica.item': [
        'item_id:token\titem_priceLog2:float\titem_name:token_seq\titem_category:token',
        '81766\t11\t4875 776 56689\t1096',
        '31331\t9\t4875 776\t1119',
      ],
    },
    layout: 'recbole',
    events: 3,
    users: 2,
    items: 2,
    has: { hasTime: true },
  },
  'RecBole: check-ins of Gowalla, artists of Last.fm': {
    files: {
      'lastfm.inter': [
        'user_id:token\tartist_id:token\tweight:float\ttag_value:token_seq',
        '2\t51\t13883\t',
        '2\t52\t11690\tpop rock',
        '3\t51\t5\t',
      ],
      'lastfm.item': [
        'artist_id:token\tname:token_seq\turl:token\tpicture_url:token',
        '51\tDuran Duran\thttp://a\thttp://b',
        '52\tMorcheeba\thttp://c\thttp://d',
      ],
      'lastfm.net': ['source_id:token\ttarget_id:token', '2\t275'],
    },
    layout: 'recbole',
    events: 3,
    users: 2,
    items: 2,
    has: { hasWeight: true },
    item: ['52', { name: 'Morcheeba' }],
  },
  'RecBole: only pairs, with a knowledge graph beside': {
    files: {
      'pinterest.inter': ['user_id:token\titem_id:token', '0\t0', '0\t1', '1\t0'],
      'pinterest.link': ['item_id:token\tentity_id:token', '0\tm.1'],
      'pinterest.kg': ['head_id:token\trelation_id:token\ttail_id:token', 'm.1\tr\tm.2'],
    },
    layout: 'recbole',
    events: 3,
    users: 2,
    items: 2,
  },
  'Amazon 2014, ratings only': {
    files: {
      'ratings_Books.csv': [
        'AH2L9G3DQHHAJ,0000000116,4.0,1019865600',
        'A2IIIDRK3PRRZY,0000000116,1.0,1395619200',
        'A2IIIDRK3PRRZY,B00000JLLA,5.0,1395619300',
      ],
    },
    layout: 'amazon-2014',
    events: 3,
    users: 2,
    items: 2,
    has: { hasTime: true, hasWeight: true },
  },
  'Amazon 2018, ratings only: the item first': {
    files: {
      'Books.csv': [
        '0001713353,A1REUF3A1YCPHM,5.0,1091145600',
        '0001713353,AVP0HXC9FG790,5.0,1079913600',
        'B000005LAR,AVP0HXC9FG790,3.0,1079913700',
      ],
    },
    layout: 'amazon-2018',
    events: 3,
    users: 2,
    items: 2,
    has: { hasTime: true, hasWeight: true },
    item: ['0001713353', {}],
  },
  'Amazon 2018, five-core with styles and pictures': {
    files: {
      'Video_Games_5.json': json(
        {
          overall: 5.0,
          vote: '3',
          verified: true,
          reviewTime: '10 17, 2015',
          reviewerID: 'A1HP7NVNPFMA4N',
          asin: '0700026657',
          style: { 'Format:': ' Video Game' },
          reviewerName: 'Ambrosia075',
          reviewText: 'x',
          summary: 'y',
          unixReviewTime: 1445040000,
        },
        {
          overall: 4.0,
          verified: false,
          reviewTime: '07 27, 2015',
          reviewerID: 'A1JGAP0185YJI6',
          asin: '0700026657',
          reviewerName: 'travis',
          reviewText: 'x',
          summary: 'y',
          unixReviewTime: 1437955200,
          image: ['https://a'],
        },
      ),
      'meta_Video_Games.json': json({
        category: ['Video Games', 'PC'],
        tech1: '',
        description: ['x'],
        fit: '',
        title: 'Anno 2070',
        also_buy: ['B1'],
        tech2: '',
        brand: 'Ubisoft',
        feature: ['a'],
        rank: ['>#1 in Games'],
        also_view: [],
        main_cat: 'Games',
        similar_item: '',
        date: '',
        price: '$24.99',
        asin: '0700026657',
        imageURL: [],
        imageURLHighRes: [],
      }),
    },
    layout: 'amazon-2018',
    events: 2,
    users: 2,
    items: 1,
    has: { hasTime: true, hasWeight: true },
    item: ['0700026657', { title: 'Anno 2070', category: ['Video Games', 'PC'], price: 24.99 }],
  },
  'Amazon 2023, ratings only': {
    files: {
      'Video_Games.csv': [
        'user_id,parent_asin,rating,timestamp',
        'AGCI7FAH4GL5FI65HYLKWTMFZ2CQ,B0BN942894,4.0,1624047750001',
        'AFKLPWYMQ2KFEDUDBAFNZ3ACX2XQ,B0BN942894,1.0,1624047750002',
        'AFKLPWYMQ2KFEDUDBAFNZ3ACX2XQ,B077GG9D5D,5.0,1624047750003',
      ],
      'meta_Video_Games.jsonl': json(
        {
          main_category: 'Video Games',
          title: 'Dash 8-300',
          average_rating: 5.0,
          rating_number: 1,
          features: [],
          description: [],
          price: 1.5,
          images: [{ thumb: 'x' }],
          videos: [],
          store: 'Aerosoft',
          categories: ['Video Games', 'PC'],
          details: { Pricing: 'x' },
          parent_asin: 'B0BN942894',
          bought_together: null,
        },
        {
          main_category: 'Games',
          title: 'Spiral',
          average_rating: 4.0,
          rating_number: 2,
          features: ['a'],
          description: ['b'],
          price: null,
          images: [],
          videos: [],
          store: null,
          categories: ['Video Games'],
          details: {},
          parent_asin: 'B077GG9D5D',
          bought_together: null,
          subtitle: null,
          author: null,
        },
      ),
    },
    layout: 'amazon-2023',
    events: 3,
    users: 2,
    items: 2,
    has: { hasTime: true, hasWeight: true },
    item: ['B0BN942894', { title: 'Dash 8-300', categories: ['Video Games', 'PC'] }],
  },
  'Yelp of 2017: lists of categories, votes of whole stars': {
    files: {
      'review.json': json(
        {
          review_id: 'VfBHSwC5Vz_pbFluy07i9Q',
          user_id: 'cjpdDjZyprfyDG3RlkVG3w',
          business_id: 'uYHaNptLzDLoV_JZ_MuzUA',
          stars: 5,
          date: '2016-07-12',
          text: 'x',
          useful: 0,
          funny: 0,
          cool: 0,
        },
        {
          review_id: '3zRpneRKDsOPq92tq7ybAA',
          user_id: 'bjTcT8Ty4cJZhEOEo01FGA',
          business_id: 'uYHaNptLzDLoV_JZ_MuzUA',
          stars: 3,
          date: '2016-10-02',
          text: 'y',
          useful: 0,
          funny: 0,
          cool: 0,
        },
      ),
      'business.json': json({
        business_id: 'uYHaNptLzDLoV_JZ_MuzUA',
        name: 'Dental',
        neighborhood: '',
        address: 'x',
        city: 'Edinburgh',
        state: 'EDH',
        postal_code: 'EH',
        latitude: 33.33,
        longitude: -111.97,
        stars: 4.0,
        review_count: 22,
        is_open: 1,
        attributes: {},
        categories: ['Dentists', 'Health'],
        hours: {},
      }),
      'user.json': json({
        user_id: 'cjpdDjZyprfyDG3RlkVG3w',
        name: 'J',
        review_count: 2,
        yelping_since: '2012-02-21',
        friends: ['a'],
        useful: 0,
        fans: 0,
        elite: [],
        average_stars: 5.0,
      }),
      'checkin.json': json({ business_id: 'uYHaNptLzDLoV_JZ_MuzUA', time: { Thursday: { '21:00': 4 } } }),
      'tip.json': json({
        user_id: 'cjpdDjZyprfyDG3RlkVG3w',
        business_id: 'uYHaNptLzDLoV_JZ_MuzUA',
        text: 'x',
        date: '2012-07-15',
        likes: 0,
      }),
    },
    layout: 'yelp',
    events: 2,
    users: 2,
    items: 1,
    has: { hasTime: true, hasWeight: true },
    item: ['uYHaNptLzDLoV_JZ_MuzUA', { name: 'Dental', categories: ['Dentists', 'Health'] }],
  },
  'Yelp of 2014: votes in an object': {
    files: {
      'yelp_academic_dataset_review.json': json(
        {
          votes: { funny: 0, useful: 2, cool: 1 },
          user_id: 'Xqd0DzHaiyRqVH3WRG7hzg',
          review_id: '15SdjuK7DmYqUAj6rjGowg',
          stars: 5,
          date: '2007-05-17',
          text: 'x',
          type: 'review',
          business_id: 'vcNAWiLM4dR7D2nwwJ7nCA',
        },
        {
          votes: { funny: 0, useful: 0, cool: 0 },
          user_id: 'H1kH6QZV7Le4zqTRNxoZow',
          review_id: 'RF6UnRTtG7tWMcrO2GEoAg',
          stars: 2,
          date: '2010-03-22',
          text: 'y',
          type: 'review',
          business_id: 'vcNAWiLM4dR7D2nwwJ7nCA',
        },
      ),
      'yelp_academic_dataset_business.json': json({
        business_id: 'vcNAWiLM4dR7D2nwwJ7nCA',
        full_address: 'x',
        hours: {},
        open: true,
        categories: ['Doctors'],
        city: 'Phoenix',
        review_count: 9,
        name: 'Eric Goldberg, MD',
        neighborhoods: [],
        longitude: -111.9,
        state: 'AZ',
        stars: 3.5,
        latitude: 33.4,
        attributes: {},
        type: 'business',
      }),
    },
    layout: 'yelp',
    events: 2,
    users: 2,
    items: 1,
    has: { hasTime: true, hasWeight: true },
    item: ['vcNAWiLM4dR7D2nwwJ7nCA', { name: 'Eric Goldberg, MD' }],
  },
  'MIND large, with vectors of entities': {
    files: {
      'behaviors.tsv': [
        '1\tU87243\t11/10/2019 11:30:54 AM\tN8668 N39081\tN78206-0 N26368-0 N7578-1',
        '2\tU598644\t11/12/2019 1:45:29 PM\t\tN47996-1 N78206-0',
      ],
      'news.tsv': [
        'N88753\tlifestyle\tlifestyleroyals\tThe Brands\tShop\thttps://assets.msn.com/labs/mind/AAGH0ET.html\t[{"Label": "x", "Type": "P"}]\t[]',
        'N78206\tfoodanddrink\trecipes\tA pie, "apple"\t\thttps://assets.msn.com/labs/mind/B.html\t[]\t[]',
      ],
      'entity_embedding.vec': [`Q34433\t${Array.from({ length: 100 }, (_, k) => (k / 1000).toFixed(6)).join('\t')}\t`],
      'relation_embedding.vec': [`P31\t${Array.from({ length: 100 }, (_, k) => (k / 1000).toFixed(6)).join('\t')}\t`],
    },
    layout: 'mind',
    events: 5,
    users: 2,
    items: 5,
    has: { hasTime: true, events: ['click', 'shown'] },
    item: ['N78206', { title: 'A pie, "apple"' }],
  },
  'Last.fm of HetRec 2011': {
    files: {
      'user_artists.dat': ['userID\tartistID\tweight', '2\t51\t13883', '2\t52\t11690', '3\t51\t11351'],
      'artists.dat': [
        'id\tname\turl\tpictureURL',
        '51\tDuran Duran\thttp://www.last.fm/music/Duran+Duran\thttp://x/1.jpg',
        '52\tMorcheeba\thttp://www.last.fm/music/Morcheeba\thttp://x/2.jpg',
      ],
      'user_friends.dat': ['userID\tfriendID', '2\t275', '2\t428'],
      'user_taggedartists.dat': ['userID\tartistID\ttagID\tday\tmonth\tyear', '2\t52\t13\t1\t4\t2009'],
    },
    layout: 'table',
    events: 3,
    users: 2,
    items: 2,
    has: { hasWeight: true },
    item: ['52', { name: 'Morcheeba' }],
  },
  'Last.fm 360K with a header of those who pass it on': {
    files: {
      'plays.tsv': [
        'user_id\tartist_mbid\tartist_name\tplays',
        `${'a'.repeat(40)}\t3bd73256-3905-4f3a-97e2-8b341527f805\tbetty\t2137`,
        `${'b'.repeat(40)}\t3bd73256-3905-4f3a-97e2-8b341527f805\tbetty\t1099`,
        `${'b'.repeat(40)}\t\tdie Ärzte\t12`,
      ],
    },
    layout: 'lastfm-360k',
    events: 3,
    users: 2,
    items: 2,
    has: { hasWeight: true },
    item: ['die Ärzte', { title: 'die Ärzte' }],
  },
  'Brightkite (SNAP)': {
    files: {
      'loc-brightkite_totalCheckins.txt': [
        '0\t2010-10-17T01:48:53Z\t39.747652\t-104.992510\t88c46bf20db295831bd2d1718ad7e6f5',
        '0\t2010-10-16T06:02:04Z\t39.891383\t-105.070814\t7a0f88982aa015062b95e3b4843f9ca2',
        '1\t2010-10-16T03:48:54Z\t39.891077\t-105.068532\t7a0f88982aa015062b95e3b4843f9ca2',
      ],
    },
    layout: 'gowalla',
    events: 3,
    users: 2,
    items: 2,
    has: { hasTime: true },
  },
  'LightGCN’s Gowalla, with lists of ids and users of one item': {
    files: {
      'train.txt': ['0 0 1 2 3', '1 4 0', '2 5'],
      'test.txt': ['0 5', '1 1 2', '2 '],
      'item_list.txt': ['org_id remap_id', '9247 0', '10259 1'],
      'user_list.txt': ['org_id remap_id', '0 0', '1 1'],
    },
    layout: 'lightgcn',
    events: 10,
    users: 3,
    items: 6,
  },
  'Taobao with a header': {
    files: {
      'UserBehavior.csv': [
        'user_id,item_id,category_id,behavior_type,timestamp',
        '1,2268318,2520377,pv,1511544070',
        '1,2333346,2520771,fav,1511561733',
        '2,2268318,2520377,buy,1511572885',
      ],
    },
    layout: 'taobao',
    events: 3,
    users: 2,
    items: 2,
    has: { hasTime: true, events: ['buy', 'fav', 'pv'] },
    item: ['2333346', { category: '2520771' }],
  },
  'Tianchi mobile: acts by numbers, times by the hour': {
    files: {
      'tianchi_mobile_recommend_train_user.csv': [
        'user_id,item_id,behavior_type,user_geohash,item_category,time',
        '98047837,232431562,1,,4245,2014-12-06 02',
        '97726136,383583590,1,,5894,2014-12-09 20',
        '98047837,64749712,4,96nn52n,2883,2014-12-18 11',
      ],
    },
    layout: 'table',
    events: 3,
    users: 2,
    items: 3,
    has: { hasTime: true, events: ['1', '4'] },
  },
  'KuaiRec’s small matrix alone': {
    files: {
      'small_matrix.csv': [
        'user_id,video_id,play_duration,video_duration,time,date,timestamp,watch_ratio',
        '14,148,4381,6067,2020-07-05 05:27:48.378,20200705.0,1593898068.378,0.722103',
        '14,183,11635,6100,2020-07-05 05:28:00.057,20200705.0,1593898080.057,1.907377',
        '19,148,22422,10867,,,,2.06331',
      ],
      'item_categories.csv': ['video_id,feat', '148,[8]', '183,"[27, 9]"'],
      'item_daily_features.csv': ['video_id,date,author_id,video_type', '148,20200705,3309,NORMAL'],
      'user_features.csv': ['user_id,user_active_degree,is_lowactive_period,is_live_streamer', '14,high_active,0,0', '19,full_active,0,0'],
      'social_network.csv': ['user_id,friend_list', '14,[19]'],
    },
    layout: 'kuairec',
    events: 2,
    users: 2,
    items: 2,
    has: { hasTime: true, hasWeight: true },
  },
  'H&M as it is on Kaggle': {
    files: {
      'transactions_train.csv': [
        't_dat,customer_id,article_id,price,sales_channel_id',
        `2018-09-20,${'0'.repeat(60)}58a1,0663713001,0.050830508474576264,2`,
        `2018-09-20,${'0'.repeat(60)}7d2d,0541518023,0.030491525423728813,2`,
      ],
      'articles.csv': [
        'article_id,product_code,prod_name,product_type_no,product_type_name,detail_desc',
        '0663713001,0663713,Strap top,253,Vest top,"Jersey top, narrow"',
        '0541518023,0541518,Bra,306,Bra,',
      ],
      'customers.csv': [
        'customer_id,FN,Active,club_member_status,fashion_news_frequency,age,postal_code',
        `${'0'.repeat(60)}58a1,,,ACTIVE,NONE,49.0,52043ee2162cf5aa7ee79974281641c6`,
      ],
      'sample_submission.csv': ['customer_id,prediction', `${'0'.repeat(60)}58a1,0706016001 0706016002`],
    },
    layout: 'hm',
    events: 2,
    users: 2,
    items: 2,
    has: { hasTime: true },
    item: ['0663713001', { prod_name: 'Strap top' }],
  },
  'Book-Crossing as it is passed on, with commas': {
    files: {
      'Ratings.csv': ['User-ID,ISBN,Book-Rating', '276725,034545104X,0', '276726,0155061224,5', '276726,034545104X,8'],
      'Books.csv': [
        'ISBN,Book-Title,Book-Author,Year-Of-Publication,Publisher',
        '034545104X,Flesh Tones: A Novel,M. J. Rose,2002,Ballantine Books',
        '0155061224,"Rites, of Passage",Judith Rae,2001,Heinle',
      ],
      'Users.csv': ['User-ID,Location,Age', '276725,"tyler, texas, usa",', '276726,"seattle, washington, usa",18.0'],
    },
    layout: 'book-crossing',
    events: 3,
    users: 2,
    items: 2,
    has: { hasWeight: true },
    item: ['0155061224', { 'Book-Title': 'Rites, of Passage' }],
  },
  'OTTO as a table of rows': {
    files: {
      'train.csv': ['session,aid,ts,type', '0,1517085,1659304800,clicks', '0,1563459,1659304904,carts', '1,1517085,1659367439,clicks'],
    },
    layout: 'table',
    events: 3,
    users: 2,
    items: 2,
    has: { hasTime: true, events: ['carts', 'clicks'] },
  },
  'Diginetica views': {
    files: {
      'train-item-views.csv': [
        'sessionId;userId;itemId;timeframe;eventdate',
        '1;NA;81766;526309;2016-05-09',
        '1;NA;31331;1031018;2016-05-09',
        '2;NA;32118;243569;2016-05-09',
        '2;7;81766;243570;2016-05-10',
      ],
    },
    layout: 'table',
    events: 4,
    users: 2,
    items: 3,
    has: { hasTime: true },
  },
  'Anime recommendations (Kaggle)': {
    files: {
      'rating.csv': ['user_id,anime_id,rating', '1,20,-1', '1,24,10', '2,20,8'],
      'anime.csv': [
        'anime_id,name,genre,type,episodes,rating,members',
        '20,Naruto,"Action, Comedy",TV,220,7.81,683297',
        '24,School Rumble,"Comedy, Romance",TV,26,8.06,178553',
      ],
    },
    layout: 'table',
    events: 3,
    users: 2,
    items: 2,
    has: { hasWeight: true },
    item: ['20', { name: 'Naruto' }],
  },
  'Million Song: triplets': {
    files: {
      'train_triplets.txt': Array.from(
        { length: 24 },
        (_, k) => `${(k >> 3).toString(16).repeat(40)}\tSO${'AKIMP'.repeat(3)}${String.fromCharCode(65 + ((k * 5) % 11))}\t${1 + (k % 4)}`,
      ),
    },
    layout: 'table',
    events: 24,
    users: 3,
    items: 11,
    has: { hasWeight: true },
  },
  'Foursquare with a header, as on Kaggle': {
    files: {
      'dataset_TSMC2014_NYC.csv': [
        'userId,venueId,venueCategoryId,venueCategory,latitude,longitude,timezoneOffset,utcTimestamp',
        '470,49bbd6c0f964a520f4531fe3,4bf58dd8d48988d127951735,Arts & Crafts Store,40.719810375488535,-74.00258103213994,-240,Tue Apr 03 18:00:09 +0000 2012',
        '979,4a43c0aef964a520c6a61fe3,4bf58dd8d48988d1df941735,Bridge,40.60679958140643,-74.04416981025437,-240,Tue Apr 03 18:00:25 +0000 2012',
      ],
    },
    layout: 'foursquare',
    events: 2,
    users: 2,
    items: 2,
    has: { hasTime: true },
    item: ['4a43c0aef964a520c6a61fe3', { category: 'Bridge' }],
  },
  'Retailrocket with its properties in one file': {
    files: {
      'events.csv': [
        'timestamp,visitorid,event,itemid,transactionid',
        '1433221332117,257597,view,355908,',
        '1433224214164,992329,view,248676,',
        '1433221999827,992329,transaction,355908,16999',
      ],
      'item_properties.csv': [
        'timestamp,itemid,property,value',
        '1433041200000,355908,categoryid,1338',
        '1433041200000,248676,888,1116713 960601 n277.200',
      ],
    },
    layout: 'retailrocket',
    events: 3,
    users: 2,
    items: 2,
    has: { hasTime: true, events: ['transaction', 'view'] },
    item: ['355908', { categoryid: '1338' }],
  },
}

const textOf = (lines: readonly string[]): string => `${lines.join('\n')}\n`

const cases = Object.entries(VARIANTS).flatMap(([name, variant]) => [
  [name, variant, (file: string) => file] as const,
  [`${name}, renamed`, variant, (_: string, k: number) => `${'xqbzwv'[k]!}.txt`] as const,
])

test.each(cases)('%s', async (_, { files, layout, events, users, items, has = {}, item }, called) => {
  const written = Object.fromEntries(Object.entries(files).map(([name, lines], k) => [called(name, k), textOf(lines)]))
  const hasGaps = layout === 'kuairec'
  const { manifest, dataset } = await importFrom(await filesIn(written), { path: '.', ...(hasGaps && { badRows: 'skip' }) })
  expect(manifest).toMatchObject({ source: { format: layout }, interactions: events, users, items, ...has })
  if (item === undefined) return
  const [row] = await dataset.rows('item', [(await dataset.ids('item')).indexOf(item[0])])
  expect(row).toMatchObject(item[1])
})
