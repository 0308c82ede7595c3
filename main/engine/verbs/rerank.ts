/** The second stage of a run, measured in a job; its newest figures stay with the run. */
import { join } from 'node:path'
import { rerankResult } from '../../contract/verbs/rerank.ts'
import type { EngineContext, Handlers } from '../context.ts'
import { errorOf } from '../queue.ts'
import { readKept } from '../files/kept.ts'
import { RUN_FILES } from '../serving/run-files.ts'

export function rerankVerbs(context: EngineContext): Handlers<'runs.rerank' | 'runs.reranked'> {
  const { store, queue, announce } = context
  return {
    'runs.rerank': async ({ run, ...ask }) => {
      const { id, dataset, spec } = store.runs.resolveFinished(run)
      const job = queue.add({
        job: 'rerank',
        run: id,
        threads: context.threads,
        input: () => ({
          run: id,
          runFolder: store.workspace.run(id),
          datasetFolder: store.workspace.dataset(dataset),
          spec,
          ask: { run: id, ...ask },
        }),
        settle: (outcome) => {
          if (outcome.state !== 'done') throw errorOf(outcome)
          announce('runs.changed', { run: id })
          return outcome.result
        },
      })
      return { job }
    },

    'runs.reranked': ({ run }) => readKept(join(store.workspace.run(store.runs.resolve(run).id), RUN_FILES.reranked), rerankResult),
  }
}
