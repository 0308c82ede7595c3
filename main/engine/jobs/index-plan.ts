/** Says what an index of a run will cost at other numbers of items, and what filters do to its searches. */
import type { PlanResult } from '../../contract/verbs/index-plan.ts'
import type { JobContext, JobFact, PlanJob } from '../queue/job-types.ts'
import { planIndex } from '../serving/index-plan.ts'
import { OpenModel } from '../serving/open-model.ts'
import { asFacts } from './training/facts.ts'

export async function* indexPlanJob(
  { run, ask, ...place }: PlanJob,
  { threads, signal, temp }: JobContext,
): AsyncGenerator<JobFact, PlanResult> {
  const model = await OpenModel.open(place, threads)
  try {
    return { run, ...(yield* asFacts(planIndex(model, ask, temp), signal)) }
  } finally {
    await model.dispose()
  }
}
