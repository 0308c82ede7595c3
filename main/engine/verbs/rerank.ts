/** The second stage of a run, measured in a job; its newest figures stay with the run. */
import { rerankResult } from '../../contract/verbs/rerank.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'
import { errorOf } from '../queue/queue.ts'
import { readJsonFile } from '../files/json-file.ts'
import { forgetRecords, runLocation, recordFacts } from '../run-location.ts'
import { optionalRunFile, RUN_FILES } from '../model/run-files.ts'

export function rerankVerbs(context: EngineContext): Handlers<'runs.rerank' | 'runs.reranked'> {
  const { store, queue, announce } = context
  return {
    'runs.rerank': async ({ run, ...ask }) => {
      const row = store.runs.resolveFinished(run)
      const { id } = row
      let recall: ReturnType<typeof forgetRecords> | null = null
      const job = queue.add({
        job: 'rerank',
        run: id,
        threads: context.threads,
        input: () => {
          recall = forgetRecords(store, id, [RUN_FILES.reranked])
          return { ...runLocation(store, row), ask: { run: id, ...ask } }
        },
        onFact: recordFacts(store, id),
        settle: (outcome) => {
          recall?.(outcome)
          if (outcome.state !== 'done') throw errorOf(outcome)
          announce('runs.changed', { run: id })
          return outcome.result
        },
      })
      return { job }
    },

    'runs.reranked': async ({ run }) => {
      const path = await optionalRunFile(runLocation(store, store.runs.resolve(run)), RUN_FILES.reranked)
      return path === null ? null : readJsonFile(path, rerankResult)
    },
  }
}
