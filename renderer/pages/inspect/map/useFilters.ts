/** The filters of the map: which columns, what of each is let through, and which items pass. */
import { computed, shallowRef, watch } from 'vue'
import { useAction } from '@/composables/useAction.ts'
import { useCall } from '@/composables/useCall.ts'
import type { Colouring } from './colours.ts'
import { type Filter, openFilter, passing } from './filters.ts'

export type Filters = ReturnType<typeof useFilters>

/** @param items how many there are */
export function useFilters(dataset: () => string, items: () => number) {
  const { call } = useCall()
  const filters = shallowRef<readonly Filter[]>([])
  const values = shallowRef<ReadonlyMap<string, Colouring>>(new Map())
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
  const { error, run: add } = useAction(async (column: string) => {
    if (filters.value.some((filter) => filter.column === column)) return
    const of = dataset()
    const colouring = valuesOf(column) ?? (await call('map.colours', { dataset: of, column: column === '' ? null : column }))
    if (of !== dataset()) return
    values.value = new Map(values.value).set(column, colouring)
    filters.value = [...filters.value, openFilter(column, colouring)]
  })
  const set = (next: Filter): unknown => (filters.value = filters.value.map((filter) => (filter.column === next.column ? next : filter)))
  const remove = (column: string): unknown => (filters.value = filters.value.filter((filter) => filter.column !== column))
  const clear = (): unknown => (filters.value = [])
  return { filters, valuesOf, shown, count, besides, error, add, set, remove, clear }
}
