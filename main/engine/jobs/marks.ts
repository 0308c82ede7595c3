/** The best figures of tables of ranked runs, where a test tells them from all others. */
import { openDataset } from '../dataset/open.ts'
import { metricAtCut, parseMetric, parseQueryMetric } from '../../contract/metrics.ts'
import { heldOut } from '../evaluation/held-out.ts'
import { loadRanks, ranksFile } from '../evaluation/ranks.ts'
import { sliceQueries } from '../evaluation/slice-queries.ts'
import { bestRows } from '../evaluation/verdict.ts'
import { runFile } from '../model/run-files.ts'
import type { JobFact, MarksJob, RankedFamily } from '../queue/job-types.ts'
import { testProtocol } from './rank.ts'

// eslint-disable-next-line require-yield -- it is done before there is progress to tell
export async function* marksJob({ tables, metrics }: MarksJob): AsyncGenerator<JobFact, Record<string, number>[]> {
  return Promise.all(tables.map(async (families) => bestOf(families, metrics)))
}

async function bestOf(families: readonly RankedFamily[], metrics: readonly string[]): Promise<Record<string, number>> {
  const first = families[0]!.runs[0]!
  const dataset = await openDataset(first.datasetFolder, first.datasetRecord)
  const protocol = testProtocol(first, dataset.manifest)
  const held = heldOut(dataset, protocol)
  const slices = sliceQueries({ dataset, protocol, held })
  const rows = await Promise.all(
    families.map(async ({ runs, isRandom }) => ({
      isRandom,
      ranks: await Promise.all(runs.map(async (run) => loadRanks(await runFile(run, ranksFile(protocol.hash)), held))),
    })),
  )
  return bestRows(metrics, (name) => {
    const { slice, kind, k } = parseMetric(name) ?? { slice: '', kind: '', k: 0 }
    const metric = parseQueryMetric(metricAtCut(kind, k))
    const queries = slices.find((each) => each.slice === (slice === '' ? 'all' : slice))
    if (metric === null || queries === undefined) return []
    return rows.map(({ isRandom, ranks }) => ({ isRandom, seeds: ranks.map((each) => queries.values(each, metric)) }))
  })
}
