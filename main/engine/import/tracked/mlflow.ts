/** Runs of MLflow's database (`mlflow.db`, SQLite), only read. Its tables: mlflow/store/tracking/dbmodels/models.py. */
import type { DatabaseSync } from 'node:sqlite'
import { badData, badInput } from '../../../contract/errors.ts'
import type { Progress } from '../../../contract/shapes/progress.ts'
import type { TrackedRunRead, TrackedSourceRead } from '../../../contract/shapes/tracked.ts'
import { didYouMean } from '../../../contract/did-you-mean.ts'
import { explained, openReadOnly } from '../sqlite.ts'
import { builderOf, type CurveBuilder, finishAll } from './curve-builder.ts'

const COLUMNS = {
  experiments: ['experiment_id', 'name'],
  runs: ['run_uuid', 'name', 'status', 'experiment_id', 'lifecycle_stage', 'start_time'],
  metrics: ['run_uuid', 'key', 'value', 'timestamp', 'step', 'is_nan'],
  params: ['run_uuid', 'key', 'value'],
} as const
/** How MLflow writes what a column of numbers does not take: infinity as the largest double. */
const LARGEST = 1.7976931348623157e308

/** @param experiment its name alone; default: all */
export function* readMlflow(path: string, experiment: string | undefined): Generator<Progress, TrackedSourceRead> {
  const database = openReadOnly(path)
  try {
    checkSchema(database, path)
    const version = database.prepare('SELECT version_num FROM alembic_version').get()?.['version_num']
    const rows = runsOf(database, path, experiment)
    const notes: string[] = []
    const runs: TrackedRunRead[] = []
    for (const row of rows) {
      yield { stage: 'read runs', done: runs.length, total: rows.length, unit: 'runs' }
      runs.push(readRun(database, row, notes))
    }
    return { kind: 'mlflow', version: `MLflow, schema ${typeof version === 'string' ? version : 'unknown'}`, runs, notes }
  } catch (error) {
    throw explained(error, path)
  } finally {
    database.close()
  }
}

interface Row {
  readonly id: string
  readonly name: string
  readonly status: string | null
  readonly experiment: string
}

/** @throws PylonError bad-data naming the table or the column that is missing */
function checkSchema(database: DatabaseSync, path: string): void {
  const remedy = 'Give the file that mlflow server has as its --backend-store-uri, brought up to date by mlflow db upgrade.'
  const tables: readonly (readonly [string, readonly string[]])[] = [...Object.entries(COLUMNS), ['alembic_version', ['version_num']]]
  for (const [table, columns] of tables) {
    const there = database.prepare('SELECT name FROM pragma_table_info(?)').all(table)
    if (there.length === 0) throw badData(`This is no database of MLflow: it has no table ${table}. ${remedy}`, path)
    const missing = columns.find((column) => !there.some(({ name }) => name === column))
    if (missing !== undefined)
      throw badData(`This database of MLflow is of another version: table ${table} has no column ${missing}. ${remedy}`, path)
  }
}

function runsOf(database: DatabaseSync, path: string, experiment: string | undefined): Row[] {
  const sql = `SELECT r.run_uuid AS id, coalesce(r.name, r.run_uuid) AS name, r.status AS status, e.name AS experiment
    FROM runs r JOIN experiments e ON e.experiment_id = r.experiment_id
    WHERE coalesce(r.lifecycle_stage, 'active') = 'active' ORDER BY r.start_time, r.run_uuid`
  const all = database.prepare(sql).all() as unknown as Row[]
  if (experiment === undefined) return all
  const found = all.filter((row) => row.experiment === experiment)
  if (found.length > 0) return found
  const names = [...new Set(all.map((row) => row.experiment))]
  throw badInput(
    `${path} has no runs of an experiment "${experiment}": ${didYouMean(experiment, names)}there are ${names.join(', ') || 'none'}.`,
    'experiment',
  )
}

function readRun(database: DatabaseSync, { id, name, status, experiment }: Row, notes: string[]): TrackedRunRead {
  const builders = new Map<string, CurveBuilder>()
  const points = database.prepare('SELECT key, step, value, is_nan FROM metrics WHERE run_uuid = ? ORDER BY key, step, timestamp')
  points.setReturnArrays(true)
  for (const [key, step, value, isNan] of points.iterate(id) as unknown as Iterable<[string, number, number, number]>)
    builderOf(builders, key).add(step, isNan === 0 ? unbounded(value) : NaN)
  const { curves, repeated } = finishAll(builders)
  if (repeated > 0) notes.push(`${name} (${id}): ${repeated} points stand twice at a step; the later one is taken.`)
  const params = database.prepare('SELECT key, value FROM params WHERE run_uuid = ? ORDER BY key').all(id) as {
    key: string
    value: string
  }[]
  return { name, from: id, experiment, status, params: Object.fromEntries(params.map(({ key, value }) => [key, value])), curves }
}

const unbounded = (value: number): number => (Math.abs(value) === LARGEST ? Math.sign(value) * Infinity : value)
