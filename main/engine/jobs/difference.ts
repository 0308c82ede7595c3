/** The query-level difference of two runs: ranks both where that was not done yet, then pairs and tests. */
import type { Protocol } from '../../contract/shapes/protocol.ts'
import type { DifferenceResult } from '../../contract/verbs.ts'
import { describePair, type Paired, type PairOptions, pairQueries } from '../evaluation/difference.ts'
import { heldOut } from '../evaluation/held-out.ts'
import { metricAt } from '../evaluation/ranks.ts'
import { Catalogue } from '../serving/catalogue.ts'
import { differenceUsers } from '../serving/difference-users.ts'
import { rankRun, ranksOf, testProtocol } from './rank.ts'
import type { DifferenceJob, DifferenceJobResult, JobContext, JobFact, RankedRun } from '../queue/job-types.ts'

export async function* differenceJob(job: DifferenceJob, context: JobContext): AsyncGenerator<JobFact, DifferenceJobResult> {
  const { metric, seed, users } = job
  const { ranked, catalogue, protocol, paired, options } = yield* openPair(job, context)
  const list = async (descending: boolean): Promise<DifferenceResult['gained']> => {
    const limits = descending ? { changeFrom: 1, changeTo: null } : { changeFrom: null, changeTo: -1 }
    const page = { outcome: 'all', slice: 'all', text: '', sort: 'change', offset: 0, limit: users } as const
    return (await differenceUsers(catalogue, paired, { ...page, ...limits, descending })).users
  }
  const statistics = describePair(paired, options, seed)
  return { ranked, difference: { protocol, metric, ...statistics, gained: await list(true), lost: await list(false) } }
}

interface OpenPair {
  readonly ranked: readonly RankedRun[]
  readonly catalogue: Catalogue
  readonly protocol: Protocol
  readonly options: PairOptions
  readonly paired: Paired
}

/** Two runs ranked and paired user by user. */
export async function* openPair(
  { a, b, metric }: Pick<DifferenceJob, 'a' | 'b' | 'metric'>,
  context: JobContext,
): AsyncGenerator<JobFact, OpenPair> {
  const ranked = [yield* rankRun(a, context), yield* rankRun(b, context)] as const
  yield { kind: 'progress', progress: { stage: 'compare', done: 0, total: null, unit: 'users' } }
  const catalogue = await Catalogue.open(a.datasetFolder, a.datasetRecord)
  const { dataset } = catalogue
  const protocol = testProtocol(a, dataset.manifest)
  const held = heldOut(dataset, protocol)
  const [ranksA, ranksB] = [await ranksOf(a, ranked[0], held), await ranksOf(b, ranked[1], held)]
  const options = { dataset, protocol, held, ranksA, ranksB, metric: metricAt(metric) }
  return { ranked, catalogue, protocol, options, paired: pairQueries(options) }
}
