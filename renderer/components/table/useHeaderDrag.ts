/** Moving a column by dragging its header, and its width by dragging the edge. */
import { shallowRef, type ShallowRef } from 'vue'
import type { Columns } from './useColumns.ts'

export interface HeaderDrag {
  /** the column that is dragged over */
  readonly over: Readonly<ShallowRef<string | null>>
  readonly start: (id: string, event: DragEvent) => void
  readonly hover: (id: string, event: DragEvent) => void
  readonly drop: (id: string) => void
  readonly end: () => void
  readonly resize: (id: string, event: PointerEvent) => void
}

export function useHeaderDrag<T>(columns: Columns<T>): HeaderDrag {
  const over = shallowRef<string | null>(null)
  let dragged: string | null = null
  return {
    over,
    start: (id, event) => {
      dragged = id
      event.dataTransfer?.setData('text/plain', id)
    },
    hover: (id, event) => {
      if (dragged === null) return
      event.preventDefault()
      over.value = id
    },
    drop: (id) => {
      if (dragged !== null) columns.moveTo(dragged, id)
    },
    end: () => {
      dragged = over.value = null
    },
    resize: (id, event) => {
      event.preventDefault()
      const grip = event.target as HTMLElement
      const from = columns.placed.value.find(({ column }) => column.id === id)!.width - event.clientX
      const move = (moved: PointerEvent): void => columns.resize(id, from + moved.clientX)
      grip.setPointerCapture(event.pointerId)
      grip.addEventListener('pointermove', move)
      grip.addEventListener('lostpointercapture', () => grip.removeEventListener('pointermove', move), { once: true })
    },
  }
}
