/** Imports a dataset into a folder of its own; with `sample`, generates the sample market first, in the job's temporary folder. */
import { join } from 'node:path'
import { Cancelled } from '../../contract/errors.ts'
import type { Progress } from '../../contract/shapes/progress.ts'
import { ANY_PATH } from '../files/path-guard.ts'
import { importDataset } from '../import/import.ts'
import { generateSample, sampleImportInput } from '../sample/sample.ts'
import type { JobContext, JobFact, Jobs } from '../queue/job-types.ts'

export async function* importJob(
  { input, folder, kindsBefore }: Jobs['import']['input'],
  context: JobContext,
): AsyncGenerator<JobFact, Jobs['import']['result']> {
  const said: JobFact[] = []
  const say = (level: 'info' | 'warning', text: string): void => void said.push({ kind: 'message', level, text })
  const sample = input.sample
    ? yield* facts(generateSample(join(context.temp, 'sample'), { seed: input.seed }), said, context.signal)
    : null
  // the sample lies in the job's own folder
  const guard = sample === null ? context.guard : ANY_PATH
  const source = sample === null ? input : { ...input, ...sampleImportInput(sample) }
  return yield* facts(
    importDataset({ ...source, ...(kindsBefore && { kindsBefore }), folder, say, threads: context.threads, guard }),
    said,
    context.signal,
  )
}

/** A stage's progress and messages as facts; stops it where a cancel was asked. */
async function* facts<R>(stage: AsyncGenerator<Progress, R>, said: JobFact[], signal: AbortSignal): AsyncGenerator<JobFact, R> {
  try {
    for (;;) {
      const next = await stage.next()
      yield* said.splice(0)
      if (next.done === true) return next.value
      yield { kind: 'progress', progress: next.value }
      if (signal.aborted) throw new Cancelled()
    }
  } finally {
    await stage.return(undefined as never)
  }
}
