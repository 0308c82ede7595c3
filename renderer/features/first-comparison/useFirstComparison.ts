/**
 * The first hour in one button: three baselines and the default two-tower of a dataset (the sample market, which is made, or one's own), by
 * the same verbs as by hand, then their comparison. What is to be done follows from what the workspace has, so that it goes on wherever it
 * was stopped, even by a kill.
 */
import { computed, onMounted, watch } from 'vue'
import { useRouter } from 'vue-router'
import { headlineOf } from '@contract/metrics.ts'
import type { RunSummary } from '@contract/shapes/run.ts'
import { useAction } from '@/composables/useAction.ts'
import { useCall } from '@/composables/useCall.ts'
import { useEvent } from '@/composables/useEvent.ts'
import { useJob } from '@/composables/useJob.ts'
import { useStored } from '@/composables/useStored.ts'
import { useVerb } from '@/composables/useVerb.ts'

/** made where it is not there yet */
export const SAMPLE = 'sample-market'
const RECIPES = ['most-popular', 'item-knn', 'ease', 'two-tower'] as const
const UNDER_WAY: readonly RunSummary['state'][] = ['queued', 'running', 'finished']
/** Too few to compare. */
const LEAST = 2

export interface Step {
  readonly recipe: (typeof RECIPES)[number]
  /** null before it is started */
  readonly run: RunSummary | null
}

/** @param offered the dataset that is compared on where nothing is asked for yet */
export function useFirstComparison(offered: () => string) {
  const router = useRouter()
  const { call } = useCall()
  const sample = useJob('datasets.import')
  /** the dataset it was asked for on, until its end; outlives the page and the engine */
  const wanted = useStored('first-comparison', '', (value): value is string => typeof value === 'string')
  const dataset = computed(() => (wanted.value === '' ? offered() : wanted.value))

  // a page that shows thousands of runs asks for them once more only while this is under way
  const runs = useVerb('runs.list', () => (wanted.value === '' ? null : { dataset: wanted.value }))
  useEvent('runs.changed', () => void runs.refresh())
  const steps = computed(() => stepsOf(runs.data.value?.runs ?? [], dataset.value))
  const finished = computed(() => steps.value.flatMap(({ run }) => (run?.state === 'finished' ? [run] : [])))
  // a model that a dataset is too large for is left out
  const isDone = computed(
    () => finished.value.length >= LEAST && steps.value.every(({ run }) => run?.state === 'finished' || run?.state === 'failed'),
  )
  const underWay = computed(() => sample.busy.value || steps.value.some(({ run }) => run?.state === 'queued' || run?.state === 'running'))

  const {
    busy,
    error,
    run: go,
  } = useAction(async () => {
    const on = (wanted.value = dataset.value)
    const { datasets } = await call('datasets.list', {})
    if (!datasets.some(({ name }) => name === on)) {
      const isMade = on === SAMPLE && (await sample.start({ name: SAMPLE, sample: true })) !== null
      // cancelled, or removed since
      if (!isMade && (on !== SAMPLE || sample.state.value === 'cancelled')) wanted.value = ''
      if (!isMade) return
    }
    const listed = await call('runs.list', { dataset: on })
    for (const { recipe, run } of stepsOf(listed.runs, on)) {
      if (run !== null && UNDER_WAY.includes(run.state)) continue
      // a baseline has no checkpoint to go on from: it takes seconds, and starts anew
      const resumes = run !== null && run.model === 'two-tower' && run.state !== 'failed'
      await call('runs.start', resumes ? { resume: run.run } : { dataset: on, recipe })
    }
    await runs.refresh()
  })
  const stop = (): unknown => (wanted.value = '')

  onMounted(() => {
    if (wanted.value !== '') void go()
  })
  watch([isDone, wanted], () => {
    if (wanted.value === '' || !isDone.value) return
    const query = comparisonOf(finished.value)
    wanted.value = ''
    void router.push({ name: 'compare', query })
  })
  return { wanted, steps, sample, busy: computed(() => busy.value || underWay.value), error, go, stop }
}

/** All of them, and against each other the best baseline and the two-tower. */
function comparisonOf(runs: readonly RunSummary[]): Record<string, string> {
  const tower = runs.find(({ model }) => model === 'two-tower')
  const metric = headlineOf(Object.keys(tower?.metrics ?? {}))
  const [best] = runs.filter((run) => run !== tower).toSorted((a, b) => (b.metrics[metric] ?? 0) - (a.metrics[metric] ?? 0))
  return { runs: runs.map(({ run }) => run).join(','), ...(tower !== undefined && best !== undefined && { a: best.run, b: tower.run }) }
}

/** The newest run of each recipe on a dataset, of those that are furthest. */
function stepsOf(runs: readonly RunSummary[], on: string): Step[] {
  const mine = runs.filter(({ dataset, trial }) => dataset === on && trial === null)
  return RECIPES.map((recipe) => {
    const made = mine.filter((run) => (run.recipe ?? run.model) === recipe)
    return { recipe, run: made.findLast(({ state }) => UNDER_WAY.includes(state)) ?? made.at(-1) ?? null }
  })
}
