/** Starts the runs of a draft, one a seed; they are queued, put into their folder and tagged. */
import { useAction } from '@/composables/useAction.ts'
import { useCall } from '@/composables/useCall.ts'
import type { RunDraft } from './useRunDraft.ts'

/** `started` hears the ids of those that are queued, also where the next one could not be. */
export function useRunStarter(started: (runs: readonly string[]) => unknown) {
  const { call } = useCall()
  return useAction(async ({ dataset, spec, name, seeds, tags, folder }: RunDraft) => {
    const runs: string[] = []
    try {
      for (const seed of seeds)
        runs.push((await call('runs.start', { dataset, spec, seed, ...(name.trim() !== '' && { name: name.trim() }) })).run)
      if (tags.length > 0 || folder !== '') await call('runs.edit', { runs, tags: [...tags], folder })
    } finally {
      if (runs.length > 0) await started(runs)
    }
  })
}
