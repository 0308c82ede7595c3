/** Rows chosen by key, with a range from the last one that was chosen. */
import type { Ref } from 'vue'

export interface Selection {
  readonly toggle: (key: string) => void
  /** all from the last chosen one to this */
  readonly rangeTo: (key: string) => void
  readonly setAll: (on: boolean) => void
}

export function useSelection(selected: Ref<ReadonlySet<string>>, keys: () => readonly string[]): Selection {
  let anchor: string | null = null
  return {
    toggle: (key) => {
      const next = new Set(selected.value)
      if (!next.delete(key)) next.add(key)
      selected.value = next
      anchor = key
    },
    rangeTo: (key) => {
      const all = keys()
      const from = anchor === null ? -1 : all.indexOf(anchor)
      const to = all.indexOf(key)
      if (to < 0) return
      const next = new Set(selected.value)
      for (const between of all.slice(Math.min(from < 0 ? to : from, to), Math.max(from, to) + 1)) next.add(between)
      selected.value = next
      if (anchor === null) anchor = key
    },
    setAll: (on) => {
      selected.value = on ? new Set(keys()) : new Set()
    },
  }
}
