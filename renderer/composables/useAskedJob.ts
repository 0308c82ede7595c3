/**
 * A job that is started anew whenever what is asked changes; null asks nothing. Its result is of what is asked now, or null. It answers
 * whoever looks: when the tab or page that asked is left, it is cancelled.
 * That the engine went is no answer, as in {@link useVerb}: the next one is asked.
 */
import { onScopeDispose, watch } from 'vue'
import { EngineGone } from '@contract/errors.ts'
import type { JobVerb, VerbInput } from '@contract/verbs.ts'
import { useEngine } from './useEngine.ts'
import { useJob, type Job } from './useJob.ts'

export function useAskedJob<V extends JobVerb>(verb: V, ask: () => VerbInput<V> | null): Job<V> {
  const job = useJob(verb)
  const { status } = useEngine()
  /** whether the engine went over it, and the life in which it was asked: each is asked once, however quickly it goes */
  let [isOpen, askedIn] = [false, 0]
  /** counts what was asked, and the end of looking */
  let latest = 0
  const start = async (input: VerbInput<V>): Promise<void> => {
    isOpen = false
    askedIn = status.value.life
    await job.start(input)
  }
  watch(
    () => JSON.stringify(ask()),
    async (key) => {
      const mine = ++latest
      if (job.busy.value) await job.cancel()
      if (mine !== latest) return
      job.reset()
      isOpen = false
      const input = ask()
      if (input !== null && JSON.stringify(input) === key) await start(input)
    },
    { immediate: true },
  )
  watch([job.error, () => status.value.life], async ([error, life]) => {
    if (error instanceof EngineGone) {
      isOpen = true
      job.reset()
    }
    const input = ask()
    if (isOpen && life > askedIn && input !== null) await start(input)
  })
  onScopeDispose(() => {
    latest++
    void job.cancel()
  })
  return job
}
