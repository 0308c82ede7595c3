/**
 * The world of the sample market, as tables: the latent attributes of a listing and of a taste, cities with their quarters, room
 * types, amenities. A loading such as `{ quiet: 0.8 }` is in units of the latent attribute, whose standard deviation is about 1.
 */

/** The latent attributes; a listing has a value of each, a traveller a taste for each. Negative is the opposite: `quiet` < 0 is lively. */
export const ATTRIBUTES = ['modern', 'view', 'quiet', 'family', 'luxury', 'green', 'work', 'arty'] as const
export type Attribute = (typeof ATTRIBUTES)[number]
export type Loadings = Readonly<Partial<Record<Attribute, number>>>

export interface Name {
  readonly en: string
  readonly zh: string
}

export interface City extends Name {
  readonly latitude: number
  readonly longitude: number
  /** km of one degree of longitude at this latitude */
  readonly kmPerLongitude: number
  /** share of the listings */
  readonly share: number
  /** log of the median price of a night in an entire apartment, in hundreds */
  readonly logPrice: number
}

/** km of one degree of latitude */
export const KM_PER_LATITUDE = 111.2

export const CITIES: readonly City[] = [
  { en: 'Lisbon', zh: '里斯本', latitude: 38.7223, longitude: -9.1393, kmPerLongitude: 86.8, share: 0.26, logPrice: 0.11 },
  { en: 'Porto', zh: '波尔图', latitude: 41.1496, longitude: -8.611, kmPerLongitude: 83.7, share: 0.22, logPrice: -0.05 },
  { en: 'Faro', zh: '法鲁', latitude: 37.0194, longitude: -7.9322, kmPerLongitude: 88.8, share: 0.17, logPrice: 0.05 },
  { en: 'Braga', zh: '布拉加', latitude: 41.5454, longitude: -8.4265, kmPerLongitude: 83.2, share: 0.12, logPrice: -0.36 },
  { en: 'Coimbra', zh: '科英布拉', latitude: 40.2033, longitude: -8.4103, kmPerLongitude: 84.9, share: 0.13, logPrice: -0.3 },
  { en: 'Aveiro', zh: '阿威罗', latitude: 40.6405, longitude: -8.6538, kmPerLongitude: 84.4, share: 0.1, logPrice: -0.2 },
]

export interface Quarter extends Name {
  /** km east and north of the city's centre */
  readonly east: number
  readonly north: number
  readonly attributes: Loadings
}

export const QUARTERS: readonly Quarter[] = [
  { en: 'Old Town', zh: '老城', east: 0, north: 0, attributes: { modern: -0.7, quiet: -0.5, arty: 0.3 } },
  { en: 'Harbour', zh: '港口', east: 2.6, north: -1.2, attributes: { view: 0.8, quiet: -0.2 } },
  { en: 'Riverside', zh: '河畔', east: -2.2, north: -1.8, attributes: { view: 0.5, green: 0.3 } },
  { en: 'University Quarter', zh: '大学区', east: 1.4, north: 2.4, attributes: { arty: 0.4, luxury: -0.4, quiet: -0.3 } },
  { en: 'Castle Hill', zh: '城堡山', east: -1.6, north: 1.9, attributes: { view: 0.6, modern: -0.4, luxury: 0.3 } },
  { en: 'Garden District', zh: '花园区', east: -4.4, north: 0.6, attributes: { green: 0.9, quiet: 0.5, family: 0.4 } },
  { en: 'Station Quarter', zh: '车站区', east: 3.9, north: 1.8, attributes: { work: 0.7, modern: 0.5 } },
  { en: 'Beachfront', zh: '海滨', east: 5.6, north: -3.6, attributes: { view: 0.7, family: 0.4, work: -0.4 } },
]

export interface RoomType extends Name {
  /** written to the file */
  readonly value: string
  readonly share: number
  /** log of the factor on the price */
  readonly logPrice: number
  readonly nouns: { readonly en: readonly string[]; readonly zh: readonly string[] }
}

export const ROOM_TYPES: readonly RoomType[] = [
  {
    value: 'Entire home/apt',
    en: 'apartment',
    zh: '整套公寓',
    share: 0.58,
    logPrice: 0,
    nouns: { en: ['apartment', 'flat', 'home', 'loft', 'maisonette'], zh: ['公寓', '住宅', '复式'] },
  },
  {
    value: 'Private room',
    en: 'private room',
    zh: '独立房间',
    share: 0.3,
    logPrice: -0.75,
    nouns: { en: ['room', 'bedroom', 'private room', 'guest room'], zh: ['房间', '卧室', '单间'] },
  },
  {
    value: 'Hotel room',
    en: 'hotel room',
    zh: '酒店客房',
    share: 0.08,
    logPrice: 0.2,
    nouns: { en: ['suite', 'hotel room', 'studio suite'], zh: ['套房', '客房'] },
  },
  {
    value: 'Shared room',
    en: 'shared room',
    zh: '合住房间',
    share: 0.04,
    logPrice: -1.3,
    nouns: { en: ['shared room', 'bed in a shared room', 'dorm'], zh: ['床位', '合住间'] },
  },
]

