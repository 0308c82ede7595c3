/**
 * The known preference model of the sample market: how likely a traveller meets a listing on a trip. It is the ceiling: no model
 * can rank better than by these weights, and a test compares models with them.
 */
import { MARKET_END, MARKET_START, dot, type Listing } from './listings.ts'
import { exponential } from './random.ts'
import { tasteAt, type Traveller, type Trip } from './travellers.ts'

/** How much each part counts, in units of log-odds. */
const WEIGHT = { distance: 0.55, price: 0.6, taste: 0.6, room: 0.6 } as const
const PRICE_BAND = 0.35
/** New listings are promoted: their weight against that of a listing of the same appeal. */
const NEWCOMER = 2

/** The moment of a choice. */
export interface Situation {
  readonly traveller: Traveller
  readonly trip: Trip
  /** seconds since 1970 */
  readonly time: number
  /** within working hours of a weekday */
  readonly working: boolean
}

/**
 * Weights of `listings` in a situation: a listing is chosen with probability proportional to its weight. 0 for another city, for
 * what is not yet created and, unless `newcomers`, for cold listings.
 */
export function preferences(situation: Situation, listings: readonly Listing[], newcomers: boolean): Float64Array {
  const { traveller, trip, time, working } = situation
  const year = (time - MARKET_START) / (MARKET_END - MARKET_START)
  const taste = tasteAt(traveller, year, working)
  const weights = new Float64Array(listings.length)
  for (const [i, listing] of listings.entries()) {
    if (listing.city !== trip.city || listing.created > time || (listing.cold && !newcomers)) continue
    weights[i] =
      (listing.cold ? NEWCOMER : 1) * listing.popularity * (1 + year * listing.trend) * exponential(appeal(traveller, trip, taste, listing))
  }
  return weights
}

function appeal(traveller: Traveller, trip: Trip, taste: readonly number[], listing: Listing): number {
  const east = listing.east - trip.east
  const north = listing.north - trip.north
  const price = Math.abs(listing.logPrice - traveller.logPrice) / PRICE_BAND
  return (
    -WEIGHT.distance * Math.sqrt(east * east + north * north) -
    WEIGHT.price * (price < 2 ? (price * price) / 2 : 2 * price - 2) +
    WEIGHT.taste * dot(taste, listing.attributes) +
    WEIGHT.room * traveller.rooms[listing.roomType]!
  )
}
