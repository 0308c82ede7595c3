/** Moving a column by dragging its header, and its width by dragging the edge. */
import { shallowRef } from 'vue'
import type { Columns } from './useColumns.ts'

export function useHeaderDrag<T>(columns: Columns<T>) {
  const over = shallowRef<string | null>(null)
  let dragged: string | null = null
  return {
    /** the column that is dragged over */
    over,
    start: (id: string, event: DragEvent) => {
      dragged = id
      event.dataTransfer?.setData('text/plain', id)
    },
    hover: (id: string, event: DragEvent) => {
      if (dragged === null) return
      event.preventDefault()
      over.value = id
    },
    drop: (id: string) => {
      if (dragged !== null) columns.moveTo(dragged, id)
    },
    end: () => {
      dragged = over.value = null
    },
    resize: (id: string, event: PointerEvent) => {
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
