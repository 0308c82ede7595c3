/** Verb handler of skew. */
import { badInput } from '../../contract/errors.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'
import { metricAt } from '../evaluation/ranks.ts'
import { runLocation } from '../run-location.ts'
import { newestRequest } from '../serving/skew/log.ts'

export function skewVerbs({ store, queue, threads }: EngineContext): Handlers<'serving.skew'> {
  return {
    'serving.skew': async (ask) => {
      metricAt(ask.metric)
      const row = store.runs.resolveFinished(ask.run ?? (await servedRun(ask.log)))
      return queue.add({ job: 'skew', run: row.id, threads, beside: true, input: () => ({ ...runLocation(store, row), ask }) })
    },
  }
}

/** The run of the last request: a version is the run's id, of a bundle followed by when it was made. */
async function servedRun(log: string): Promise<string> {
  const last = await newestRequest(log)
  if (last === null) throw badInput('It holds no request yet.', 'log')
  return last.version.split('@', 1)[0]!
}
