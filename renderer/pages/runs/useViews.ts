/** Views of the table saved under a name: the query, whether seeds are gathered, and the columns. Kept in this browser. */
import { isColumnLayout, type ColumnLayout } from '@/components/table/useColumns.ts'
import { useStored } from '@/composables/useStored.ts'

export interface SavedView {
  readonly name: string
  readonly query: string
  readonly families: boolean
  /** id of the column that they are grouped by; '' or absent: none */
  readonly group?: string
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
    ['string', 'undefined'].includes(typeof view.group) &&
    isColumnLayout(view.layout)
  )
}
/** A view as the value of a link's `view`. */
export const viewText = ({ name, query, families, group, layout }: SavedView): string =>
  JSON.stringify({ name, query, families, group: group ?? '', layout })

/** The view that a link names; null where it is none. */
export function viewOfText(text: string): SavedView | null {
  try {
    const value: unknown = JSON.parse(text)
    return isView(value) ? value : null
  } catch {
    return null
  }
}
const areViews = (value: unknown): value is readonly SavedView[] => Array.isArray(value) && value.every(isView)

export type Views = ReturnType<typeof useViews>

export function useViews() {
  const views = useStored<readonly SavedView[]>('runs.views', [], areViews)
  return {
    views,
    /** one of the same name is replaced */
    save: (view: SavedView) => {
      views.value = [...views.value.filter(({ name }) => name !== view.name), view].sort((a, b) => a.name.localeCompare(b.name))
    },
    remove: (name: string) => {
      views.value = views.value.filter((view) => view.name !== name)
    },
  }
}
