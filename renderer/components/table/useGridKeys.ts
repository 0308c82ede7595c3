/** The keys of a grid: which cell is active (line -1 is the header), and how the keys move it. */
import { shallowRef } from 'vue'

export interface GridCell {
  readonly line: number
  readonly column: number
}

export function useGridKeys(grid: {
  lineCount: () => number
  columnCount: () => number
  pageRows: () => number
  /** brings a cell into view */
  reveal: (cell: GridCell) => void
  /** what a key does at the active place, before it moves; whether it did anything */
  act: (key: string, event: KeyboardEvent, at: GridCell) => boolean
}) {
  const active = shallowRef<GridCell>({ line: -1, column: 0 })

  function moveTo(line: number, column: number): void {
    active.value = {
      line: Math.max(-1, Math.min(grid.lineCount() - 1, line)),
      column: Math.max(0, Math.min(grid.columnCount() - 1, column)),
    }
  }
  function hear(event: KeyboardEvent): void {
    if (event.target !== event.currentTarget) return // a control inside a cell has the keys
    const mod = event.ctrlKey || event.metaKey
    const key = `${mod ? 'mod+' : ''}${event.altKey ? 'Alt+' : ''}${event.shiftKey && event.key.startsWith('Arrow') ? 'Shift+' : ''}${event.key}`
    const { line, column } = active.value
    if (grid.act(key, event, active.value)) {
      event.preventDefault()
      return
    }
    const last = grid.lineCount() - 1
    const moves: Readonly<Record<string, GridCell>> = {
      ArrowUp: { line: line - 1, column },
      ArrowDown: { line: line + 1, column },
      ArrowLeft: { line, column: column - 1 },
      ArrowRight: { line, column: column + 1 },
      Home: { line, column: 0 },
      End: { line, column: grid.columnCount() - 1 },
      PageUp: { line: Math.max(0, line - grid.pageRows()), column },
      PageDown: { line: line + grid.pageRows(), column },
      'mod+Home': { line: 0, column },
      'mod+End': { line: last, column },
    }
    const to = moves[key]
    if (to === undefined) return
    event.preventDefault()
    moveTo(to.line, to.column)
    grid.reveal(active.value)
  }
  return { active, onKeydown: hear, moveTo }
}
