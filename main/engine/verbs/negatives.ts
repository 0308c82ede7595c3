/** Verb handler of the negative laboratory. */
import type { EngineContext, Handlers } from '../engine-context.ts'
import { runLocation } from '../run-location.ts'

export function negativesVerbs({ store, queue, threads }: EngineContext): Handlers<'runs.negatives'> {
  return {
    'runs.negatives': async ({ run, ...ask }) => {
      const row = store.runs.resolveFinished(run)
      return queue.add({
        job: 'negatives',
        run: row.id,
        threads,
        beside: true,
        input: () => ({ ...runLocation(store, row), ask: { run: row.id, ...ask } }),
      })
    },
  }
}
