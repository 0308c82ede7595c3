/** Estimates a spec's parameters, memory and time in a process of its own, as it runs real steps. */
import type { EstimateResult } from '../../contract/verbs.ts'
import { openDataset } from '../dataset/open.ts'
import { estimateTraining } from '../training/loop/estimate.ts'
import { asFacts } from './training/facts.ts'
import type { JobContext, JobFact, Jobs } from '../queue/job-types.ts'

export async function* estimateJob(
  { datasetFolder, datasetRecord, spec, threads }: Jobs['estimate']['input'],
  { signal }: JobContext,
): AsyncGenerator<JobFact, Omit<EstimateResult, 'busy'>> {
  const dataset = await openDataset(datasetFolder, datasetRecord)
  return yield* asFacts(estimateTraining(spec, dataset, threads), signal)
}
