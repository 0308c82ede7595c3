/** A run told to MLflow or TensorBoard after it was trained, or the rest of it. */
import { Cancelled, unavailable } from '../../contract/errors.ts'
import { MlflowClient, Unreachable } from '../export/mlflow/client.ts'
import { MlflowTelling } from '../export/mlflow/telling.ts'
import { TensorboardLog } from '../export/tensorboard.ts'
import type { JobContext, JobFact, Jobs, LogJob } from '../queue/job-types.ts'

export async function* logJob({ to, detail, steps }: LogJob, { signal }: JobContext): AsyncGenerator<JobFact, Jobs['log']['result']> {
  const result = { run: detail.run, epochs: detail.epochsLog.length }
  if (to.kind === 'tensorboard') {
    writeBoard(to.folder, { detail, steps })
    return { ...result, to: to.folder, steps: steps.length }
  }
  const progress = (done: number): JobFact => ({
    kind: 'progress',
    progress: { stage: 'tell MLflow', done, total: steps.at(-1)?.step ?? null, unit: 'steps' },
  })
  yield progress(0)
  const source = {
    run: () => detail,
    steps: (after: number, most: number) => {
      const at = steps.findIndex(({ step }) => step > after)
      return at < 0 ? [] : steps.slice(at, at + most)
    },
  }
  let count = 0
  try {
    for await (const rows of new MlflowTelling(new MlflowClient(to.uri), source).tell()) {
      if (signal.aborted) throw new Cancelled()
      count += rows.length
      yield progress(rows.at(-1)!.step)
    }
  } catch (error) {
    if (error instanceof Unreachable)
      throw unavailable(`MLflow at ${to.uri} cannot be reached (${error.message}): try again when it answers.`)
    throw error
  }
  return { ...result, to: to.uri, steps: count }
}

/** What an earlier telling wrote there is dropped by a reader. @throws PylonError unavailable where it cannot be written */
function writeBoard(folder: string, { detail, steps }: Pick<LogJob, 'detail' | 'steps'>): void {
  const log = new TensorboardLog(folder, (error) => {
    throw unavailable(`${folder} cannot be written: ${error.message}. Give another folder.`)
  })
  log.resumed(0)
  let at = 0
  for (const row of detail.epochsLog) {
    const begin = at
    while (at < steps.length && steps[at]!.epoch <= row.epoch) at++
    log.steps(steps.slice(begin, at))
    log.epoch(row)
  }
  log.steps(steps.slice(at))
  if (detail.state === 'finished') log.finished(detail.metrics, detail.baseline)
}
