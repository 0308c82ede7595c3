/** A table updated as a step does it. */
import type { Optimizer } from '../../main/engine/training/state/optimizer.ts'
import type { Table } from '../../main/engine/training/state/tables.ts'

/** Updates the rows that occurred, each once, and forgets the gradient. @param before called with each row before it changes */
export function applyRows(table: Table, update: ReturnType<Optimizer['step']>, before?: (row: number) => void): void {
  const { values, slots, rows, width, gradient } = table.gradient
  for (const [i, row] of rows!.entries()) {
    before?.(row)
    update(values, slots, row * width, gradient, i * width, width)
  }
  table.clear()
}
