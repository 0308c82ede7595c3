/** Views of the table saved under a name: the query, whether seeds are gathered, and the columns. Kept in this browser. */
import type { ShallowRef } from 'vue'
import { isColumnLayout, type ColumnLayout } from '@/components/table/useColumns.ts'
import { useStored } from '@/composables/useStored.ts'

export interface SavedView {
  readonly name: string
  readonly query: string
  readonly families: boolean
  readonly layout: ColumnLayout
}

const isView = (value: unknown): value is SavedView => {
  const view = value as Partial<Record<keyof SavedView, unknown>> | null
  return (
    typeof view === 'object' &&
    view !== null &&
    typeof view.name === 'string' &&
    typeof view.query === 'string' &&
    typeof view.families === 'boolean' &&
    isColumnLayout(view.layout)
  )
}
const areViews = (value: unknown): value is readonly SavedView[] => Array.isArray(value) && value.every(isView)

export interface Views {
  readonly views: ShallowRef<readonly SavedView[]>
  /** one of the same name is replaced */
  readonly save: (view: SavedView) => void
  readonly remove: (name: string) => void
}

export function useViews(): Views {
  const views = useStored<readonly SavedView[]>('runs.views', [], areViews)
  return {
    views,
    save: (view) => {
      views.value = [...views.value.filter(({ name }) => name !== view.name), view].sort((a, b) => a.name.localeCompare(b.name))
    },
    remove: (name) => {
      views.value = views.value.filter((view) => view.name !== name)
    },
  }
}
