/**
 * What a user's history holds. Before an event, in ordered data: the user's items at earlier positions, strictly earlier in time where
 * there is time, of the same or an earlier part, most recent first. Without order every other training item of the user could have
 * come before, so all of them stand in, but never the item that is to be predicted; which `maxLength` of more is drawn by a seeded
 * rotation. Items without a row of their own are left out: an unknown earlier item says nothing.
 * A history may also be taken at an earlier moment of the user than its event, its window (see windows.ts): it then holds that moment too.
 */
import { PART_CODE, type Part } from '../../contract/shapes/dataset.ts'
import { InteractionSelection } from '../dataset/interactions.ts'
import type { Dataset, Interactions } from '../dataset/dataset.ts'
import { type BagRows, reserve } from './inputs.ts'
import { hashPair } from './hash-pair.ts'
import type { ContextBag } from './encoded.ts'

const UNUSED = PART_CODE.unused

export interface HistoryRows {
  /**
   * Appends the history before the event at position `p` as row r of `out`; with a window w < p all up to and with the event at w,
   * still without p's item.
   */
  before(p: number, r: number, out: BagRows, w?: number): void
  /** appends all the user's history in the `known` parts as row r of `out`; in ordered data the most recent `maxLength` */
  upTo(user: number, visible: InteractionSelection, r: number, out: BagRows, now?: number | null): void
}

export interface HistoryOptions {
  readonly bag: Pick<ContextBag, 'eventCodes' | 'maxLength' | 'days' | 'sequence'>
  /** row of the table by item index; 0: left out */
  readonly rowOfItem: Int32Array
  /** those of training, for data without order */
  readonly parts: readonly Part[]
  readonly seed: number
  /** leave earlier contacts with the item to be predicted out; in data without order it always is */
  readonly withoutTarget: boolean
}

export function historyRows({ interactions, manifest }: Pick<Dataset, 'interactions' | 'manifest'>, options: HistoryOptions): HistoryRows {
  const { rowOfItem } = options
  const { sequence, days } = options.bag
  const window = days === undefined ? Infinity : days * 86_400
  const maxLength = sequence?.length ?? options.bag.maxLength
  const { offsets, item, user, part, time, event } = interactions
  const counts = countsAs(interactions, options.bag.eventCodes)
  const training = new InteractionSelection(interactions, options.parts)

  return {
    before: manifest.hasOrder ? orderedBefore : othersOf,
    upTo(u, visible, r, out, now = null) {
      const [from, to] = [offsets[u]!, offsets[u + 1]!]
      const limit = manifest.hasOrder || sequence !== undefined ? maxLength : Infinity
      collect(r, out, Math.min(limit, to - from), now, (take) => {
        for (let q = to - 1; q >= from; q--) if (visible.has(q) && !take(q)) return
      })
    },
  }

  function orderedBefore(p: number, r: number, out: BagRows, w = p): void {
    const from = offsets[user[p]!]!
    collect(r, out, Math.min(maxLength, w + 1 - from), time?.[w] ?? null, (take) => {
      for (let q = Math.min(w, p - 1); q >= from; q--) {
        if (part[q]! > part[p]! || part[q] === UNUSED || (time !== null && !(time[q]! < time[p]!))) continue
        if (options.withoutTarget && item[q] === item[p]) continue
        if (!take(q)) return
      }
    })
  }

  function othersOf(p: number, r: number, out: BagRows): void {
    const [from, to] = [offsets[user[p]!]!, offsets[user[p]! + 1]!]
    const start = hashPair(options.seed, p) % (to - from)
    collect(r, out, Math.min(maxLength, to - from), null, (take) => {
      for (let k = 0; k < to - from; k++) {
        const q = from + ((start + k) % (to - from))
        if (training.has(q) && item[q] !== item[p] && !take(q)) return
      }
    })
  }

  /** Runs `walk` with a function that adds position q where it counts, as old as it is `now`, and says false once `limit` are in. */
  function collect(r: number, out: BagRows, limit: number, now: number | null, walk: (take: (q: number) => boolean) => void): void {
    const start = out.offsets[r]!
    let at = start
    let newest = -Infinity
    reserve(out, start + limit)
    if (limit > 0) {
      walk((q) => {
        const row = rowOfItem[item[q]!]!
        if (row > 0 && counts(q)) {
          if (at === start) newest = time?.[q] ?? -Infinity
          else if (window < Infinity && newest - time![q]! > window) return false
          if (out.codes !== undefined) {
            out.codes.ages[at] = time === null || now === null ? 0 : ageCode(now - time[q]!)
            out.codes.events[at] = (event?.[q] ?? 0) + 1
          }
          out.indices[at++] = row
        }
        return at - start < limit
      })
    }
    out.offsets[r + 1] = at
  }
}

/** Codes of ages: 0 unknown, then octaves of minutes: 1 below a minute … 22 over four years. */
export const AGE_CODES = 23

export function ageCode(seconds: number): number {
  return 1 + Math.min(AGE_CODES - 2, Math.floor(Math.log2(1 + Math.max(0, seconds) / 60)))
}

function countsAs({ event }: Interactions, codes: readonly number[] | null): (q: number) => boolean {
  if (codes === null) return () => true
  const counted = Uint8Array.from({ length: 256 }, (_, code) => Number(codes.includes(code)))
  return event === null ? () => counted[0] === 1 : (q) => counted[event[q]!] === 1
}
