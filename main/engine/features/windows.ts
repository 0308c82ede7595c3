/**
 * Windows of the all-action objective (PinnerFormer, Pancha et al. 2022): what a user does within a horizon is predicted from an earlier
 * moment of theirs, not only from the moment before it. Each example gets one of those moments by a seeded draw, so that over a user's
 * examples many moments predict many actions.
 */
import type { Interactions } from '../dataset/dataset.ts'
import { hashPair } from './hash-pair.ts'

/** apart from the other draws of the seed */
const STREAM = 0x77696e64

/**
 * For an example at position p a position w: an interaction of the user strictly earlier in time, at most `horizonDays` before it and of
 * the same or an earlier part, drawn evenly; p itself (its history ends just before it) where there is none.
 */
export function predictionWindow({ offsets, user, part, time }: Interactions, horizonDays: number, seed: number): (p: number) => number {
  const horizon = 86_400 * horizonDays
  return (p) => {
    if (time === null) return p
    const from = offsets[user[p]!]!
    let first = p
    while (first > from && time[p]! - time[first - 1]! <= horizon) first--
    let last = p - 1
    while (last >= first && !(time[last]! < time[p]!)) last--
    if (last < first) return p
    const w = first + (hashPair(seed ^ STREAM, p) % (last - first + 1))
    return part[w]! <= part[p]! ? w : p
  }
}
