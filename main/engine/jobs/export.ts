/** Exports a finished run into a folder outside the workspace. */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { AnnTableRow } from '../../contract/verbs.ts'
import { exportRun } from '../export/export.ts'
import { pylonVersion } from '../files/version.ts'
import { asFacts } from './training/facts.ts'
import type { JobContext, JobFact, Jobs } from '../queue/job-types.ts'

export async function* exportJob(
  input: Jobs['export']['input'],
  { signal, threads, temp }: JobContext,
): AsyncGenerator<JobFact, Jobs['export']['result']> {
  const { run, format, runFolder, datasetFolder, datasetRecord, detail, out, allEncoders, int8, dim, alignTo } = input
  const { artefacts } = detail
  const source = { run: detail, datasetFolder, datasetRecord, pylon: pylonVersion(), threads, temp, allEncoders, int8, dim }
  const stage = exportRun({ format, runFolder, artefacts, out, guarded: [dirname(runFolder), dirname(datasetFolder)], source, alignTo })
  const exported = yield* asFacts(stage, signal)
  const annTable =
    format === 'ann-table' ? (JSON.parse(await readFile(join(exported.out, 'ann-table.json'), 'utf8')) as AnnTableRow[]) : null
  return { run, format, out: exported.out, files: [...exported.files], annTable }
}
