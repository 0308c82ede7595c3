/** A run in MLflow's words: params, tags and metrics with their steps, the same whether it is told while it trains, later, or by a script. */
import type { RunDetail, StepRow } from '../../../contract/shapes/run.ts'
import type { Measured, Named } from './client.ts'

/** What MLflow takes of a param's value. */
const MOST_SIGNS = 6000

/** What is known of a run without its steps. */
export type TrackedRun = Pick<
  RunDetail,
  | 'run'
  | 'name'
  | 'dataset'
  | 'recipe'
  | 'state'
  | 'createdAt'
  | 'seconds'
  | 'spec'
  | 'environment'
  | 'protocolHash'
  | 'notes'
  | 'tags'
  | 'metrics'
  | 'baseline'
  | 'epochsLog'
>

/** The metric that every row of a step has. */
export const STEP_LOSS = 'train/loss'
/** The metric that every row of an epoch has. */
export const EPOCH_LOSS = 'epoch/loss'
/** The tag that a run is found again by. */
export const RUN_TAG = 'pylon.run'

/** All that a script tells of a finished run. */
export function mlflowFacts(run: TrackedRun): {
  readonly experiment: string
  readonly started: number
  readonly ended: number
  readonly params: readonly Named[]
  readonly tags: readonly Named[]
  readonly metrics: readonly Measured[]
} {
  const started = Date.parse(run.createdAt)
  const ended = started + Math.round(run.seconds * 1000)
  const time = (epoch: number): number => Math.round(started + ((ended - started) * epoch) / Math.max(1, run.epochsLog.length))
  return {
    experiment: experimentOf(run),
    started,
    ended,
    params: paramsOf(run.spec).map(([key, value]) => ({ key: plain(key), value: value.slice(0, MOST_SIGNS) })),
    tags: tagsOf(run),
    metrics: [...run.epochsLog.flatMap((row) => epochMetrics(row, time(row.epoch))), ...endMetrics(run, ended)],
  }
}

export const experimentOf = ({ dataset }: Pick<TrackedRun, 'dataset'>): string => `pylon ${dataset}`

export function tagsOf(run: TrackedRun): Named[] {
  const tags: readonly (readonly [string, string | null | undefined])[] = [
    [RUN_TAG, run.run],
    ['pylon.dataset', run.dataset],
    ['pylon.recipe', run.recipe],
    ['pylon.protocol', run.protocolHash],
    ['pylon.state', run.state],
    ['pylon.version', run.environment?.pylon],
    ['mlflow.source.name', 'pylon'],
    ['mlflow.source.git.commit', run.environment?.gitCommit],
    ['mlflow.note.content', run.notes.slice(0, MOST_SIGNS)],
    ...run.tags.map((tag) => [plain(`pylon.tag.${tag}`), 'true'] as const),
  ]
  return tags.flatMap(([key, value]) => (value === null || value === undefined || value === '' ? [] : [{ key, value }]))
}

/** Of a step: its x is the step. A throughput that is not known is left out. */
export function stepMetrics({ step, loss, learningRate, examplesPerSecond }: StepRow, timestamp: number): Measured[] {
  return [
    { key: STEP_LOSS, value: loss, timestamp, step },
    { key: 'train/learning_rate', value: learningRate, timestamp, step },
    ...(Number.isFinite(examplesPerSecond) ? [{ key: 'train/examples_per_second', value: examplesPerSecond, timestamp, step }] : []),
  ]
}

/** Of an epoch: its x is the epoch. */
export function epochMetrics({ epoch, loss, learningRate, validation }: RunDetail['epochsLog'][number], timestamp: number): Measured[] {
  return [
    { key: EPOCH_LOSS, value: loss, timestamp, step: epoch },
    { key: 'epoch/learning_rate', value: learningRate, timestamp, step: epoch },
    ...Object.entries(validation).map(([name, value]) => ({ key: `validation/${plain(name)}`, value, timestamp, step: epoch })),
  ]
}

/** What the run reaches on the test part, with most popular beside it; none before it has finished. */
export function endMetrics({ metrics, baseline }: TrackedRun, timestamp: number): Measured[] {
  const under = (group: string, values: TrackedRun['metrics']): Measured[] =>
    Object.entries(values).map(([name, value]) => ({ key: `${group}/${plain(name)}`, value, timestamp, step: 0 }))
  return [...under('test', metrics), ...under('most_popular', baseline)]
}

/** MLflow's names may hold letters, digits, _ - . / : and blanks; an @ of ours becomes _at_. */
const plain = (name: string): string =>
  name
    .replaceAll('@', '_at_')
    .replaceAll(/\[(\d+)\]/g, '.$1')
    .replaceAll(/[^\w\-.:/ ]/g, '_')

/** The spec's leaves by path. */
export function paramsOf(spec: RunDetail['spec']): [string, string][] {
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
