/** Exports for experiment trackers: a run as MLflow's folder of files, and as plain CSV and JSON. */
import { createHash } from 'node:crypto'
import { cp, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Stage } from '../../contract/shapes/progress.ts'
import type { RunDetail } from '../../contract/shapes/run.ts'
import { writeFileAtomic } from '../files/atomic.ts'
import { writeBlendOnnx } from './onnx-raw/write-onnx.ts'
import type { ExportSource } from './source.ts'
import { csvCell } from '../../contract/csv.ts'
import { linesOf, writePieces } from './lines.ts'

/** `run.json` (all that Pylon knows of it), `metrics.csv`, `epochs.csv`, `params.csv`. */
export async function* writeTables({ folder, run }: ExportSource): Stage {
  yield { stage: 'write tables', done: 0, total: 4, unit: 'files' }
  const { folder: _, ...facts } = run
  await writeFileAtomic(join(folder, 'run.json'), `${JSON.stringify(facts, null, 2)}\n`)
  const csv = (name: string, rows: readonly (readonly (string | number | null)[])[]): Promise<void> =>
    writePieces(join(folder, name), linesOf(rows.map((row) => row.map(csvCell).join(','))))
  const hash = run.protocolHash
  await csv('metrics.csv', [
    ['run', 'protocol', 'metric', 'value', 'most_popular'],
    ...Object.entries(run.metrics).map(([name, value]) => [run.run, hash, name, value, run.baseline[name] ?? null]),
  ])
  const validation = [...new Set(run.epochsLog.flatMap((row) => Object.keys(row.validation)))]
  await csv('epochs.csv', [
    ['epoch', 'loss', 'examples_per_second', 'learning_rate', ...validation.map((name) => `validation.${name}`)],
    ...run.epochsLog.map(({ epoch, loss, examplesPerSecond, learningRate, validation: measured }) => [
      ...[epoch, loss, examplesPerSecond, learningRate],
      ...validation.map((name) => measured[name] ?? null),
    ]),
  ])
  await csv('params.csv', [['param', 'value'], ...params(run)])
}

/**
 * `mlruns/`: point MLflow at it with `mlflow ui --backend-store-uri file:mlruns`. Ids are made of the run's, so
 * exporting again gives the same.
 */
export async function* writeMlflow(source: ExportSource): Stage {
  const { folder, runFolder, run } = source
  yield* writeBlendOnnx(source, runFolder)
  yield { stage: 'write the MLflow run', done: 0, total: 1, unit: 'runs' }
  const experiment = String(BigInt(`0x${hex(`experiment ${run.dataset}`).slice(0, 15)}`))
    .padStart(18, '1')
    .slice(0, 18)
  const id = hex(`run ${run.run}`).slice(0, 32)
  const home = join(folder, 'mlruns', experiment)
  const mlflowRun = join(home, id)
  for (const part of ['artifacts', 'metrics', 'params', 'tags']) await mkdir(join(mlflowRun, part), { recursive: true })
  const started = Date.parse(run.createdAt)
  const ended = started + Math.round(run.seconds * 1000)
  await writeFileAtomic(
    join(home, 'meta.yaml'),
    yaml({
      artifact_location: `mlruns/${experiment}`,
      creation_time: started,
      experiment_id: experiment,
      last_update_time: ended,
      lifecycle_stage: 'active',
      name: `pylon ${run.dataset}`,
    }),
  )
  await writeFileAtomic(
    join(mlflowRun, 'meta.yaml'),
    yaml({
      artifact_uri: `mlruns/${experiment}/${id}/artifacts`,
      end_time: ended,
      entry_point_name: '',
      experiment_id: experiment,
      lifecycle_stage: 'active',
      run_id: id,
      run_name: run.name,
      run_uuid: id,
      source_name: '',
      source_type: 4,
      source_version: run.environment?.gitCommit ?? '',
      start_time: started,
      status: 3,
      tags: [],
      user_id: 'pylon',
    }),
  )
  await writeEntries(
    join(mlflowRun, 'params'),
    params(run).map(([name, value]) => [name, value.slice(0, 6000)]),
  )
  await writeEntries(join(mlflowRun, 'tags'), [
    ['mlflow.runName', run.name],
    ['pylon.run', run.run],
    ['pylon.dataset', run.dataset],
    ['pylon.protocol', run.protocolHash ?? ''],
    ...(run.notes === '' ? [] : [['mlflow.note.content', run.notes] as [string, string]]),
    ...run.tags.map((tag): [string, string] => [`pylon.tag.${tag}`, 'true']),
  ])
  const metrics = [
    ...Object.entries(run.metrics).map(([name, value]): [string, string] => [`test.${name}`, `${ended} ${value} 0`]),
    ...Object.entries(run.baseline).map(([name, value]): [string, string] => [`most_popular.${name}`, `${ended} ${value} 0`]),
    ...curves(run, started, ended),
  ]
  await writeEntries(join(mlflowRun, 'metrics'), metrics)
  await cp(runFolder, join(mlflowRun, 'artifacts'), { recursive: true })
}

/** One line an epoch: time, value, step. */
function curves({ epochsLog }: RunDetail, started: number, ended: number): [string, string][] {
  const at = (epoch: number): number => Math.round(started + ((ended - started) * epoch) / Math.max(1, epochsLog.length))
  const lines = new Map<string, string[]>()
  const add = (name: string, epoch: number, value: number): void =>
    void lines.set(name, [...(lines.get(name) ?? []), `${at(epoch)} ${value} ${epoch}`])
  for (const { epoch, loss, learningRate, validation } of epochsLog) {
    add('train.loss', epoch, loss)
    add('train.learning_rate', epoch, learningRate)
    for (const [name, value] of Object.entries(validation)) add(`validation.${name}`, epoch, value)
  }
  return [...lines].map(([name, values]) => [name, values.join('\n')])
}

/** A file a name. MLflow's names may hold letters, digits, _ - . / : and blanks; an @ of ours becomes _at_. */
async function writeEntries(folder: string, entries: readonly (readonly [string, string])[]): Promise<void> {
  for (const [name, value] of entries) {
    const path = join(
      folder,
      name
        .replaceAll('@', '_at_')
        .replaceAll(/\[(\d+)\]/g, '.$1')
        .replaceAll(/[^\w\-.:/ ]/g, '_'),
    )
    await mkdir(dirname(path), { recursive: true })
    await writeFileAtomic(path, value)
  }
}

/** The spec's leaves by path. */
function params({ spec }: RunDetail): [string, string][] {
  const leaves: [string, string][] = []
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null || (Array.isArray(value) && value.every((each) => typeof each !== 'object'))) {
      leaves.push([path, typeof value === 'string' ? value : JSON.stringify(value)])
      return
    }
    for (const [key, entry] of Object.entries(value))
      walk(entry, Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`)
  }
  walk(spec, '')
  return leaves
}

const hex = (text: string): string => createHash('sha256').update(text).digest('hex')
/** Flat YAML; texts as JSON strings, which YAML reads. */
const yaml = (entries: Readonly<Record<string, string | number | readonly never[]>>): string =>
  Object.entries(entries)
    .map(([name, value]) => `${name}: ${typeof value === 'number' ? value : JSON.stringify(value)}\n`)
    .join('')
