/**
 * The sample market in memory: travellers search in sessions, meet listings by their preference (each at most once anew, some
 * again), click on what suits and book the best. Only the very last new listing of a traveller may be a cold one.
 */
import { makeListings, type Listing } from './listings.ts'
import { preferences, type Situation } from './preference.ts'
import { Random } from './random.ts'
import { CITIES } from './world.ts'
import { makeTravellers, type Traveller, type Trip } from './travellers.ts'

const HOUR = 3600
const DAY = 24 * HOUR
export const EVENTS = ['view', 'click', 'booking'] as const
/** New listings a trip has at least, and a traveller at most. */
const MIN_PER_TRIP = 4
const MAX_CONTACTS = 90
/** Measured: events per newly met listing. */
const EVENTS_PER_CONTACT = 1.91
/** How well a cold listing suits its first guest, against the one that suits best. */
const GUEST_SHARE = 0.02
/** Share of trips that begin with the listing met least so far. */
const SHOWN_SHARE = 0.16

export interface MarketSize {
  readonly seed: number
  readonly users: number
  readonly listings: number
  /** about as many */
  readonly events: number
}

export interface Visit {
  readonly listing: Listing
  /** index into EVENTS */
  readonly event: number
  /** seconds since 1970, strictly increasing over a traveller */
  readonly time: number
}

export interface Market {
  /** in order of creation, which is the order of their ids */
  readonly listings: readonly Listing[]
  readonly travellers: readonly Traveller[]
}

/** The life of one traveller: visits in order of time, and the situation in which the last new listing was chosen. */
export interface History {
  readonly visits: readonly Visit[]
  readonly last: Situation
}

export function makeMarket(size: MarketSize): Market {
  return {
    listings: makeListings(size.listings, new Random(size.seed, 'listings')),
    travellers: makeTravellers(size.users, new Random(size.seed, 'travellers')),
  }
}

/** Lets the travellers of a market live their year, one after the other. */
export function* liveYear(market: Market, size: MarketSize): Generator<History, void> {
  const random = new Random(size.seed, 'visits')
  const mean = size.events / Math.max(1, size.users) / EVENTS_PER_CONTACT
  const inCity = CITIES.map((_, city) => market.listings.filter((listing) => listing.city === city))
  const exposure = new Map(market.listings.map((listing) => [listing, 0]))
  for (const traveller of market.travellers) yield live(traveller, inCity, exposure, mean, random)
}

interface Contact extends Situation {
  readonly listing: Listing
  readonly weight: number
}

/** How often a listing was met: a cold one at all, a warm one before the last two of a traveller, which is what a model learns from. */
type Exposure = Map<Listing, number>

/** `inCity` holds the listings of each city. */
function live(traveller: Traveller, inCity: readonly (readonly Listing[])[], exposure: Exposure, mean: number, random: Random): History {
  const contacts: Contact[] = []
  const visits: Visit[] = []
  const seen = new Set<Listing>()
  const trips = traveller.trips
  for (const [i, trip] of trips.entries()) {
    const wanted = MIN_PER_TRIP + tail(Math.max(0, mean / averageTrips - MIN_PER_TRIP), random)
    const count = Math.min(wanted, MAX_CONTACTS - contacts.length)
    const onTrip = search(traveller, trip, count, i === trips.length - 1, inCity[trip.city]!, seen, exposure, random)
    contacts.push(...onTrip)
    visits.push(...react(onTrip, random))
  }
  for (const [i, { listing }] of contacts.entries())
    if (listing.cold || i < contacts.length - 2) exposure.set(listing, exposure.get(listing)! + 1)
  visits.sort((a, b) => a.time - b.time || a.event - b.event)
  return { visits: strictlyLater(visits), last: contacts.at(-1)! }
}

/** Mean of the number of trips in travellers.ts. */
const averageTrips = 1.74

/** A whole number of this mean, exponentially distributed: half the sum of two squared normals. */
function tail(mean: number, random: Random): number {
  return Math.floor(mean * ((random.normal() ** 2 + random.normal() ** 2) / 2) + random.uniform())
}

/**
 * The newly met listings of a trip, drawn without replacement from those of its city, in order of time. Now and then the market
 * shows first what it has shown least, so that of the warm listings each has been met.
 */
