/** The slices that explain the difference of two runs: ranks both where that was not done yet, then looks at all slices. */
import { findSlices, slicesOf } from '../evaluation/slice-finder.ts'
import type { JobContext, JobFact, SlicesJob, SlicesJobResult } from '../queue/job-types.ts'
import { openPair } from './difference.ts'

export async function* slicesJob({ fdr, ...job }: SlicesJob, context: JobContext): AsyncGenerator<JobFact, SlicesJobResult> {
  const { ranked, catalogue, protocol, paired } = yield* openPair(job, context)
  yield { kind: 'progress', progress: { stage: 'look at slices', done: 0, total: null, unit: 'users' } }
  const users = paired.held.users.length
  const difference = paired.valuesB.reduce((sum, value, q) => sum + value - paired.valuesA[q]!, 0) / Math.max(1, users)
  const found = findSlices(paired, await slicesOf(catalogue.dataset, protocol), fdr)
  return { ranked, slices: { protocol, metric: job.metric, fdr, users, difference, ...found } }
}
