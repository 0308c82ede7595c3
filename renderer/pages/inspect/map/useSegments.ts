/** The items that were chosen on the map: drawn around, taken from the filters, or those of a kept segment, which is then in the address. */
import { computed, shallowRef, watch } from 'vue'
import { useEvent } from '@/composables/useEvent.ts'
import { useQueryState } from '@/composables/useQueryState.ts'
import { useVerb } from '@/composables/useVerb.ts'

export type Chosen = ReturnType<typeof useSegments>

export function useSegments(dataset: () => string) {
  const id = useQueryState('segment')
  const drawn = shallowRef<readonly number[]>([])
  const list = useVerb('segments.list', () => ({ dataset: dataset() }))
  const kept = useVerb('segments.items', () => (id.value === '' ? null : { segment: id.value }))
  useEvent('segments.changed', () => void Promise.all([list.refresh(), kept.refresh()]))
  const segments = computed(() => list.data.value?.segments ?? [])
  /** null while none is chosen, or it is of another dataset */
  const segment = computed(() => {
    const found = kept.data.value
    return id.value !== '' && found?.dataset === dataset() ? found : null
  })
  const items = computed((): readonly number[] => (segment.value === null ? drawn.value : [...segment.value.indices]))
  function choose(indices: readonly number[]): void {
    id.value = ''
    drawn.value = indices
  }
  function open(segmentId: string): void {
    drawn.value = []
    id.value = segmentId
  }
  watch(dataset, () => choose([]))
  return { segments, segment, items, error: kept.error, choose, open, clear: () => choose([]) }
}
