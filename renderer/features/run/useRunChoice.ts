/** The finished runs that a page can be about, the newest first, and the one its address names; where it names none, the newest. */
import { computed, watch } from 'vue'
import type { RunSummary } from '@contract/shapes/run.ts'
import type { Option } from '@/components/option.ts'
import { useQueryState } from '@/composables/useQueryState.ts'
import { useVerb } from '@/composables/useVerb.ts'

export const runOption = ({ run: value, name: label, dataset }: RunSummary): Option => ({ value, label, hint: `${dataset} · ${value}` })
/** Whether a run has an index of its items and towers for who is new: a two-tower, or a blend of them; a trial of a search has none. */
export const hasIndex = ({ model, trial }: Pick<RunSummary, 'model' | 'trial'>): boolean =>
  trial === null && (model === 'two-tower' || model === 'blend')

export function useRunChoice(fits: (run: RunSummary) => boolean = () => true) {
  const listed = useVerb('runs.list', {})
  const run = useQueryState('run')
  const runs = computed(
    () => listed.data.value?.runs.filter((each) => each.state === 'finished' && each.trial === null && fits(each)).toReversed() ?? [],
  )
  /** By id or name. */
  const find = (wanted: string): RunSummary | null => runs.value.find(({ run: id, name }) => id === wanted || name === wanted) ?? null
  const current = computed(() => find(run.value))
  watch([runs, run], () => {
    if (run.value === '' && runs.value.length > 0) run.value = runs.value[0]!.run
  })
  return { listed, run, runs, find, current }
}
