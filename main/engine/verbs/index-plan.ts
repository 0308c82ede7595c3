/** Verb handler of what an index will cost. */
import type { EngineContext, Handlers } from '../engine-context.ts'
import { runLocation } from '../run-location.ts'
import { indexed } from './indexes.ts'

export function planVerbs({ store, queue, threads }: EngineContext): Handlers<'index.plan'> {
  return {
    'index.plan': async ({ run, ...ask }) => {
      const row = indexed(store.runs.resolveFinished(run))
      return queue.add({
        job: 'plan',
        run: row.id,
        threads,
        beside: true,
        input: () => ({ ...runLocation(store, row), ask: { run: row.id, ...ask } }),
      })
    },
  }
}
