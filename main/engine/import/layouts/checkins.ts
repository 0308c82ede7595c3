/** Check-ins: who was where, when. Places have their category and coordinates from the check-ins themselves, or from a table of their own. */
import { headerOf, hasCells } from './match.ts'
import { reshaped, rowByRow, type Layout, type Reading, type TableLook } from './layout.ts'

const NUMBER = /^-?\d+(\.\d+)?$/
const WHOLE = /^\d+$/
const VENUE = /^[0-9a-f]{24}$/
/** Tue Apr 03 18:00:09 +0000 2012 */
const TWITTER_TIME = /^\w{3} \w{3} \d\d \d\d:\d\d:\d\d [+-]\d{4} \d{4}$/
const asTime = (column: string): string => `TRY_STRPTIME(${column}, '%a %b %d %H:%M:%S %z %Y') AS time`
const plain = { delimiter: '\t', quote: '', header: 'no' } as const

const NAMES = ['userId', 'venueId', 'venueCategoryId', 'venueCategory', 'latitude', 'longitude', 'timezoneOffset', 'utcTimestamp']
const FORMS = [WHOLE, VENUE, VENUE, /./, NUMBER, NUMBER, /^-?\d+$/, TWITTER_TIME]

/** Without a header as its authors have it, or with one as it is passed on. */
function foursquare(look: TableLook): Reading | null {
  if (hasCells({ cells: FORMS, delimiter: '\t' }, look)) return { ...plain, names: NAMES }
  return headerOf({ columns: ['userId', 'venueId', 'venueCategory', 'latitude', 'longitude', 'utcTimestamp'] }, look)
}

export const CHECKINS = {
  foursquare: {
    title: 'Foursquare NYC and Tokyo (TSMC 2014)',
    files: 'dataset_TSMC2014_NYC.txt (tab separated, no header)',
    tables: [
      {
        role: 'interactions',
        match: foursquare,
        reading: { query: rowByRow(`* EXCLUDE (utcTimestamp), ${asTime('utcTimestamp')}`) },
      },
    ],
    derived: {
      items: reshaped(
        (from) =>
          `SELECT venueId, min(venueCategory) AS category, min(latitude) AS latitude, min(longitude) AS longitude FROM ${from} GROUP BY venueId`,
      ),
    },
    map: { user: 'userId', item: 'venueId', time: 'time', itemId: 'venueId' },
    kinds: { category: 'category' },
  },
  'foursquare-global': {
    title: 'Foursquare global check-ins (TIST 2015)',
    files: 'dataset_TIST2015_Checkins.txt, dataset_TIST2015_POIs.txt (tab separated, no header)',
    tables: [
      {
        role: 'interactions',
        delimiter: '\t',
        cells: [WHOLE, VENUE, TWITTER_TIME, /^-?\d+$/],
        reading: {
          ...plain,
          names: ['user', 'venue', 'utc', 'offset'],
          query: rowByRow(`* EXCLUDE (utc), ${asTime('utc')}`),
        },
      },
      {
        role: 'items',
        delimiter: '\t',
        cells: [VENUE, NUMBER, NUMBER, /./, /^[A-Z]{2}$/],
        optional: true,
        reading: { ...plain, names: ['venue', 'latitude', 'longitude', 'category', 'country'] },
      },
    ],
    map: { user: 'user', item: 'venue', time: 'time', itemId: 'venue' },
    kinds: { category: 'category', country: 'category' },
  },
  gowalla: {
    title: 'Gowalla and Brightkite check-ins (SNAP)',
    files: 'loc-gowalla_totalCheckins.txt (tab separated, no header)',
    tables: [
      {
        role: 'interactions',
        delimiter: '\t',
        cells: [WHOLE, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, NUMBER, NUMBER, /^\w+$/],
        reading: { ...plain, names: ['user', 'time', 'latitude', 'longitude', 'location'] },
      },
    ],
    derived: {
      items: reshaped((from) => `SELECT location, min(latitude) AS latitude, min(longitude) AS longitude FROM ${from} GROUP BY location`),
    },
    map: { user: 'user', item: 'location', time: 'time', itemId: 'location' },
  },
} satisfies Record<string, Layout>
