/** The ceiling of the sample market: rankings by the preference model that generated it, which no trained model can beat. */
import type { History, Market } from '../../main/engine/sample/market.ts'
import { preferences } from '../../main/engine/sample/preference.ts'
import type { Listing } from '../../main/engine/sample/listings.ts'

/** The listings a traveller met, each once, in the order of the first contact; the last is the test item of the leave-last split. */
export function firstContacts(history: History): Listing[] {
  return [...new Set(history.visits.map(({ listing }) => listing))]
}

/** The true weights, one a listing of the market, with which the traveller's last new listing was drawn; −1 for what was met before. */
export function oracleScores(market: Market, history: History): Float64Array {
  const seen = new Set(firstContacts(history).slice(0, -1))
  return preferences(history.last, market.listings, true).map((weight, i) => (seen.has(market.listings[i]!) ? -1 : weight))
}
