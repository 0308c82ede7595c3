/** Verb handlers of re-ranking: a second stage after a run's retrieval, measured by a job; its newest figures stay with the run. */
import { rerankResult } from '../../contract/verbs/rerank.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'
import type { RunLocation } from '../queue/job-types.ts'
import { readJsonFile } from '../files/json-file.ts'
import { addRewriting, runLocation } from '../run-location.ts'
import { optionalRunFile, RUN_FILES } from '../model/run-files.ts'

export function rerankVerbs(context: EngineContext): Handlers<'runs.rerank' | 'runs.reranked'> {
  const { store } = context
  return {
    'runs.rerank': async ({ run, ...ask }) => {
      const row = store.runs.resolveFinished(run)
      const input = (location: RunLocation) => ({ ...location, ask: { run: row.id, ...ask } })
      return addRewriting(context, row, [RUN_FILES.reranked], { job: 'rerank', threads: context.threads, input })
    },

    'runs.reranked': async ({ run }) => {
      const path = await optionalRunFile(runLocation(store, store.runs.resolve(run)), RUN_FILES.reranked)
      return path === null ? null : readJsonFile(path, rerankResult)
    },
  }
}
