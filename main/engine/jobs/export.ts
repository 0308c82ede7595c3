/** Exports a finished run into a folder outside the workspace. */
import { dirname } from 'node:path'
import { Cancelled } from '../../contract/errors.ts'
import { exportRun } from '../export/export.ts'
import type { JobContext, JobFact, Jobs } from './types.ts'

export async function* exportJob(
  input: Jobs['export']['input'],
  { signal }: JobContext,
): AsyncGenerator<JobFact, Jobs['export']['result']> {
  const { run, format, runFolder, datasetFolder, artefacts, out } = input
  const stage = exportRun({ format, runFolder, artefacts, out, guarded: [dirname(runFolder), dirname(datasetFolder)] })
  try {
    for (;;) {
      const next = await stage.next()
      if (next.done === true) return { run, format, out: next.value.out, files: [...next.value.files] }
      yield { kind: 'progress', progress: next.value }
      if (signal.aborted) throw new Cancelled()
    }
  } finally {
    await stage.return(undefined as never)
  }
}
