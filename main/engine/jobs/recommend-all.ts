/** Recommendations of every user, written into a file outside the workspace. */
import { checkNewFile } from '../export/export-folder.ts'
import { writeRecommendations } from '../export/recommendations.ts'
import type { JobContext, JobFact, Jobs } from '../queue/job-types.ts'
import { OpenModel } from '../serving/open-model.ts'
import { asFacts } from './training/facts.ts'

export async function* recommendAllJob(
  job: Jobs['recommend-all']['input'],
  { threads, signal, temp }: JobContext,
): AsyncGenerator<JobFact, Jobs['recommend-all']['result']> {
  await checkNewFile(job.ask.out)
  const model = await OpenModel.open(job, threads)
  try {
    return { run: job.run, ...(yield* asFacts(writeRecommendations(model, { ...job.ask, threads, temp }), signal)) }
  } finally {
    await model.dispose()
  }
}