/** Amenities: log-odds of having one for an average listing, and what it says of the listing. */
export const AMENITIES: readonly { readonly name: string; readonly base: number; readonly attributes: Loadings }[] = [
  { name: 'Wifi', base: 3, attributes: {} },
  { name: 'Kitchen', base: 1.6, attributes: { family: 0.4 } },
  { name: 'Heating', base: 1.2, attributes: {} },
  { name: 'Washing machine', base: 0.4, attributes: { family: 0.5 } },
  { name: 'Air conditioning', base: 0.2, attributes: { luxury: 0.7, modern: 0.5 } },
  { name: 'Smart lock', base: -0.9, attributes: { modern: 1.4 } },
  { name: 'Induction hob', base: -1, attributes: { modern: 1.2 } },
  { name: 'Antique furniture', base: -1.6, attributes: { modern: -1.5 } },
  { name: 'Fireplace', base: -1.8, attributes: { modern: -1, green: 0.4 } },
  { name: 'Balcony', base: -0.6, attributes: { view: 1.3 } },
  { name: 'Sea view', base: -1.6, attributes: { view: 1.6 } },
  { name: 'Roof terrace', base: -1.6, attributes: { view: 1.1, luxury: 0.4 } },
  { name: 'Soundproof windows', base: -1.2, attributes: { quiet: 1.4 } },
  { name: 'Late check-in', base: -0.4, attributes: { quiet: -0.9, work: 0.3 } },
  { name: 'Bar next door', base: -1.5, attributes: { quiet: -1.5 } },
  { name: 'Cot', base: -1, attributes: { family: 1.6 } },
  { name: 'High chair', base: -1.2, attributes: { family: 1.6 } },
  { name: 'Board games', base: -0.9, attributes: { family: 1.1 } },
  { name: 'Pool', base: -1.8, attributes: { luxury: 1.4, family: 0.3 } },
  { name: 'Hot tub', base: -2, attributes: { luxury: 1.5 } },
  { name: 'Espresso machine', base: -0.7, attributes: { luxury: 0.9, modern: 0.3 } },
  { name: 'Concierge', base: -2.2, attributes: { luxury: 1.6 } },
  { name: 'Garden', base: -1, attributes: { green: 1.6 } },
  { name: 'Barbecue', base: -1.4, attributes: { green: 1, family: 0.4 } },
  { name: 'Bicycles', base: -1.1, attributes: { green: 1 } },
  { name: 'Desk', base: -0.2, attributes: { work: 1.5 } },
  { name: 'Monitor', base: -1.4, attributes: { work: 1.6 } },
  { name: 'Fast internet', base: -0.6, attributes: { work: 1.1, modern: 0.4 } },
  { name: 'Record player', base: -1.6, attributes: { arty: 1.4 } },
  { name: 'Art books', base: -1.3, attributes: { arty: 1.5 } },
  { name: 'Piano', base: -2, attributes: { arty: 1.1, modern: -0.5 } },
  { name: 'Pets welcome', base: -1.1, attributes: { green: 0.6 } },
  { name: 'Parking', base: -0.8, attributes: { family: 0.5, green: 0.3 } },
  { name: 'Smoke alarm', base: 1.4, attributes: {} },
]

/** Where travellers live, and how they like to travel: a weight for each of {@link CITIES}. */
export const HOMES: readonly { readonly name: string; readonly share: number; readonly destinations: readonly number[] }[] = [
  { name: 'Lisbon', share: 0.14, destinations: [1, 5, 7, 2, 2, 2] },
  { name: 'Porto', share: 0.11, destinations: [6, 1, 4, 2, 2, 3] },
  { name: 'Madrid', share: 0.13, destinations: [6, 4, 4, 1, 2, 1] },
  { name: 'London', share: 0.13, destinations: [4, 3, 7, 1, 1, 1] },
  { name: 'Paris', share: 0.11, destinations: [5, 6, 2, 2, 1, 2] },
  { name: 'Berlin', share: 0.09, destinations: [5, 4, 2, 1, 2, 2] },
  { name: 'Amsterdam', share: 0.07, destinations: [4, 4, 3, 1, 1, 3] },
  { name: 'New York', share: 0.08, destinations: [8, 4, 1, 1, 1, 1] },
  { name: 'São Paulo', share: 0.07, destinations: [5, 4, 1, 3, 4, 1] },
  { name: 'Shanghai', share: 0.07, destinations: [6, 3, 1, 1, 4, 1] },
]

/** Loadings as a vector in the order of {@link ATTRIBUTES}. */
export function loadingVector(loadings: Loadings): number[] {
  return ATTRIBUTES.map((name) => loadings[name] ?? 0)
}
