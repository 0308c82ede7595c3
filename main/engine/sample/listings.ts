/**
 * The supply side of the sample market: listings whose visible columns (text, price, place, amenities, photo vector) all follow
 * from latent attributes and noise. The last 5 % by creation are the cold ones: nobody meets them in training.
 */
import { exponential, logistic, type Random } from './random.ts'
import { FILLERS, OPENINGS, PHRASES, TITLES } from './phrases.ts'
import { AMENITIES, ATTRIBUTES, CITIES, KM_PER_LATITUDE, QUARTERS, ROOM_TYPES, loadingVector } from './world.ts'

const DAY = 86_400
/** The market's year, seconds since 1970 UTC: 2024-01-01 to 2025-01-01. */
export const MARKET_START = 1_704_067_200
export const MARKET_END = 1_735_689_600
/** What is created after this is cold, and nothing else is created in the weeks before it. */
export const COLD_FROM = MARKET_END - 40 * DAY
export const PHOTO_WIDTH = 16

const COLD_SHARE = 0.05
const CHINESE_SHARE = 0.06

export interface Listing {
  readonly id: string
  readonly city: number
  readonly roomType: number
  /** latent, in the order of ATTRIBUTES */
  readonly attributes: Float64Array
  /** km from the city's centre */
  readonly east: number
  readonly north: number
  readonly latitude: number
  readonly longitude: number
  /** log of the price in hundreds */
  readonly logPrice: number
  readonly price: number
  readonly title: string
  readonly description: string
  readonly amenities: readonly string[]
  /** seconds since 1970 */
  readonly created: number
  readonly photo: Float64Array
  /** how often it is met whoever asks, at the start of the year, and how that changes in a year */
  readonly popularity: number
  readonly trend: number
  readonly cold: boolean
}

/** Makes the listings in order of creation; the last `5 %` are cold. */
export function makeListings(count: number, random: Random): Listing[] {
  const cold = Math.round(count * COLD_SHARE)
  const created = creationTimes(count, cold, random)
  const ranks = random.permutation(count)
  const loadings = photoLoadings(random)
  const amenities = AMENITIES.map(({ name, base, attributes }) => ({ name, base, attributes: loadingVector(attributes) }))
  return created.map((time, i) => {
    const city = random.weighted(CITIES.map(({ share }) => share))
    const quarter = random.whole(0, QUARTERS.length - 1)
    const attributes = Float64Array.from(loadingVector(QUARTERS[quarter]!.attributes), (mean) => mean + 0.9 * random.normal())
    const roomType = random.weighted(ROOM_TYPES.map(({ share }) => share))
    const logPrice =
      CITIES[city]!.logPrice + ROOM_TYPES[roomType]!.logPrice + 0.3 * attributes[4]! + 0.12 * attributes[1]! + 0.25 * random.normal()
    return {
      id: `L${String(i + 1).padStart(5, '0')}`,
      city,
      roomType,
      attributes,
      created: time,
      cold: i >= count - cold,
      ...place(city, quarter, random),
      logPrice,
      price: Math.max(9, Math.round(100 * exponential(logPrice))),
      ...wording(city, quarter, roomType, attributes, random),
      amenities: amenities.filter((a) => random.chance(logistic(a.base + dot(a.attributes, attributes)))).map((a) => a.name),
      photo: Float64Array.from(loadings, (row) => squash(dot(row, attributes)) + 0.25 * random.normal()),
      popularity: zipf(ranks[i]!, count),
      trend: random.between(-0.6, 1),
    }
  })
}

/** Warm listings over the four years before {@link COLD_FROM}, denser towards the end; cold ones within twelve days of it. */
function creationTimes(count: number, cold: number, random: Random): number[] {
  const warm = Array.from({ length: count - cold }, () =>
    Math.floor(COLD_FROM - 35 * DAY - 4 * 365 * DAY * random.uniform() * random.uniform()),
  )
  const late = Array.from({ length: cold }, () => Math.floor(COLD_FROM + 12 * DAY * random.uniform()))
  return [...warm, ...late].sort((a, b) => a - b)
}

function place(city: number, quarter: number, random: Random): Pick<Listing, 'east' | 'north' | 'latitude' | 'longitude'> {
  const { latitude, longitude, kmPerLongitude } = CITIES[city]!
  const east = QUARTERS[quarter]!.east + 0.6 * random.normal()
  const north = QUARTERS[quarter]!.north + 0.6 * random.normal()
  return { east, north, latitude: latitude + north / KM_PER_LATITUDE, longitude: longitude + east / kmPerLongitude }
}

/** A power law of exponent 1/2 over ranks, flattened at the top; mean about 1. */
function zipf(rank: number, count: number): number {
  return Math.sqrt((0.3 * count) / (rank + 0.02 * count))
}

/** One row of loadings on the attributes per dimension of the photo vector: what an image model might have seen. */
function photoLoadings(random: Random): number[][] {
  return Array.from({ length: PHOTO_WIDTH }, () => ATTRIBUTES.map(() => 0.45 * random.normal()))
}

/** Bounds to ±2, so that the photo is not a linear map of the attributes. */
function squash(x: number): number {
  return (2 * x) / (1 + Math.abs(x) / 2)
}

function wording(
  city: number,
  quarter: number,
  roomType: number,
  attributes: Float64Array,
  random: Random,
): { title: string; description: string } {
  const language = random.chance(CHINESE_SHARE) ? 'zh' : 'en'
  const order = [...ATTRIBUTES.keys()].sort((a, b) => Math.abs(attributes[b]!) - Math.abs(attributes[a]!) || a - b)
  const phrases = order.map((k) => PHRASES[ATTRIBUTES[k]!][attributes[k]! > 0 ? 'high' : 'low'])
  const noun = random.pick(ROOM_TYPES[roomType]!.nouns[language])
  const fill = (template: string, adjective: string): string =>
    template
      .replace('{adjective}', adjective)
      .replace('{noun}', noun)
      .replace('{quarter}', QUARTERS[quarter]![language])
      .replace('{city}', CITIES[city]![language])
  const adjective = random.pick(phrases[random.chance(0.7) ? 0 : 1]!.adjectives[language])
  const said = phrases
    .filter((_, place) => Math.abs(attributes[order[place]!]!) > 0.45 && random.chance(0.85))
    .map((p) => random.pick(p.clauses[language]))
  const sentences = [fill(random.pick(OPENINGS[language]), ''), ...said.slice(0, 6), random.pick(FILLERS[language])]
  return { title: fill(random.pick(TITLES[language]), adjective), description: sentences.join(language === 'zh' ? '' : ' ') }
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
