/** Verb handler of the popularity dial. */
import type { EngineContext, Handlers } from '../engine-context.ts'
import { runLocation } from '../run-location.ts'
import { checkVectors } from './blend.ts'

export function dialVerbs({ store, queue, threads }: EngineContext): Handlers<'runs.dial'> {
  return {
    'runs.dial': async ({ run, ...ask }) => {
      const row = store.runs.resolveFinished(run)
      checkVectors(row)
      return queue.add({
        job: 'dial',
        run: row.id,
        threads,
        beside: true,
        input: () => ({ ...runLocation(store, row), ask: { run: row.id, ...ask } }),
      })
    },
  }
}