function search(
  traveller: Traveller,
  trip: Trip,
  count: number,
  lastTrip: boolean,
  listings: readonly Listing[],
  met: Set<Listing>,
  exposure: Exposure,
  random: Random,
): Contact[] {
  const contacts: Contact[] = []
  const sessions = sessionTimes(trip, Math.ceil(count / 4), traveller, random)
  const weigh = (situation: Situation, newcomers: boolean): Float64Array =>
    preferences(situation, listings, newcomers).map((w, i) => (met.has(listings[i]!) ? 0 : w))
  const [atLeisure, atWork] = [false, true].map((working) => weigh({ traveller, trip, time: trip.start, working }, false)) as [
    Float64Array,
    Float64Array,
  ]
  for (let i = 0; i < count; i++) {
    const start = sessions[Math.floor((i * sessions.length) / count)]!
    const time = Math.max(start, (contacts.at(-1)?.time ?? 0) + random.whole(20, 240))
    const situation = { traveller, trip, time, working: isWorking(start) }
    const last = lastTrip && i === count - 1
    const weights = last ? weigh(situation, true) : situation.working ? atWork : atLeisure
    const shown = last
      ? firstGuest(weights, listings, exposure)
      : i === 0 && random.chance(SHOWN_SHARE)
        ? leastShown(weights, listings, exposure)
        : -1
    const drawn = shown >= 0 ? shown : random.weighted(weights)
    if (drawn < 0) break
    const listing = listings[drawn]!
    contacts.push({ ...situation, listing, weight: weights[drawn]! })
    met.add(listing)
    atLeisure[drawn] = 0
    atWork[drawn] = 0
  }
  return contacts
}

/** The first of those least met among what can be chosen; −1 where nothing can. */
function leastShown(weights: Float64Array, listings: readonly Listing[], exposure: Exposure): number {
  let least = -1
  for (const [i, listing] of listings.entries()) {
    if (weights[i]! > 0 && (least < 0 || exposure.get(listing)! < exposure.get(listings[least]!)!)) least = i
  }
  return least
}

/** Of the cold listings that nobody has met the one that suits best, where it suits well enough; else −1. */
function firstGuest(weights: Float64Array, listings: readonly Listing[], exposure: Exposure): number {
  let best = 0
  let unmet = -1
  for (const [i, listing] of listings.entries()) {
    if (!listing.cold) continue
    best = Math.max(best, weights[i]!)
    if (exposure.get(listing) === 0 && weights[i]! > (weights[unmet] ?? 0)) unmet = i
  }
  return (weights[unmet] ?? 0) > GUEST_SHARE * best ? unmet : -1
}

/** Starts of sessions, at least half an hour apart; who works on the road searches more in working hours. */
function sessionTimes(trip: Trip, count: number, traveller: Traveller, random: Random): number[] {
  const atWork = traveller.taste[6]! > 0.5 ? 0.55 : 0.2
  const times = Array.from({ length: count }, () => {
    const day = Math.floor((trip.start + trip.duration * random.uniform()) / DAY)
    const hour = random.chance(atWork) ? random.between(9, 17) : random.chance(0.15) ? random.between(0, 9) : random.between(17, 24)
    return Math.floor(day * DAY + hour * HOUR)
  }).sort((a, b) => a - b)
  for (let i = 1; i < count; i++) times[i] = Math.max(times[i]!, times[i - 1]! + HOUR / 2)
  return times
}

function isWorking(time: number): boolean {
  const weekday = (Math.floor(time / DAY) + 4) % 7
  const hour = Math.floor((time % DAY) / HOUR)
  return weekday >= 1 && weekday <= 5 && hour >= 9 && hour < 17
}

/** Views of all contacts, clicks on the better ones, a second look at some, a booking of the best that was clicked. */
function react(contacts: readonly Contact[], random: Random): Visit[] {
  const visits: Visit[] = []
  const ranked = [...contacts].sort((a, b) => b.weight - a.weight)
  let booked: Visit | null = null
  for (const [rank, { listing, time }] of ranked.entries()) {
    visits.push({ listing, event: 0, time })
    if (random.chance(0.8 - (0.5 * rank) / ranked.length)) {
      const click = { listing, event: 1, time: time + random.whole(5, 15) }
      visits.push(click)
      booked ??= random.chance(0.75) ? { listing, event: 2, time: time + random.whole(300, 5400) } : null
    }
    if (random.chance(0.25)) visits.push({ listing, event: 0, time: time + random.whole(HOUR, 10 * HOUR) })
  }
  if (booked !== null) visits.push(booked)
  return visits
}

function strictlyLater(visits: readonly Visit[]): Visit[] {
  let before = -1
  return visits.map((visit) => {
    before = Math.max(visit.time, before + 1)
    return { ...visit, time: before }
  })
}
