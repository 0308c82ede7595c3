/**
 * The first hour in one button: the sample market, three baselines and the default two-tower, by the same verbs as by hand, then their
 * comparison. What is to be done follows from what the workspace has, so that it goes on wherever it was stopped, even by a kill.
 */
import { computed, onMounted, watch } from 'vue'
import { useRouter } from 'vue-router'
import type { RunSummary } from '@contract/shapes/run.ts'
import { useAction } from '@/composables/useAction.ts'
import { useCall } from '@/composables/useCall.ts'
import { useEvent } from '@/composables/useEvent.ts'
import { useJob } from '@/composables/useJob.ts'
import { useStored } from '@/composables/useStored.ts'
import { useVerb } from '@/composables/useVerb.ts'

const DATASET = 'sample-market'
const RECIPES = ['most-popular', 'item-knn', 'ease', 'two-tower'] as const
const UNDER_WAY: readonly RunSummary['state'][] = ['queued', 'running', 'finished']

export interface Step {
  readonly recipe: (typeof RECIPES)[number]
  /** null before it is started */
  readonly run: RunSummary | null
}

export function useFirstComparison() {
  const router = useRouter()
  const { call } = useCall()
  const sample = useJob('datasets.import')
  /** asked for and not at its end; outlives the page and the engine */
  const wanted = useStored('first-comparison', false, (value): value is boolean => typeof value === 'boolean')

  // a page that shows thousands of runs asks for them once more only while this is under way
  const runs = useVerb('runs.list', () => (wanted.value ? {} : null))
  useEvent('runs.changed', () => void runs.refresh())
  const steps = computed(() => stepsOf(runs.data.value?.runs ?? []))
  const isDone = computed(() => steps.value.every(({ run }) => run?.state === 'finished'))
  const underWay = computed(() => sample.busy.value || steps.value.some(({ run }) => run?.state === 'queued' || run?.state === 'running'))

  const {
    busy,
    error,
    run: go,
  } = useAction(async () => {
    wanted.value = true
    const { datasets } = await call('datasets.list', {})
    if (!datasets.some(({ name }) => name === DATASET) && (await sample.start({ name: DATASET, sample: true })) === null) {
      if (sample.state.value === 'cancelled') wanted.value = false
      return
    }
    const listed = await call('runs.list', {})
    for (const { recipe, run } of stepsOf(listed.runs)) {
      if (run !== null && UNDER_WAY.includes(run.state)) continue
      // a baseline has no checkpoint to go on from: it takes seconds, and starts anew
      const resumes = run !== null && run.model === 'two-tower' && run.state !== 'failed'
      await call('runs.start', resumes ? { resume: run.run } : { dataset: DATASET, recipe })
    }
    await runs.refresh()
  })
  const stop = (): unknown => (wanted.value = false)

  onMounted(() => {
    if (wanted.value) void go()
  })
  watch([isDone, wanted], () => {
    if (!wanted.value || !isDone.value) return
    wanted.value = false
    void router.push({ name: 'compare', query: { runs: steps.value.map(({ run }) => run!.run).join(',') } })
  })
  return { wanted, steps, sample, busy: computed(() => busy.value || underWay.value), error, go, stop }
}

/** The newest run of each recipe on the sample, of those that are furthest. */
function stepsOf(runs: readonly RunSummary[]): Step[] {
  const mine = runs.filter(({ dataset, trial }) => dataset === DATASET && trial === null)
  return RECIPES.map((recipe) => {
    const made = mine.filter((run) => (run.recipe ?? run.model) === recipe)
    return { recipe, run: made.findLast(({ state }) => UNDER_WAY.includes(state)) ?? made.at(-1) ?? null }
  })
}
