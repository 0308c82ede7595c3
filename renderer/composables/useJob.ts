/**
 * One long work at a time, started from here: its progress, its messages, its end. The job itself lives in the engine: it goes on when
 * the page is left, and the jobs store still shows it. Where the engine went while it was under way, the next one is asked whether it knows
 * it; if not, it has failed.
 */
import { computed, onScopeDispose, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'
import { Cancelled, EngineGone } from '@contract/errors.ts'
import type { Events } from '@contract/events.ts'
import { startJob } from '@contract/rpc.ts'
import type { JobResult, JobVerb, VerbInput, VerbOutput } from '@contract/verbs.ts'
import { noteAction } from './asked-actions.ts'
import { useEngine } from './useEngine.ts'

export type JobState = 'idle' | 'starting' | 'running' | 'cancelling' | 'done' | 'cancelled' | 'failed'

export interface Job<V extends JobVerb> {
  readonly state: Readonly<ShallowRef<JobState>>
  readonly busy: ComputedRef<boolean>
  readonly progress: Readonly<ShallowRef<Events['job.progress'] | null>>
  readonly messages: Readonly<ShallowRef<readonly Events['job.message'][]>>
  /** what the call answered: `{ job, … }` */
  readonly started: Readonly<ShallowRef<VerbOutput<V> | null>>
  readonly result: Readonly<ShallowRef<JobResult<V> | null>>
  readonly error: Readonly<ShallowRef<Error | null>>
  /** resolves with the result, or null where it failed (see `error`) or was cancelled */
  readonly start: (input: VerbInput<V>) => Promise<JobResult<V> | null>
  readonly cancel: () => Promise<void>
  /** back to idle; forgets result and error */
  readonly reset: () => void
}

export function useJob<V extends JobVerb>(verb: V): Job<V> {
  const { client, status } = useEngine()
  const state = shallowRef<JobState>('idle')
  const progress = shallowRef<Events['job.progress'] | null>(null)
  const messages = shallowRef<readonly Events['job.message'][]>([])
  const started = shallowRef(null) as ShallowRef<VerbOutput<V> | null>
  const result = shallowRef(null) as ShallowRef<JobResult<V> | null>
  const error = shallowRef<Error | null>(null)
  let attempt = 0
  /** ends the wait for the job of the present attempt */
  let giveUp: (why: Error) => void = () => undefined
  /** attempts that are to be cancelled as soon as the engine has named their job */
  const unwanted = new Set<number>()

  onScopeDispose(
    client.on('job.progress', (event) => {
      if (event.job === started.value?.job) progress.value = event
    }),
  )
  onScopeDispose(
    client.on('job.message', (event) => {
      if (event.job === started.value?.job) messages.value = [...messages.value, event]
    }),
  )

  watch(
    () => status.value.life,
    async () => {
      const [mine, job] = [attempt, started.value?.job]
      if (job === undefined || !['running', 'cancelling'].includes(state.value)) return
      const listed = await client.call('jobs.list', {}).catch(() => null) // no answer: the engine after that is asked
      if (listed === null || mine !== attempt || !busy.value || listed.jobs.some((other) => other.job === job)) return
      giveUp(
        state.value === 'cancelling'
          ? new Cancelled()
          : new EngineGone(
              'The connection to the engine went while this was under way: look whether it was done, and start it again if not.',
            ),
      )
    },
  )

  function reset(): void {
    attempt++
    state.value = 'idle'
    progress.value = started.value = result.value = error.value = null
    messages.value = []
  }

  async function start(input: VerbInput<V>): Promise<JobResult<V> | null> {
    reset()
    const mine = attempt
    state.value = 'starting'
    try {
      const job = await startJob(client, verb, input)
      noteAction(verb, input)
      if (mine === attempt) {
        started.value = job.started
        state.value = 'running'
        if (unwanted.has(mine)) void cancel()
      } else if (unwanted.has(mine)) void client.call('jobs.cancel', { job: job.job }).catch(() => undefined)
      const lost = new Promise<never>((_, reject) => {
        if (mine === attempt) giveUp = reject
      })
      const value = await Promise.race([job.finished, lost])
      if (mine === attempt) {
        result.value = value
        state.value = 'done'
      }
      return value
    } catch (failure) {
      if (mine === attempt) {
        const cancelled = (failure as { code?: unknown }).code === 'cancelled'
        state.value = cancelled ? 'cancelled' : 'failed'
        error.value = cancelled ? null : (failure as Error)
      }
      return null
    }
  }

  async function cancel(): Promise<void> {
    if (state.value === 'starting') unwanted.add(attempt)
    if (started.value === null || state.value !== 'running') return
    state.value = 'cancelling'
    try {
      await client.call('jobs.cancel', { job: started.value.job })
    } catch {
      // it has ended in the meantime; its end is on the way
    }
  }

  const busy = computed(() => ['starting', 'running', 'cancelling'].includes(state.value))
  return { state, busy, progress, messages, started, result, error, start, cancel, reset }
}
