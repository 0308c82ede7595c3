/** The second stage of a run, measured in a job. */
import type { EngineContext, Handlers } from '../context.ts'
import { errorOf } from '../queue.ts'

export function rerankVerbs({ store, queue, threads }: EngineContext): Handlers<'runs.rerank'> {
  return {
    'runs.rerank': async ({ run, ...ask }) => {
      const { id, dataset, spec } = store.runs.resolveFinished(run)
      const job = queue.add({
        job: 'rerank',
        run: id,
        threads,
        input: () => ({
          run: id,
          runFolder: store.workspace.run(id),
          datasetFolder: store.workspace.dataset(dataset),
          spec,
          ask: { run: id, ...ask },
        }),
        settle: (outcome) => {
          if (outcome.state !== 'done') throw errorOf(outcome)
          return outcome.result
        },
      })
      return { job }
    },
  }
}
