/** A run's curves, while it trains, where another program reads them. */
import { join } from 'node:path'
import type { EngineContext } from '../engine-context.ts'
import { TensorboardLog } from '../export/tensorboard.ts'
import type { JobFact } from '../queue/job-types.ts'
import type { RunRow } from '../store/runs.ts'

export interface LiveLog {
  fact(fact: JobFact): void
  finished: TensorboardLog['finished']
}

/** Writes to a folder of the run's own below `folder`. What cannot be written is a warning of the job, and the training goes on. */
export function liveLog({ store, announce }: EngineContext, { id, name }: RunRow, folder: string, job: () => string): LiveLog {
  const own = join(folder, `${name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[.-]+/, '')}-${id}`)
  const log = new TensorboardLog(own, (error) => {
    const text = `The curves are no longer written to ${own}: ${error.message}`
    store.results.log({ job: job(), run: id, level: 'warning', text })
    announce('job.message', { job: job(), run: id, level: 'warning', text })
  })
  return {
    fact(fact) {
      if (fact.kind === 'steps') log.steps(fact.rows)
      else if (fact.kind === 'epoch') log.epoch(fact.row)
      else if (fact.kind === 'resumed') log.resumed(fact.step)
    },
    finished: (metrics, baseline) => log.finished(metrics, baseline),
  }
}
