/** A search as it is now: asked for again when the engine says that it changed, and after the epochs of its trials. */
import { useThrottleFn } from '@vueuse/core'
import type { SearchDetail } from '@contract/shapes/search.ts'
import { useEvent } from '@/composables/useEvent.ts'
import { useVerb, type VerbQuery } from '@/composables/useVerb.ts'

const EVERY_MS = 1000

/** @param id an id or a name; empty asks nothing */
export function useSearch(id: () => string): VerbQuery<SearchDetail> {
  const asked = useVerb('search.show', () => (id() === '' ? null : { search: id() }))
  const refresh = useThrottleFn(() => void asked.refresh(), EVERY_MS, true)
  useEvent('search.changed', ({ search }) => {
    if (search === id() || search === asked.data.value?.search) void refresh()
  })
  return asked
}
