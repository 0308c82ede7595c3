/** What other trackers know of runs, whichever they are: told by what the path is, not by what it is called. */
import { statSync } from 'node:fs'
import { badData, badInput, notFound } from '../../../contract/errors.ts'
import type { Progress } from '../../../contract/shapes/progress.ts'
import type { TrackedImportInput } from '../../../contract/verbs/tracked.ts'
import type { TrackedSourceRead } from '../../../contract/shapes/tracked.ts'
import { headOf } from '../containers/kinds.ts'
import { readCsv } from './csv.ts'
import { readMlflow } from './mlflow.ts'
import { eventFilesIn, readTensorboard } from './tensorboard.ts'

/** @throws PylonError bad-data naming file, byte or line, bad-input where an option does not go with what the path is */
export function* readTracked({
  path,
  experiment,
  map,
}: Pick<TrackedImportInput, 'path' | 'experiment' | 'map'>): Generator<Progress, TrackedSourceRead> {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) throw notFound(`${path} does not exist: give an mlflow.db, a folder of TensorBoard, or a CSV file.`, 'path')
  const isDatabase = found.isFile() && headOf(path, 16).toString('latin1').startsWith('SQLite format 3')
  if (experiment !== undefined && !isDatabase) throw badInput(`is for a database of MLflow, which ${path} is not.`, 'experiment')
  const files = isDatabase ? [] : eventFilesIn(path)
  if (map.length > 0 && (isDatabase || found.isDirectory() || files.length > 0))
    throw badInput(`is for a table, which ${path} is not.`, 'map')
  yield { stage: 'read runs', done: 0, total: null, unit: 'runs' }
  const read = isDatabase
    ? yield* readMlflow(path, experiment)
    : files.length > 0
      ? yield* readTensorboard(path, files)
      : found.isDirectory()
        ? null
        : readCsv(path, map)
  if (read === null)
    throw badData('This folder has no event files (*tfevents*): of MLflow, give its mlflow.db; of a table, the file.', path)
  const runs = read.runs.filter(({ curves }) => curves.size > 0)
  if (runs.length === 0) throw badData('No run in it has a metric.', path)
  const empty = read.runs.length - runs.length
  return { ...read, runs, notes: empty === 0 ? read.notes : [...read.notes, `${empty} runs without a metric are left out.`] }
}
