/** A run told to other programs: while it trains, and later as a job. */
import { join } from 'node:path'
import { badInput, conflict } from '../../contract/errors.ts'
import type { TrainResult } from '../../contract/shapes/run.ts'
import { readTracker } from '../../contract/shapes/tracker.ts'
import type { EngineContext } from '../engine-context.ts'
import { MlflowClient } from '../export/mlflow/client.ts'
import { MlflowFollower } from '../export/mlflow/follower.ts'
import type { MlflowParent } from '../export/mlflow/parent.ts'
import { MlflowTelling } from '../export/mlflow/telling.ts'
import { TensorboardLog } from '../export/tensorboard.ts'
import type { JobFact } from '../queue/job-types.ts'
import type { RunRow } from '../store/runs.ts'

/** What hears of a run while it trains. */
export interface LiveLog {
  fact(fact: JobFact): void
  /** how it ended is stored; `result` is what it reached on the test part, null where that was not looked at */
  ended(result: Pick<TrainResult, 'metrics' | 'baseline'> | null): Promise<void>
}

/** The folder of a run below one for many. */
export const boardOf = (folder: string, { id, name }: Pick<RunRow, 'id' | 'name'>): string =>
  join(folder, `${name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[.-]+/, '')}-${id}`)

/**
 * The server of a tracker that says none itself. Who is held to some folders is held to the server of the environment too, as the secrets
 * of the environment go there.
 * @throws PylonError bad-input
 */
export function serverOf(uri: string | null, { guard }: Pick<EngineContext, 'guard'>, place: string): string {
  const known = (process.env['MLFLOW_TRACKING_URI'] ?? '').replace(/\/+$/, '')
  if (uri === null && known === '') throw badInput('names no server: mlflow:http://HOST:5000, or set MLFLOW_TRACKING_URI.', place)
  if (uri !== null && uri !== known && guard.policy !== null)
    throw badInput(`${uri} is not the server that this host was started with: set MLFLOW_TRACKING_URI for it.`, place)
  return uri ?? known
}

/** Before a run is made. @throws PylonError bad-input where one of them cannot be told to */
export function checkTrackers(context: EngineContext, trackers: readonly string[]): void {
  for (const tracker of trackers.map(readTracker))
    if (tracker.kind === 'mlflow') void new MlflowClient(serverOf(tracker.uri, context, 'log'))
}

/**
 * One for each of `trackers`. What cannot be told is a warning of the job, and the training goes on.
 * @param parentAt the run of the server at a URI that this one lies below; default: none
 */
export function liveLogs(
  context: EngineContext,
  row: RunRow,
  trackers: readonly string[],
  job: () => string,
  parentAt: (uri: string) => MlflowParent | null = () => null,
): LiveLog[] {
  const say = (level: 'info' | 'warning', text: string): void => {
    context.store.results.log({ job: job(), run: row.id, level, text })
    context.announce('job.message', { job: job(), run: row.id, level, text })
  }
  return trackers.map((text) => {
    const tracker = readTracker(text)
    if (tracker.kind === 'tensorboard') return boardLog(row, tracker.folder, say)
    const uri = serverOf(tracker.uri, context, 'log')
    return mlflowLog(context, row, { uri, parent: parentAt(uri) }, say)
  })
}

type Say = (level: 'info' | 'warning', text: string) => void

function boardLog(row: RunRow, folder: string, say: Say): LiveLog {
  const own = boardOf(folder, row)
  const log = new TensorboardLog(own, (error) => say('warning', `The curves are no longer written to ${own}: ${error.message}`))
  return {
    fact(fact) {
      if (fact.kind === 'steps') log.steps(fact.rows)
      else if (fact.kind === 'epoch') log.epoch(fact.row)
      else if (fact.kind === 'resumed') log.resumed(fact.step)
    },
    ended: async (result) => {
      if (result !== null) log.finished(result.metrics, result.baseline)
    },
  }
}

function mlflowLog(
  { store: { runs, results, workspace } }: EngineContext,
  { id }: RunRow,
  { uri, parent }: { readonly uri: string; readonly parent: MlflowParent | null },
  say: Say,
): LiveLog {
  const source = {
    run: () => results.detail(runs.resolve(id), workspace.run(id)),
    steps: (after: number, most: number) => results.stepsAfter(id, after, most),
  }
  const telling = new MlflowTelling(new MlflowClient(uri), source, parent)
  const words = { warn: (text: string) => say('warning', text), info: (text: string) => say('info', text) }
  const follower = new MlflowFollower(telling, { uri, run: id, words })
  return {
    fact: ({ kind }) => {
      if (kind === 'steps' || kind === 'epoch' || kind === 'resumed') follower.hear()
    },
    // one that could not even begin has left nothing
    ended: async () => (runs.nameOf(id) !== null ? follower.ended() : undefined),
  }
}

/** @throws PylonError conflict where the run is being trained: two that tell the same steps would tell them twice */
export function logRun(context: EngineContext, row: RunRow, to: string): { job: string } {
  const { store, queue } = context
  const { runs, results, workspace } = store
  if (runs.underWay().get(row.id) === true)
    throw conflict(`Run ${row.id} is being trained: wait until it has ended, or give --log to pylon train.`)
  const tracker = readTracker(to)
  const server = tracker.kind === 'mlflow' ? serverOf(tracker.uri, context, 'to') : null
  return queue.add({
    job: 'log',
    run: row.id,
    beside: true,
    input: () => ({
      to: tracker.kind === 'mlflow' ? { kind: 'mlflow', uri: server! } : { kind: 'tensorboard', folder: boardOf(tracker.folder, row) },
      detail: results.detail(runs.resolve(row.id), workspace.run(row.id)),
      steps: results.stepsAfter(row.id, -1, Number.MAX_SAFE_INTEGER),
    }),
  })
}
