/** Tables and event files of runs, whole and broken: what they hold, or where they are wrong and what to do. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { TensorboardLog } from '../../../../main/engine/export/tensorboard.ts'
import { temporaryFolder } from '../../../helpers/folder.ts'
import { readTracked } from '../../../helpers/tracked.ts'

async function written(name: string, text: string | Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(), name)
  writeFileSync(path, text)
  return path
}
const curvesOf = (path: string, map: string[] = []): unknown =>
  readTracked({ path, map }).runs.map(({ name, params, curves }) => ({
    name,
    params,
    curves: Object.fromEntries([...curves].map(([metric, { steps, values }]) => [metric, [...steps].map((step, i) => [step, values[i]])])),
  }))
async function fault(name: string, text: string | Uint8Array, map: string[] = []): Promise<string> {
  const path = await written(name, text)
  try {
    readTracked({ path, map })
    return 'taken'
  } catch (error) {
    return (error as Error).message.replaceAll(path, name)
  }
}

test('a table with a row a point', async () => {
  const path = await written('long.csv', 'run,step,metric,value\na,2,loss,0.5\na,1,loss,1e0\nb,1,loss,nan\na,1,recall@20,.25\n')
  expect(curvesOf(path)).toEqual([
    {
      name: 'a',
      params: {},
      curves: {
        loss: [
          [1, 1],
          [2, 0.5],
        ],
        'recall@20': [[1, 0.25]],
      },
    },
    { name: 'b', params: {}, curves: { loss: [[1, NaN]] } },
  ])
  expect(readTracked({ path, map: [] }).notes).toEqual([
    'long.csv: 1 cells say that there is no number (nan, inf); curves have a gap there.',
  ])
})

test('a table with a column a metric: texts are settings, empty cells no points, one row needs no step', async () => {
  expect(curvesOf(await written('wide.csv', 'trial,epoch,loss,acc,optimizer\nx,1,3,,adam\nx,2,2,.5,adam\ny,1,4,.1,sgd\n'))).toEqual([
    {
      name: 'x',
      params: { optimizer: 'adam' },
      curves: {
        loss: [
          [1, 3],
          [2, 2],
        ],
        acc: [[2, 0.5]],
      },
    },
    { name: 'y', params: { optimizer: 'sgd' }, curves: { loss: [[1, 4]], acc: [[1, 0.1]] } },
  ])
  expect(curvesOf(await written('mine.tsv', 'recall\tndcg\n0.1\t0.2\n'))).toEqual([
    { name: 'mine', params: {}, curves: { recall: [[0, 0.1]], ndcg: [[0, 0.2]] } },
  ])
  expect(
    curvesOf(await written('named.csv', 'wer;n;was;wieviel\na;3;"los;s";0.5\n'), ['run=wer', 'step=n', 'metric=was', 'value=wieviel']),
  ).toEqual([{ name: 'a', params: {}, curves: { 'los;s': [[3, 0.5]] } }])
})

test('broken tables say where, and what to do', async () => {
  expect(await fault('a.csv', '')).toBe('a.csv: The file is empty: its first line has to name the columns.')
  expect(await fault('a.csv', 'run,loss\na,quick\n')).toContain('No column holds numbers alone')
  expect(await fault('a.csv', 'run,metric,value\n')).toContain('a header and no rows')
  expect(await fault('a.csv', 'run,step,metric,value\na,1,loss,fast\n')).toBe('a.csv:2 column "value": "fast" is no number.')
  expect(await fault('a.csv', 'run,step,metric,value\na,1,loss,1\na,1,loss,2\n')).toBe(
    'a.csv:3: "loss" of run "a" stands twice at step 1 (line 2 too): leave one, or name the column of steps (--map step=COLUMN).',
  )
  expect(await fault('a.csv', 'run,loss\na,1\na,2\n')).toContain('stands twice at step 0 (line 2 too)')
  expect(await fault('a.csv', 'run,step,metric,value\na,1,loss\n')).toBe('a.csv:2: 3 cells where the header has 4: correct the line.')
  expect(await fault('a.csv', 'run,step,metric,value\n,1,loss,1\n')).toContain('a.csv:2 column "run": The name of the run is missing')
  expect(await fault('a.csv', 'run,step,metric,value\na,,loss,1\n')).toContain('a.csv:2 column "step": The step is missing')
  expect(await fault('a.csv', 'run,metric\na,loss\n')).toContain('name it (--map value=COLUMN)')
  expect(await fault('a.csv', 'run,run\na,1\n')).toContain('Two columns are called "run"')
  expect(await fault('a.csv', 'run,loss\na,1\n', ['run=who'])).toContain('has no column "who": it has run, loss')
  expect(await fault('a.csv', 'run,loss\na,1\n', ['wer=run'])).toContain('names no role: run=COLUMN')
})

/** An event file of Pylon's own writer, which test/interop holds against TensorFlow. */
async function events(): Promise<{ folder: string; path: string; bytes: Buffer }> {
  const folder = join(await temporaryFolder(), 'board')
  const log = new TensorboardLog(folder, (error) => {
    throw error
  })
  for (let step = 1; step <= 5; step++) log.steps([{ step, epoch: 1, loss: 1 / step, learningRate: 0.5, examplesPerSecond: 100 }])
  log.resumed(3)
  log.steps([{ step: 4, epoch: 1, loss: 8, learningRate: 0.5, examplesPerSecond: 100 }])
  const path = join(folder, readdirSync(folder)[0]!)
  return { folder, path, bytes: readFileSync(path) }
}

