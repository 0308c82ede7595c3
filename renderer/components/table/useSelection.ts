/** Rows chosen by key, with a range from the last one that was chosen. */
import { toggled } from '@/composables/toggled.ts'
import type { Ref } from 'vue'

export function useSelection(selected: Ref<ReadonlySet<string>>, keys: () => readonly string[]) {
  let anchor: string | null = null
  return {
    toggle: (key: string): void => {
      selected.value = toggled(selected.value, key)
      anchor = key
    },
    /** all from the last chosen one to this */
    rangeTo: (key: string): void => {
      const all = keys()
      const from = anchor === null ? -1 : all.indexOf(anchor)
      const to = all.indexOf(key)
      if (to < 0) return
      const next = new Set(selected.value)
      for (const between of all.slice(Math.min(from < 0 ? to : from, to), Math.max(from, to) + 1)) next.add(between)
      selected.value = next
      if (anchor === null) anchor = key
    },
    setAll: (on: boolean): void => {
      selected.value = on ? new Set(keys()) : new Set()
    },
  }
}
