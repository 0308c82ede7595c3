/** The runs of other trackers that were brought in for the datasets of the compared runs. */
import { computed } from 'vue'
import { useEvent } from '@/composables/useEvent.ts'
import { useVerb } from '@/composables/useVerb.ts'
import type { ComparedRun } from './useCompared.ts'

export function useTracked(runs: () => readonly ComparedRun[]) {
  const asked = useVerb('tracked.list', {})
  useEvent('tracked.changed', () => void asked.refresh())
  const datasets = computed(() => [...new Set(runs().map(({ dataset }) => dataset))])
  const tracked = computed(() => (asked.data.value?.tracked ?? []).filter(({ dataset }) => datasets.value.includes(dataset)))
  return { asked, datasets, tracked }
}
