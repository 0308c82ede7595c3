/**
 * Most popular as vectors of a small model, so that all that reads vectors reads this too: an item's vector is its count, a user's how
 * much each count matters to them. By market the vectors have one entry a market; by recency a count is a sum of halving weights.
 */
import type { Part } from '../../../contract/shapes/dataset.ts'
import { PylonError } from '../../../contract/errors.ts'
import type { PopularitySpec } from '../../../contract/shapes/spec.ts'
import { eventCodes, InteractionSelection } from '../../dataset/interactions.ts'
import type { ColumnValues, Dataset } from '../../dataset/dataset.ts'
import { itemCounts } from '../held-out.ts'

export interface PopularityVectors {
  readonly dim: number
  /** [users × dim] and [items × dim], row-major */
  readonly users: Float32Array
  readonly items: Float32Array
}

type Counted = Pick<Dataset, 'manifest' | 'interactions' | 'column'>

/**
 * What an item of another market keeps of its count: less than one interaction for counts below a million, so it comes
 * after all of the own market.
 */
const ELSEWHERE = 2 ** -20
/** numbers in the users' vectors by market */
const MAX_NUMBERS = 2 ** 28

/** @throws PylonError bad-input where the spec names a column or a time that is not there */
export async function popularityVectors(
  dataset: Counted,
  popularity: PopularitySpec,
  parts: readonly Part[],
  events: readonly string[],
): Promise<PopularityVectors> {
  const { users } = dataset.manifest
  const counts = itemCounts(dataset, parts, events)
  switch (popularity.kind) {
    case 'global':
      return { dim: 1, users: new Float32Array(users).fill(1), items: Float32Array.from(counts) }
    case 'recency':
      return { dim: 1, users: new Float32Array(users).fill(1), items: recentCounts(dataset, popularity.halfLifeDays, parts, events) }
    case 'market':
      return byMarket(dataset, counts, await marketsOf(dataset, popularity.column), parts)
  }
}

/** Σ 2^(−age / half-life) over an item's interactions, age from the last counted interaction. */
function recentCounts(
  { manifest, interactions }: Counted,
  halfLifeDays: number,
  parts: readonly Part[],
  events: readonly string[],
): Float32Array {
  const { time, item } = interactions
  if (time === null) {
    throw new PylonError('bad-input', `Dataset ${manifest.name} has no times: take popularity.kind global.`, 'popularity.kind')
  }
  const counted = new InteractionSelection(interactions, parts, eventCodes({ manifest, interactions }, events))
  const end = counted.latest(time)
  const sums = new Float64Array(manifest.items)
  for (let p = 0; p < item.length; p++) if (counted.has(p)) sums[item[p]!]! += 2 ** ((time[p]! - end) / (86_400 * halfLifeDays))
  return Float32Array.from(sums)
}

/** The market of each item, numbered by first occurrence; −1: none. */
async function marketsOf(dataset: Counted, column: string): Promise<{ of: Int32Array; count: number }> {
  const values = await dataset.column('item', column)
  const numbers = new Map<string, number>()
  const of = Int32Array.from({ length: dataset.manifest.items }, (_, item) => {
    const value = categoryAt(values, item, column)
    if (value === null) return -1
    if (!numbers.has(value)) numbers.set(value, numbers.size)
    return numbers.get(value)!
  })
  return { of, count: numbers.size }
}

function categoryAt(values: ColumnValues, item: number, column: string): string | null {
  if (values.storage === 'text') return values.values[item] || null
  if (values.storage !== 'number') {
    throw new PylonError('bad-input', `Item column "${column}" holds lists; a market is one value an item.`, 'popularity.column')
  }
  const number = values.values[item]!
  return Number.isNaN(number) ? null : String(number)
}

function byMarket(
  { manifest, interactions }: Counted,
  counts: Int32Array,
  markets: { of: Int32Array; count: number },
  parts: readonly Part[],
): PopularityVectors {
  const { users, items } = manifest
  const earlier = new InteractionSelection(interactions, parts)
  const own = ownMarkets()
  // a column for items and users without a market, and so for what everybody shares
  const dim = markets.count + 1
  if (users * dim > MAX_NUMBERS) {
    throw new PylonError(
      'bad-input',
      `The column has ${markets.count.toLocaleString('en')} values, too many markets for ${users.toLocaleString('en')} users: choose a coarser one.`,
      'popularity.column',
    )
  }
  const [userVectors, itemVectors] = [new Float32Array(users * dim), new Float32Array(items * dim)]
  for (let user = 0; user < users; user++) {
    userVectors.fill(own[user] === -1 ? 1 : ELSEWHERE, user * dim, (user + 1) * dim)
    if (own[user] !== -1) userVectors[user * dim + own[user]!] = 1
  }
  for (let item = 0; item < items; item++) itemVectors[item * dim + (markets.of[item] === -1 ? dim - 1 : markets.of[item]!)] = counts[item]!
  return { dim, users: userVectors, items: itemVectors }

  /** A user's most frequent market, the latest of equally frequent ones; −1: no history. */
  function ownMarkets(): Int32Array {
    const visits = new Int32Array(markets.count)
    return Int32Array.from({ length: users }, (_, user) => {
      let best = -1
      visits.fill(0)
      for (const item of earlier.itemsOf(user)) {
        const market = markets.of[item]!
        if (market === -1) continue
        visits[market]!++
        if (best === -1 || visits[market]! >= visits[best]!) best = market
      }
      return best
    })
  }
}
