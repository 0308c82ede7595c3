/** What the engine announces. Events are facts: they report, they never steer. */
import type { ErrorShape } from './errors.ts'
import type { Progress } from './shapes/progress.ts'
import type { EpochRow } from './shapes/run.ts'

export interface Events {
  /** coalesced to a few a second */
  'job.progress': { job: string; run: string | null; progress: Progress; perSecond: number | null; etaSeconds: number | null }
  /** a line worth keeping on a terminal or in a log: guessed roles, warnings, an epoch */
  'job.message': { job: string; run: string | null; level: 'info' | 'warning'; text: string }
  'run.epoch': { job: string; run: string; row: EpochRow }
  'job.finished': { job: string; run: string | null; state: 'done' | 'cancelled' | 'failed'; result: unknown; error: ErrorShape | null }
  /** a job was queued, has begun, or is asked to stop: `jobs.list` says which; its end is `job.finished` */
  'jobs.changed': { job: string; run: string | null }
  'runs.changed': { run: string }
  'search.changed': { search: string }
  'segments.changed': { segment: string }
  'datasets.changed': { dataset: string }
  'backtest.changed': { backtest: string }
  /** runs of other trackers came or went */
  'tracked.changed': { dataset: string }
  /** from now on it is open for reading only, and why */
  'workspace.viewed': { viewed: string }
  /** a server's process ended though nobody had asked for it: what is known of it, with its last words as the stack */
  'serving.ended': { server: string; error: ErrorShape }
}
export type EventName = keyof Events
