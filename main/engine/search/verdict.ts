/** The finals of a search compared on the validation part: the winner against each other one, over users and seeds together. */
import type { SearchVerdict } from '../../contract/shapes/search.ts'
import { holm } from '../evaluation/correction.ts'
import type { HeldOut } from '../evaluation/held-out.ts'
import { type MetricAt, queryValues } from '../evaluation/ranks.ts'
import { acrossSeeds, compareSides, intervalOf, pOf } from '../evaluation/crossed.ts'

export interface Final {
  readonly trial: number
  readonly runs: readonly string[]
  /** of each run: the ranks of what is held out */
  readonly ranks: readonly Int32Array[]
}

/** @param finals at least one, with as many seeds each */
export function verdictOf(held: HeldOut, finals: readonly Final[], metric: MetricAt): SearchVerdict {
  const measured = finals.map(({ trial, runs, ranks }) => {
    const side = { seeds: ranks.map((each) => queryValues(held, each, metric)), isRandom: true }
    return { trial, runs: [...runs], side, ...acrossSeeds(side) }
  })
  const [winner, ...others] = measured.toSorted((a, b) => b.mean - a.mean)
  const pairs = others.map(({ trial, side }) => {
    const compared = compareSides(side, winner!.side)
    return { trial, difference: compared.difference, interval: intervalOf(compared), p: pOf(compared) }
  })
  const adjusted = holm(pairs.map(({ p }) => p))
  return {
    winner: winner!.trial,
    users: held.users.length,
    finals: measured.map(({ side: _, ...told }) => told),
    pairs: pairs.map((pair, i) => ({ ...pair, adjusted: adjusted[i]! })),
  }
}
