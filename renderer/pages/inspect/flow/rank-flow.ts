/** The lists of one query over time as lines of ranks: places of the columns, and what is drawn of an item. */
import type { FlowResult } from '@contract/verbs/flow.ts'

/** What stands at a place of the x axis: a column of the answer, or the gap between two runs. */
export type FlowPlace = number | null

/** Columns in their order; runs with epochs are apart, as one does not become the other. */
export function placesOf({ columns }: Pick<FlowResult, 'columns'>): FlowPlace[] {
  const hasEpochs = columns.some(({ epoch }) => epoch !== null)
  return columns.flatMap(({ run }, i): FlowPlace[] => (hasEpochs && i > 0 && columns[i - 1]!.run !== run ? [null, i] : [i]))
}

/**
 * The height of an item at each place: its rank in the list, k + 1 beneath the list where it comes in or has gone out, null where it is far.
 */
export function lineOf(ranks: readonly (number | null)[], places: readonly FlowPlace[], k: number): (number | null)[] {
  const listed = (place: FlowPlace | undefined): boolean => place != null && ranks[place] !== null && ranks[place]! <= k
  return places.map((place, at) => {
    if (place === null) return null
    if (listed(place)) return ranks[place]!
    return listed(places[at - 1]) || listed(places[at + 1]) ? k + 1 : null
  })
}

/** The name of a run at its first column, where there are several; else null. */
export function runAt({ columns }: Pick<FlowResult, 'columns'>, column: number): string | null {
  const { run, name } = columns[column]!
  const several = columns.some((other) => other.run !== run)
  return several && columns[column - 1]?.run !== run ? name : null
}
