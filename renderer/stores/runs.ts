/**
 * All runs as columns, kept up to date by events: what changes within a moment is asked for together and put in its place. Columns of
 * metrics and spec paths are fetched when somebody wants them; whoever stops wanting them does not matter.
 */
import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import { EngineGone } from '@contract/errors.ts'
import type { VerbOutput } from '@contract/verbs.ts'
import { useEngine } from '@/composables/useEngine.ts'
import { withFreshRows, runPage, type RunPage } from './run-columns.ts'

const MOMENT_MS = 300
/** changed runs beyond which everything is asked for */
const MANY_RUNS = 500
/** What the table shows until other columns are chosen, and the first question asks for: a second one would take as long again. */
export const SHOWN_METRICS: readonly string[] = ['recall@20', 'ndcg@20']
export const BEST_METRIC = 'ndcg@20'

export const useRuns = defineStore('runs', () => {
  const { client, status } = useEngine()
  const page = shallowRef<RunPage | null>(null)
  const fields = shallowRef<VerbOutput<'runs.fields'>>({ metrics: [], spec: [], tags: [], folders: [] })
  const error = shallowRef<Error | null>(null)
  const wanted = { metrics: new Set(SHOWN_METRICS), spec: new Set<string>() }
  let latest = 0
  let following = false
  let asking = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let changed = new Set<string>()

  const question = (): { metrics: string[]; spec: string[]; best: string } => ({
    metrics: [...wanted.metrics],
    spec: [...wanted.spec],
    best: BEST_METRIC,
  })

  /** Everything anew; an older answer that comes late is dropped. */
  async function refresh(): Promise<void> {
    const mine = ++latest
    changed = new Set()
    try {
      const answer = await client.call('runs.table', question())
      if (mine !== latest) return
      page.value = runPage(answer.columns, answer.protocols)
      error.value = null
    } catch (failure) {
      // that the engine went says the banner, and the next one is asked
      if (mine === latest) error.value = failure instanceof EngineGone ? null : (failure as Error)
    }
  }

  async function refreshFields(): Promise<void> {
    try {
      fields.value = await client.call('runs.fields', {})
    } catch {
      // the same failure is told by the table
    }
  }

  async function patch(): Promise<void> {
    timer = undefined
    const asked = changed
    changed = new Set()
    if (page.value === null || asked.size > MANY_RUNS) return refresh()
    const mine = latest
    try {
      const answer = await client.call('runs.table', { ...question(), runs: [...asked] })
      if (mine === latest) page.value = withFreshRows(page.value, asked, runPage(answer.columns, answer.protocols))
    } catch {
      await refresh()
    }
    await refreshFields()
  }

  function mark(run: string): void {
    changed.add(run)
    timer ??= setTimeout(() => void patch(), MOMENT_MS)
  }
  client.on('runs.changed', ({ run }) => mark(run))
  client.on('run.epoch', ({ run }) => mark(run))
  client.on('datasets.changed', () => void refreshFields())

  /** Makes sure these columns are there, or on their way; what is wanted in one go is asked for in one question. */
  function want(more: { metrics?: readonly string[]; spec?: readonly string[] }): void {
    const before = wanted.metrics.size + wanted.spec.size
    for (const name of more.metrics ?? []) wanted.metrics.add(name)
    for (const path of more.spec ?? []) wanted.spec.add(path)
    if (wanted.metrics.size + wanted.spec.size === before || !following || asking || status.value.life === 0) return
    asking = true
    queueMicrotask(() => {
      asking = false
      void refresh()
    })
  }

  /** Begins to follow the runs, at the first page that shows them. */
  function follow(): void {
    if (following) return
    following = true
    watch(
      () => status.value.life,
      (life) => {
        if (life > 0) void refresh().then(refreshFields)
      },
      { immediate: true },
    )
  }
  return { page, fields, error, want, follow, refresh }
})
