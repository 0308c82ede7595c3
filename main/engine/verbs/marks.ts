/** The marks of a table of runs: which figures are the best beyond chance, and whose ranks that cannot be told without. */
import type { z } from 'zod'
import type { marksSchema } from '../../contract/verbs/verdict.ts'
import type { EngineContext } from '../engine-context.ts'
import type { RunRow } from '../store/runs.ts'
import { familyToRank, hasRanks } from './ranked-runs.ts'

type Marks = z.infer<typeof marksSchema>

/** @param families whether a row is all runs that differ only in their seed, else each run is one */
export async function marksOf(
  context: EngineContext,
  rows: readonly RunRow[],
  { metrics, families }: { readonly metrics: readonly string[]; readonly families: boolean },
): Promise<Marks> {
  const { queue, store } = context
  const measured = rows.filter(({ state, protocol, id }) => state === 'finished' && protocol !== null && store.runs.trialOf(id) === null)
  const tables = [...Map.groupBy(measured, ({ protocol }) => protocol!)].map(([protocol, members]) => {
    const rowsOf = [...Map.groupBy(members, ({ id, family }) => (families ? family : id)).values()]
    return { protocol, rows: rowsOf, isRanked: members.every((row) => hasRanks(context, row)) }
  })
  const told = tables.filter(({ rows: all, isRanked }) => isRanked && all.length > 1)
  const best =
    told.length === 0
      ? []
      : await queue.aside('marks', { tables: told.map(({ rows: all }) => all.map((each) => familyToRank(context, each))), metrics })
  return {
    groups: told.map(({ protocol, rows: all }, i) => ({
      protocol,
      rows: all.map((each) => each.map(({ id }) => id)),
      best: { ...best[i]! },
    })),
    unranked: measured.filter((row) => !hasRanks(context, row)).map(({ id }) => id),
  }
}