test('event files: what was resumed has each step once; one that is cut off or damaged says at which byte', async () => {
  const { folder, path, bytes } = await events()
  const [run] = readTracked({ path: folder, map: [] }).runs
  expect(run!.name).toBe('board')
  const loss = run!.curves.get('train/loss')!
  expect([...loss.steps]).toEqual([1, 2, 3, 4])
  expect(loss.values[3]).toBe(8)
  for (const length of [bytes.length - 1, bytes.length - 20, 5]) {
    writeFileSync(path, bytes.subarray(0, length))
    expect(() => readTracked({ path, map: [] })).toThrow(/, byte \d+: This event file ends within a record: copy it again/)
  }
  for (const at of [2, 30, 100, bytes.length - 6]) {
    writeFileSync(path, Buffer.from(bytes.map((byte, i) => (i === at ? byte ^ 0x10 : byte))))
    expect(() => readTracked({ path, map: [] })).toThrow(/, byte \d+: The checksum of this record is wrong/)
  }
})

test('what is no database of MLflow, or of another version, is told by table and column', async () => {
  const path = join(await temporaryFolder(), 'mlflow.db')
  const database = new DatabaseSync(path)
  database.exec('CREATE TABLE experiments (experiment_id INTEGER, name TEXT)')
  expect(() => readTracked({ path, map: [] })).toThrow('This is no database of MLflow: it has no table runs')
  database.exec('CREATE TABLE runs (run_uuid TEXT, name TEXT, status TEXT, experiment_id INTEGER, start_time BIGINT)')
  expect(() => readTracked({ path, map: [] })).toThrow('table runs has no column lifecycle_stage')
  database.close()
})

test('paths and options that do not go together', async () => {
  const folder = await temporaryFolder()
  expect(() => readTracked({ path: join(folder, 'none'), map: [] })).toThrow('does not exist')
  mkdirSync(join(folder, 'mlruns'))
  expect(() => readTracked({ path: folder, map: [] })).toThrow('This folder has no event files')
  const path = await written('a.csv', 'run,loss\na,1\n')
  expect(() => readTracked({ path, experiment: 'x', map: [] })).toThrow('is for a database of MLflow')
  expect(() => readTracked({ path: folder, map: ['run=x'] })).toThrow('is for a table')
})
