/** Starts the runs of a draft, one a seed; they are queued, put into their folder and tagged, and their ids are answered. */
import { shallowRef, type ShallowRef } from 'vue'
import { useCall } from '@/composables/useCall.ts'
import type { RunDraft } from './useRunDraft.ts'

export interface RunStarter {
  readonly starting: Readonly<ShallowRef<boolean>>
  readonly error: ShallowRef<Error | null>
  /** ids of the runs; null where the first could not be started (see `error`) */
  readonly start: (draft: RunDraft) => Promise<readonly string[] | null>
}

export function useRunStarter(): RunStarter {
  const { call } = useCall()
  const starting = shallowRef(false)
  const error = shallowRef<Error | null>(null)

  async function start({ dataset, spec, name, seeds, tags, folder }: RunDraft): Promise<readonly string[] | null> {
    starting.value = true
    error.value = null
    const runs: string[] = []
    try {
      for (const seed of seeds) {
        const { run } = await call('runs.start', { dataset, spec, seed, ...(name.trim() !== '' && { name: name.trim() }) })
        runs.push(run)
      }
      if (tags.length > 0 || folder !== '') await call('runs.edit', { runs, tags: [...tags], folder })
      return runs
    } catch (failure) {
      error.value = failure as Error
      return runs.length > 0 ? runs : null
    } finally {
      starting.value = false
    }
  }
  return { starting, error, start }
}
