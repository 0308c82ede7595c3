/** A run as it is now: asked for once, again when the engine says that it changed, after each epoch, and now and then meanwhile. */
import { useThrottleFn } from '@vueuse/core'
import { computed } from 'vue'
import { useEvent } from '@/composables/useEvent.ts'
import { useVerb } from '@/composables/useVerb.ts'
import { useJobs } from '@/stores/jobs.ts'

const EVERY_MS = 5000

/** @param id an id or a name */
export function useRun(id: () => string) {
  const asked = useVerb('runs.show', () => ({ run: id() }))
  const jobs = useJobs()
  // by its id also where it was not found: a run that was deleted may be taken back
  const isMine = (run: string | null): boolean => run !== null && (run === asked.data.value?.run || run === id())
  useEvent('runs.changed', ({ run }) => {
    if (isMine(run)) void asked.refresh()
  })
  useEvent('run.epoch', ({ run }) => {
    if (isMine(run)) void asked.refresh()
  })
  const now = useThrottleFn(() => void asked.refresh(), EVERY_MS)
  useEvent('job.progress', ({ run }) => {
    if (isMine(run) && asked.data.value?.state === 'running') void now()
  })
  /** the job that trains it, or waits to */
  const job = computed(() => jobs.jobs.find(({ run, kind }) => (kind === 'train' || kind === 'trial') && isMine(run)))
  return { asked, job }
}
