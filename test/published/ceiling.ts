/**
 * `npm run ceiling`: what there is to know about the sample market: recall@20 of the test items by the preferences that made it, with one of
 * them taken away, and with what must be guessed (place, price, taste) guessed from what a traveller has met. Half a minute; docs/default.md
 * has its figures.
 */
import type { Listing } from '../../main/engine/sample/listings.ts'
import { type History, liveYear, makeMarket } from '../../main/engine/sample/market.ts'
import { preferences, type Situation } from '../../main/engine/sample/preference.ts'
import { firstContacts } from '../helpers/oracle.ts'

const K = 20
/** of the sample as it is imported */
const SIZE = { seed: 1, users: 5000, listings: 3000, events: 150_000 }
/** a listing that is met is this much to a taste, by trial on validation items */
const TASTE_OF_MET = 2.5

/** A listing and a situation as a ranking believes them to be. */
interface Belief {
  readonly listing?: (listing: Listing, situation: Situation) => Partial<Listing>
  /** `met`: in order of time, the held-out one not among them */
  readonly situation?: (situation: Situation, met: readonly Listing[]) => Situation
}

const mean = (of: readonly Listing[], value: (listing: Listing) => number): number =>
  of.reduce((sum, listing) => sum + value(listing), 0) / of.length

const traveller = (change: (situation: Situation, met: readonly Listing[]) => Partial<Situation['traveller']>): Belief => ({
  situation: (situation, met) => ({ ...situation, traveller: { ...situation.traveller, ...change(situation, met) } }),
})

/** The middle of what was met in the city where the last of it was. */
const placeOfMet: Belief = {
  situation: (situation, met) => {
    const { city } = met.at(-1)!
    const there = met.slice(met.findLastIndex((listing) => listing.city !== city) + 1)
    return { ...situation, trip: { ...situation.trip, city, east: mean(there, (l) => l.east), north: mean(there, (l) => l.north) } }
  },
}
const priceOfMet = traveller((_, met) => ({ logPrice: mean(met, ({ logPrice }) => logPrice) }))
const tasteOfMet = traveller(({ traveller: { taste } }, met) => ({
  taste: taste.map((_, k) => (TASTE_OF_MET * met.length * mean(met, ({ attributes }) => attributes[k]!)) / (met.length + 3)),
  drift: new Float64Array(taste.length),
}))

const BELIEFS: Readonly<Record<string, readonly Belief[]>> = {
  'all that is true': [],
  'without taste': [{ listing: ({ attributes }) => ({ attributes: new Float64Array(attributes.length) }) }],
  'without the drift of taste': [traveller(({ traveller: { drift } }) => ({ drift: new Float64Array(drift.length) }))],
  'without working hours': [{ situation: (situation) => ({ ...situation, working: false }) }],
  'without distance': [{ listing: (_, { trip: { east, north } }) => ({ east, north }) }],
  'without the city': [{ listing: (_, { trip: { city } }) => ({ city }) }],
  'without price': [{ listing: (_, { traveller: { logPrice } }) => ({ logPrice }) }],
  'without room types': [traveller(({ traveller: { rooms } }) => ({ rooms: rooms.map(() => 0) }))],
  'without popularity': [{ listing: () => ({ popularity: 1, trend: 0 }) }],
  'without when listings came': [{ listing: () => ({ created: 0 }) }],
  'place guessed from what was met': [placeOfMet],
  'price guessed': [priceOfMet],
  'taste guessed': [tasteOfMet],
  'place, price and taste guessed': [placeOfMet, priceOfMet, tasteOfMet],
  'the same without when listings came': [placeOfMet, priceOfMet, tasteOfMet, { listing: () => ({ created: 0 }) }],
}

const market = makeMarket(SIZE)
const histories = [...liveYear(market, SIZE)]
for (const [name, beliefs] of Object.entries(BELIEFS)) console.log(`${name.padEnd(36)} ${recall(beliefs).toFixed(3).replace(/^0/, '')}`)

/** Share of travellers whose last new listing is among the first K. */
function recall(beliefs: readonly Belief[]): number {
  const found = histories.filter((history) => rankOf(history, beliefs) <= K)
  return found.length / histories.length
}

function rankOf(history: History, beliefs: readonly Belief[]): number {
  const contacts = firstContacts(history)
  const [met, wanted] = [contacts.slice(0, -1), contacts.at(-1)!]
  const situation = beliefs.reduce((held, belief) => belief.situation?.(held, met) ?? held, history.last)
  const changes = beliefs.flatMap(({ listing }) => listing ?? [])
  const believed =
    changes.length === 0
      ? market.listings
      : market.listings.map((listing) => changes.reduce((held, change) => ({ ...held, ...change(held, situation) }), listing))
  const scores = preferences(situation, believed, true)
  const seen = new Set(met)
  const own = scores[market.listings.indexOf(wanted)]!
  if (own <= 0) return Infinity
  let rank = 1
  for (const [i, score] of scores.entries()) if (score > own && !seen.has(market.listings[i]!)) rank++
  return rank
}
