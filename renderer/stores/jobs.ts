/** Jobs under way and waiting in the engine, whoever started them: asked for once per engine, then kept up to date by its events. */
import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import type { Events } from '@contract/events.ts'
import type { JobInfo } from '@contract/verbs/jobs.ts'
import { useEngine } from '@/composables/useEngine.ts'

type Nullable<T> = { [K in keyof T]: T[K] | null }

export const useJobs = defineStore('jobs', () => {
  const { client, status } = useEngine()
  const jobs = shallowRef<readonly JobInfo[]>([])
  /** the last one that ended; `kind` and `name` as in its {@link JobInfo}, null where it was never listed */
  const finished = shallowRef<(Events['job.finished'] & Pick<Nullable<JobInfo>, 'kind' | 'name'>) | null>(null)
  let latest = 0

  async function refresh(): Promise<void> {
    const mine = ++latest
    try {
      const answer = await client.call('jobs.list', {})
      if (mine === latest) jobs.value = answer.jobs
    } catch {
      // the engine is gone: it is asked again when the next one is there
    }
  }

  client.on('jobs.changed', () => void refresh())
  client.on('job.progress', ({ job, progress, perSecond, etaSeconds }) => {
    jobs.value = jobs.value.map((entry) => (entry.job === job ? { ...entry, progress, perSecond, etaSeconds } : entry))
  })
  client.on('job.finished', (event) => {
    const { kind = null, name = null } = jobs.value.find((entry) => entry.job === event.job) ?? {}
    finished.value = { ...event, kind, name }
    jobs.value = jobs.value.filter((entry) => entry.job !== event.job)
    void refresh()
  })
  watch(
    status,
    ({ state }) => {
      if (state === 'ready') void refresh()
      else jobs.value = []
    },
    { immediate: true },
  )

  /** The job that works on a run, or waits to. */
  const ofRun = (run: string): JobInfo | undefined => jobs.value.find((job) => job.run === run)

  return { jobs, finished, ofRun }
})
