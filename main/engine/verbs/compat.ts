/** Verb handler of the compatibility of two trainings. */
import { badInput } from '../../contract/errors.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'
import { checkHasVectors } from '../model/placed.ts'
import { runLocation } from '../run-location.ts'
import type { RunRow } from '../store/runs.ts'

export function compatVerbs({ store, queue, threads }: EngineContext): Handlers<'runs.compat'> {
  return {
    'runs.compat': async ({ runs, ...ask }) => {
      const [a, b] = runs.map((run) => store.runs.resolveFinished(run)) as [RunRow, RunRow]
      if (a.id === b.id) throw badInput(`Both are run ${a.id}: give two.`, 'runs')
      for (const { spec } of [a, b]) checkHasVectors(spec)
      const named = ({ id, name, dataset }: RunRow) => ({ run: id, name, dataset })
      return queue.add({
        job: 'compat',
        run: b.id,
        runs: [a.id],
        threads,
        beside: true,
        input: () => ({ a: runLocation(store, a), b: runLocation(store, b), ask }),
        settle: ({ dims, ...result }) => ({ a: { ...named(a), dim: dims[0] }, b: { ...named(b), dim: dims[1] }, ...result }),
      })
    },
  }
}
