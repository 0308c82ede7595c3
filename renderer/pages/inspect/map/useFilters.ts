/** The filters of the map: which columns, what of each is let through, and which items pass. They are in the address. */
import { watchDebounced } from '@vueuse/core'
import { computed, shallowRef, watch } from 'vue'
import { useAction } from '@/composables/useAction.ts'
import { useCall } from '@/composables/useCall.ts'
import { useQueryState } from '@/composables/useQueryState.ts'
import type { Colouring } from './colours.ts'
import { type Filter, filtersText, openFilter, passing, textFilters } from './filters.ts'

export type Filters = ReturnType<typeof useFilters>

/** A slider that is moved writes the address once it rests: a browser takes no more than some tens of changes a second. */
const REST_MS = 250

/** @param items how many there are */
export function useFilters(dataset: () => string, items: () => number) {
  const { call } = useCall()
  const address = useQueryState('filter')
  const filters = shallowRef<readonly Filter[]>(textFilters(address.value))
  const values = shallowRef<ReadonlyMap<string, Colouring>>(new Map())
  watchDebounced(filters, () => (address.value = filtersText(filters.value)), { debounce: REST_MS })
  watch(address, (text) => {
    if (text !== filtersText(filters.value)) filters.value = textFilters(text)
  })
  watch(dataset, () => {
    filters.value = []
    values.value = new Map()
  })
  const valuesOf = (column: string): Colouring | undefined => values.value.get(column)
  /** null: all */
  const shown = computed(() => passing(filters.value, valuesOf, items()))
  const count = computed(() => shown.value?.reduce((sum, flag) => sum + flag, 0) ?? items())
  /** items that pass all filters but that one */
  const besides = (column: string): Uint8Array | null =>
    passing(
      filters.value.filter((filter) => filter.column !== column),
      valuesOf,
      items(),
    )
  const { error, run: load } = useAction(async (column: string) => {
    const of = dataset()
    const colouring = valuesOf(column) ?? (await call('map.colours', { dataset: of, column: column === '' ? null : column }))
    if (of === dataset()) values.value = new Map(values.value).set(column, colouring)
  })
  async function add(column: string): Promise<void> {
    if (filters.value.some((filter) => filter.column === column)) return
    await load(column)
    const colouring = valuesOf(column)
    if (colouring !== undefined) filters.value = [...filters.value, openFilter(column, colouring)]
  }
  /** those of an address come without what they filter by */
  watch(
    filters,
    async () => {
      for (const { column, kind } of filters.value) {
        if (valuesOf(column) !== undefined) continue
        await load(column)
        // a column that is not there, or is of another kind than the address says
        if (valuesOf(column)?.kind !== kind) remove(column)
      }
    },
    { immediate: true },
  )
  const set = (next: Filter): unknown => (filters.value = filters.value.map((filter) => (filter.column === next.column ? next : filter)))
  function remove(column: string): void {
    filters.value = filters.value.filter((filter) => filter.column !== column)
  }
  const clear = (): unknown => (filters.value = [])
  return { filters, valuesOf, shown, count, besides, error, add, set, remove, clear }
}
