/** What the runs page shows, as a view that can be saved, opened again, and sent as a link. */
import { watch, type Ref } from 'vue'
import { useRouter } from 'vue-router'
import type { ColumnLayout } from '@/components/table/useColumns.ts'
import { useQueryState } from '@/composables/useQueryState.ts'
import { t } from '@/composables/texts.ts'
import { toast } from '@/composables/toast.ts'
import type { useRunsView } from './useRunsView.ts'
import { viewOfText, viewText, type SavedView } from './useViews.ts'

/** `layout`: of the table's columns; null before it is there. A view in the address is opened as soon as it can be, and leaves it. */
export function useShownView(view: ReturnType<typeof useRunsView>, layout: () => Ref<ColumnLayout> | null) {
  const router = useRouter()
  const linked = useQueryState('view')

  function openView(saved: SavedView): void {
    view.text.value = saved.query
    view.families.value = saved.families
    view.groupBy.value = saved.group ?? ''
    layout()!.value = saved.layout
  }
  watch(
    [linked, layout],
    () => {
      if (linked.value === '' || layout() === null) return
      const saved = viewOfText(linked.value)
      linked.value = ''
      if (saved === null) toast.info(t('runs.badView'))
      else openView(saved)
    },
    { immediate: true },
  )
  return {
    asView: (): Omit<SavedView, 'name'> => ({
      query: view.text.value,
      families: view.families.value,
      group: view.groupBy.value,
      layout: layout()!.value,
    }),
    openView,
    /** works in any browser that reaches this page */
    linkOf: (saved: SavedView): string =>
      new URL(router.resolve({ name: 'runs', query: { view: viewText(saved) } }).href, globalThis.location.href).href,
  }
}
