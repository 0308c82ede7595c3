/** The second stage of a run, measured in a job; its newest figures stay with the run. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rerankResult } from '../../contract/verbs/rerank.ts'
import type { EngineContext, Handlers } from '../context.ts'
import { errorOf } from '../queue.ts'
import { RUN_FILES } from '../serving/run-files.ts'

export function rerankVerbs({ store, queue, threads, announce }: EngineContext): Handlers<'runs.rerank' | 'runs.reranked'> {
  const place = (run: string): string => join(store.workspace.run(run), RUN_FILES.reranked)
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
          writeFileSync(place(id), JSON.stringify(outcome.result))
          announce('runs.changed', { run: id })
          return outcome.result
        },
      })
      return { job }
    },

    'runs.reranked': async ({ run }) => {
      const file = place(store.runs.resolve(run).id)
      // a file of another version of Pylon, or half of one, is none
      if (!existsSync(file)) return null
      try {
        return rerankResult.parse(JSON.parse(readFileSync(file, 'utf8')))
      } catch {
        return null
      }
    },
  }
}
