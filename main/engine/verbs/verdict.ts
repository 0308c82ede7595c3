/** Verb handlers of verdicts: two runs or recipes compared over users and seeds, and the marks of a table. */
import { badInput } from '../../contract/errors.ts'
import type { VerdictResult } from '../../contract/verbs.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'
import { metricAt } from '../evaluation/ranks.ts'
import type { RunRow } from '../store/runs.ts'
import { marksOf } from './marks.ts'
import { familyToRank, keepRanked, pairOf } from './ranked-runs.ts'

export function verdictVerbs(context: EngineContext): Handlers<'runs.verdict' | 'runs.marks'> {
  const { queue, store } = context
  const { runs } = store
  const familyOf = (row: RunRow, alone: boolean): RunRow[] => (alone ? [row] : runs.ofFamily(row.family, row.protocol!))
  return {
    'runs.verdict': async ({ runs: asked, metric, within, alone }) => {
      metricAt(metric)
      const [rowA, rowB] = pairOf(
        context,
        asked.map((text) => runs.newestOf(text)?.id ?? text),
      )
      if (!alone && rowA.family === rowB.family)
        throw badInput(`Runs ${rowA.id} and ${rowB.id} differ only in their seed: compare the two themselves with --alone.`, 'runs')
      const [a, b] = [familyOf(rowA, alone), familyOf(rowB, alone)]
      return queue.add({
        job: 'verdict',
        runs: [...a, ...b].map(({ id }) => id),
        threads: context.threads,
        beside: true,
        input: () => ({ a: familyToRank(context, a), b: familyToRank(context, b), metric, within }),
        settle: ({ ranked, verdict }) => {
          keepRanked(context, ranked)
          return { ...verdict, a: { ...sideOf(a), ...verdict.a }, b: { ...sideOf(b), ...verdict.b } }
        },
      })
    },

    'runs.marks': async ({ runs: asked, metrics, families }) => {
      const rows = [...new Map(asked.map((text) => runs.resolve(text)).map((row) => [row.id, row])).values()]
      return marksOf(context, rows, { metrics, families })
    },
  }
}

function sideOf(rows: readonly RunRow[]): Omit<VerdictResult['a'], 'mean' | 'sd'> {
  const { family, name } = rows[0]!
  return { family, name, runs: rows.map(({ id }) => id), seeds: rows.flatMap(({ seed }) => seed ?? []) }
}
