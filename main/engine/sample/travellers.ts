/**
 * The demand side of the sample market: users with a latent taste, a price band and trips. Age, gender and home city say something
 * of them (so that a user without history can be served better than by popularity), and much is their own.
 */
import type { Random } from './random.ts'
import { ATTRIBUTES, CITIES, HOMES, QUARTERS, ROOM_TYPES, loadingVector } from './world.ts'
import { COLD_FROM, MARKET_END, MARKET_START, dot } from './listings.ts'

const DAY = 86_400
/** Share of users whose last trip is planned in the high season at the end of the year, when cold listings are on the market. */
const SEASON_SHARE = 0.5
const GENDERS = ['female', 'male', 'other'] as const

/** A stay that is being planned: listings are looked for around one place of one city. */
export interface Trip {
  readonly city: number
  /** km from the city's centre */
  readonly east: number
  readonly north: number
  /** seconds since 1970: when the search begins, and how long it takes at most */
  readonly start: number
  readonly duration: number
}

export interface Traveller {
  readonly id: string
  /** null: not told */
  readonly gender: (typeof GENDERS)[number] | null
  readonly age: number | null
  readonly home: number
  /** seconds since 1970 */
  readonly joined: number
  /** latent, in the order of ATTRIBUTES: at the start of the year, and the change until its end */
  readonly taste: Float64Array
  readonly drift: Float64Array
  /** log of the price in hundreds that suits best, for an entire apartment */
  readonly logPrice: number
  /** taste for each room type */
  readonly rooms: readonly number[]
  /** in order of time, at least one */
  readonly trips: readonly Trip[]
}

/** What everybody comes to like more in the course of the year. */
const FASHION = loadingVector({ green: 0.5, work: 0.4, luxury: -0.3 })

export function makeTravellers(count: number, random: Random): Traveller[] {
  return Array.from({ length: count }, (_, i) => makeTraveller(`U${String(i + 1).padStart(5, '0')}`, random))
}

function makeTraveller(id: string, random: Random): Traveller {
  const home = random.weighted(HOMES.map(({ share }) => share))
  const gender = GENDERS[random.weighted([0.5, 0.47, 0.03])]!
  const age = Math.min(85, Math.round(21 + 9 * (random.normal() ** 2 + random.normal() ** 2)))
  const mean = tasteOfAge(age, gender)
  const taste = Float64Array.from(mean, (m) => m + 0.8 * random.normal())
  const logPrice = -0.15 + 0.25 * taste[4]! + Math.min(0.35, (age - 21) * 0.012) + 0.3 * random.normal()
  const rooms = ROOM_TYPES.map((_, k) => 0.5 * random.normal() + (k === 0 ? 0.6 : k === 3 ? (age < 28 ? 0 : -1) : 0))
  return {
    id,
    home,
    taste,
    logPrice,
    rooms,
    gender: random.chance(0.06) ? null : gender,
    age: random.chance(0.08) ? null : age,
    joined: MARKET_START - Math.floor(3 * 365 * DAY * random.uniform()),
    drift: Float64Array.from(FASHION, (f) => f + 0.45 * random.normal()),
    trips: makeTrips(home, taste, random),
  }
}

function tasteOfAge(age: number, gender: (typeof GENDERS)[number]): number[] {
  const young = age < 28
  const parent = age >= 30 && age < 48
  const old = age >= 55
  const byAge = young
    ? { quiet: -1, arty: 0.6, luxury: -0.6, family: -0.5 }
    : parent
      ? { family: 1, quiet: 0.4, work: 0.2 }
      : old
        ? { quiet: 0.9, luxury: 0.5, modern: -0.6, work: -0.7 }
        : { work: 0.6, view: 0.4 }
  const byGender = loadingVector(
    gender === 'female' ? { arty: 0.2, green: 0.2 } : gender === 'male' ? { work: 0.2, modern: 0.2 } : { arty: 0.5 },
  )
  return loadingVector(byAge).map((value, k) => value + byGender[k]!)
}

/** One to three trips: mostly to one favourite city, where the favoured place stays the same. */
function makeTrips(home: number, taste: Float64Array, random: Random): Trip[] {
  const count = 1 + random.weighted([0.44, 0.38, 0.18])
  const favourite = random.weighted(HOMES[home]!.destinations)
  const cities = Array.from({ length: count }, () => (random.chance(0.65) ? favourite : random.weighted(HOMES[home]!.destinations)))
  const places = CITIES.map(() => preferredPlace(taste, random))
  const last = random.chance(SEASON_SHARE)
    ? random.between(COLD_FROM + 5 * DAY, MARKET_END - 10 * DAY)
    : random.between(MARKET_START + 60 * DAY, COLD_FROM - 10 * DAY)
  const starts = [...Array.from({ length: count - 1 }, () => random.between(MARKET_START, last - 15 * DAY)).sort((a, b) => a - b), last]
  return cities.map((city, i) => ({
    city,
    ...places[city]!,
    start: Math.floor(starts[i]!),
    duration: Math.floor(random.between(0.5, 8) * DAY),
  }))
}

/** Near a quarter that suits the taste, within walking distance. */
function preferredPlace(taste: Float64Array, random: Random): { east: number; north: number } {
  const appeal = QUARTERS.map(({ attributes }) => Math.max(0.05, 1 + 0.6 * dot(loadingVector(attributes), taste)))
  const { east, north } = QUARTERS[random.weighted(appeal)]!
  return { east: east + 0.7 * random.normal(), north: north + 0.7 * random.normal() }
}

/** The taste at a time of the year, 0 at its start and 1 at its end, shifted by what the session is for. */
export function tasteAt(traveller: Traveller, year: number, working: boolean): number[] {
  return ATTRIBUTES.map((name, k) => {
    const occasion = name === 'work' ? (working ? 0.7 : -0.3) : name === 'view' ? (working ? -0.3 : 0.3) : 0
    return traveller.taste[k]! + year * traveller.drift[k]! + occasion
  })
}
