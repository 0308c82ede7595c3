/**
 * A job that is started anew whenever what is asked changes; null asks nothing. Its result is of what is asked now, or null. It answers
 * whoever looks: when the tab or page that asked is left, it is cancelled.
 */
import { onScopeDispose, watch } from 'vue'
import type { JobVerb, VerbInput } from '@contract/verbs.ts'
import { useJob, type Job } from './useJob.ts'

export function useAskedJob<V extends JobVerb>(verb: V, ask: () => VerbInput<V> | null): Job<V> {
  const job = useJob(verb)
  watch(
    () => JSON.stringify(ask()),
    async (key) => {
      if (job.busy.value) await job.cancel()
      job.reset()
      const input = ask()
      if (input !== null && JSON.stringify(input) === key) await job.start(input)
    },
    { immediate: true },
  )
  onScopeDispose(() => void job.cancel())
  return job
}
