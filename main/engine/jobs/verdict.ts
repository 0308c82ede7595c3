/** Two families of runs compared: ranks each run where that was not done yet, then the verdict, and the same by slice. */
import { openDataset } from '../dataset/open.ts'
import { holm } from '../evaluation/correction.ts'
import { heldOut } from '../evaluation/held-out.ts'
import { metricAt } from '../evaluation/ranks.ts'
import { sliceQueries, type SliceQueries } from '../evaluation/slice-queries.ts'
import { acrossSeeds, compareSides, intervalOf, pOf, type Side } from '../evaluation/crossed.ts'
import { decide, INNER_LEVEL, marginOf, neededFor, pSame } from '../evaluation/verdict.ts'
import type { JobContext, JobFact, RankedFamily, RankedRun, VerdictJob, VerdictJobResult } from '../queue/job-types.ts'
import { rankRun, ranksOf, testProtocol } from './rank.ts'

export async function* verdictJob(job: VerdictJob, context: JobContext): AsyncGenerator<JobFact, VerdictJobResult> {
  const { metric: asked, within } = job
  const metric = metricAt(asked)
  const ranked: RankedRun[] = []
  for (const { runs } of [job.a, job.b]) for (const run of runs) ranked.push(yield* rankRun(run, context))
  yield { kind: 'progress', progress: { stage: 'compare', done: 0, total: null, unit: 'users' } }
  const first = job.a.runs[0]!
  const dataset = await openDataset(first.datasetFolder, first.datasetRecord)
  const protocol = testProtocol(first, dataset.manifest)
  const held = heldOut(dataset, protocol)
  const ranks = async ({ runs }: RankedFamily, from: number): Promise<Int32Array[]> =>
    Promise.all(runs.map(async (run, i) => ranksOf(run, ranked[from + i]!, held)))
  const [ranksA, ranksB] = [await ranks(job.a, 0), await ranks(job.b, job.a.runs.length)]
  const sides = ({ values }: SliceQueries): [Side, Side] => [
    { seeds: ranksA.map((each) => values(each, metric)), isRandom: job.a.isRandom },
    { seeds: ranksB.map((each) => values(each, metric)), isRandom: job.b.isRandom },
  ]
  const slices = sliceQueries({ dataset, protocol, held }).map((queries) => ({ ...queries, sides: sides(queries) }))
  const compared = slices.map(({ sides: [a, b] }) => compareSides(a, b))
  const adjusted = holm(compared.map(pOf))
  const [all, [a, b]] = [compared[0]!, slices[0]!.sides]
  const margin = marginOf(within, all)
  return {
    ranked,
    verdict: {
      a: acrossSeeds(a),
      b: acrossSeeds(b),
      protocol,
      metric: asked,
      users: held.users.length,
      verdict: decide(all, margin),
      of: all.ofRecipes ? 'recipes' : 'runs',
      difference: all.difference,
      interval: intervalOf(all),
      inner: intervalOf(all, INNER_LEVEL),
      standardError: all.standardError,
      df: all.df,
      p: pOf(all),
      within: margin,
      pWithin: pSame(all, margin),
      seedShare: all.seedShare,
      needed: neededFor(all, margin),
      slices: compared.map((each, i) => ({
        slice: slices[i]!.slice,
        users: slices[i]!.users,
        meanA: each.meanA,
        meanB: each.meanB,
        difference: each.difference,
        interval: intervalOf(each),
        adjusted: adjusted[i]!,
      })),
    },
  }
}
