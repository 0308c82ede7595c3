/** A page of the users of two paired runs: filtered, sorted, described. */
import type { DifferenceUser, DifferenceUsersInput } from '../../contract/verbs.ts'
import type { Paired } from '../evaluation/difference.ts'
import { PAIRED_SLICES } from '../evaluation/slice-queries.ts'
import type { Catalogue } from './catalogue.ts'

type Asked = Omit<DifferenceUsersInput, 'runs' | 'metric'>

/** Costs a pass over the queries and a sort of those that pass the filters. */
export async function differenceUsers(
  catalogue: Catalogue,
  paired: Paired,
  asked: Asked,
): Promise<{ total: number; users: DifferenceUser[] }> {
  const [userIds, itemIds] = [await catalogue.dataset.ids('user'), await catalogue.dataset.ids('item')]
  const titleOf = await catalogue.titles('item')
  const needle = asked.text.trim().toLowerCase()
  const found = (q: number): boolean => {
    const item = paired.item[q]!
    return [userIds[paired.held.users[q]!]!, itemIds[item]!, titleOf(item) ?? ''].some((text) => text.toLowerCase().includes(needle))
  }
  const kept = paired.held.users.map((_, q) => q).filter((q) => passes(paired, asked, q) && (needle === '' || found(q)))
  const key = keyOf(paired, asked.sort)
  const sign = asked.descending ? -1 : 1
  // what has no rank stands last, whichever way is sorted
  const missing = (q: number): number => Number(Number.isNaN(key(q)))
  kept.sort((p, q) => missing(p) - missing(q) || sign * (key(p) - key(q)) || p - q)

  const counts = catalogue.counts('item')
  const { held } = paired
  const users = Array.from(kept.subarray(asked.offset, asked.offset + asked.limit), (q): DifferenceUser => {
    const item = paired.item[q]!
    return {
      user: userIds[held.users[q]!]!,
      index: held.users[q]!,
      history: paired.history[q]!,
      held: held.offsets[q + 1]! - held.offsets[q]!,
      item: { id: itemIds[item]!, title: titleOf(item), popularity: counts[item]! },
      rankA: paired.rankA[q]! || null,
      rankB: paired.rankB[q]! || null,
      change: Number.isNaN(paired.change[q]) ? null : paired.change[q]!,
      valueA: paired.valuesA[q]!,
      valueB: paired.valuesB[q]!,
    }
  })
  return { total: kept.length, users }
}

const OUTCOMES = {
  all: () => true,
  win: (difference) => difference > 0,
  loss: (difference) => difference < 0,
  tie: (difference) => difference === 0,
} satisfies Record<Asked['outcome'], (difference: number) => boolean>

function passes(paired: Paired, { outcome, slice, changeFrom, changeTo }: Asked, q: number): boolean {
  const change = paired.change[q]!
  // not < and >: a user without ranks is in no bar
  if ((changeFrom !== null && !(change >= changeFrom)) || (changeTo !== null && !(change <= changeTo))) return false
  if (slice !== 'all' && ((paired.slices[q]! >> PAIRED_SLICES.indexOf(slice)) & 1) === 0) return false
  return OUTCOMES[outcome](paired.valuesB[q]! - paired.valuesA[q]!)
}

/** NaN where there is no rank. Users are in the order of their ids, which is the order of the queries. */
function keyOf({ change, valuesA, valuesB, rankA, rankB, history }: Paired, sort: Asked['sort']): (q: number) => number {
  switch (sort) {
    case 'change':
      return (q) => change[q]!
    case 'value':
      return (q) => valuesB[q]! - valuesA[q]!
    case 'rankA':
      return (q) => rankA[q]! || NaN
    case 'rankB':
      return (q) => rankB[q]! || NaN
    case 'history':
      return (q) => history[q]!
    case 'user':
      return (q) => q
  }
}
