/**
 * Which columns a table shows, in what order, how wide and which are pinned: kept in this browser under the table's id. Columns that the
 * kept state does not know stand where they are declared; those that are gone are forgotten when the state changes.
 */
import { isPlain } from '@contract/plain.ts'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { useStored } from '@/composables/useStored.ts'
import type { DataColumn } from './data-column.ts'

/** What is kept of a table's columns. */
export interface ColumnLayout {
  readonly order: readonly string[]
  readonly widths: Readonly<Record<string, number>>
  readonly shown: Readonly<Record<string, boolean>>
  readonly pinned: Readonly<Record<string, boolean>>
}
const PLAIN: ColumnLayout = { order: [], widths: {}, shown: {}, pinned: {} }
const WIDTH = 110
const MIN_WIDTH = 44
const MAX_WIDTH = 900

export const isColumnLayout = (value: unknown): value is ColumnLayout =>
  isPlain(value) && Array.isArray(value['order']) && isPlain(value['widths']) && isPlain(value['shown']) && isPlain(value['pinned'])

export interface PlacedColumn<T> {
  readonly column: DataColumn<T>
  readonly width: number
  /** px from the left edge, where it is pinned */
  readonly left: number | null
}

/** Where a table that begins at `from` is scrolled to, so that a column is in view, and not below those that are pinned. */
export function scrollToColumn(
  columns: readonly Pick<PlacedColumn<unknown>, 'width' | 'left'>[],
  at: number,
  { lead, from, width }: { readonly lead: number; readonly from: number; readonly width: number },
): number {
  const column = columns[at]
  if (column === undefined || column.left !== null) return from
  const over = (some: typeof columns): number => some.reduce((sum, each) => sum + each.width, lead)
  const begin = over(columns.slice(0, at))
  const covered = over(columns.filter(({ left }) => left !== null))
  // its begin, where there is no room for all of it
  return Math.min(begin - covered, Math.max(from, begin + column.width - width))
}

export type Columns<T> = ReturnType<typeof useColumns<T>>

/** `lead`: px at the left that belong to no column. */
export function useColumns<T>(table: string, columns: MaybeRefOrGetter<readonly DataColumn<T>[]>, lead: MaybeRefOrGetter<number>) {
  const layout = useStored<ColumnLayout>(`table.${table}`, PLAIN, isColumnLayout)
  const change = (part: Partial<ColumnLayout>): void => {
    layout.value = { ...layout.value, ...part }
  }
  const byId = computed(() => new Map(toValue(columns).map((column) => [column.id, column])))
  const isShown = (id: string): boolean =>
    byId.value.get(id)?.fixed === true || (layout.value.shown[id] ?? byId.value.get(id)?.hidden !== true)
  const isPinned = (id: string): boolean => layout.value.pinned[id] ?? byId.value.get(id)?.pinned === true

  const ids = computed(() => {
    const kept = layout.value.order.filter((id) => byId.value.has(id))
    const order = [...kept]
    let before: string | null = null
    for (const id of byId.value.keys()) {
      if (!order.includes(id)) order.splice(before === null ? 0 : order.indexOf(before) + 1, 0, id)
      before = id
    }
    return [...order.filter(isPinned), ...order.filter((id) => !isPinned(id))]
  })
  const all = computed(() => ids.value.map((id) => byId.value.get(id)!))
  const placed = computed((): readonly PlacedColumn<T>[] => {
    let left = toValue(lead)
    return all.value
      .filter(({ id }) => isShown(id))
      .map((column) => {
        const width = layout.value.widths[column.id] ?? column.width ?? WIDTH
        const at = { column, width, left: isPinned(column.id) ? left : null }
        left += width
        return at
      })
  })

  const moveTo = (id: string, other: string): void => {
    if (id === other) return
    const order = ids.value.filter((entry) => entry !== id)
    const after = ids.value.indexOf(id) < ids.value.indexOf(other)
    order.splice(order.indexOf(other) + (after ? 1 : 0), 0, id)
    change({ order, pinned: { ...layout.value.pinned, [id]: isPinned(other) } })
  }
  return {
    /** all, in order: pinned ones first */
    all,
    /** those that are shown */
    placed,
    isShown,
    isPinned,
    toggle: (id: string) => change({ shown: { ...layout.value.shown, [id]: !isShown(id) } }),
    pin: (id: string, pinned: boolean) => change({ pinned: { ...layout.value.pinned, [id]: pinned } }),
    /** moves one before or after another */
    moveTo,
    /** moves by one among those shown */
    moveBy: (id: string, by: -1 | 1) => {
      const shown = placed.value.map(({ column }) => column.id)
      const other = shown[shown.indexOf(id) + by]
      if (other !== undefined) moveTo(id, other)
    },
    resize: (id: string, width: number) =>
      change({ widths: { ...layout.value.widths, [id]: Math.round(Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, width))) } }),
    reset: () => {
      layout.value = PLAIN
    },
    /** for saved views */
    layout,
  }
}
