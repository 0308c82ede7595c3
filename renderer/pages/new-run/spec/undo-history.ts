/** Versions of a value that can be taken back and brought again. Changes of one place in quick succession, as when typing, are one step. */
export interface UndoHistory<T> {
  readonly past: readonly T[]
  readonly now: T
  readonly future: readonly T[]
  /** what was changed last, and when; another change of it within `TOGETHER_MS` joins it */
  readonly last: { readonly place: string; readonly at: number } | null
}

const TOGETHER_MS = 800
const KEPT = 200

export const startHistory = <T>(now: T): UndoHistory<T> => ({ past: [], now, future: [], last: null })

export function recordChange<T>(history: UndoHistory<T>, now: T, place: string, at: number): UndoHistory<T> {
  const joins = history.last !== null && history.last.place === place && at - history.last.at < TOGETHER_MS
  const past = joins ? history.past : [...history.past.slice(1 - KEPT), history.now]
  return { past, now, future: [], last: { place, at } }
}

export function undo<T>({ past, now, future, ...rest }: UndoHistory<T>): UndoHistory<T> {
  const before = past.at(-1)
  return past.length === 0
    ? { past, now, future, ...rest }
    : { past: past.slice(0, -1), now: before as T, future: [now, ...future], last: null }
}

export function redo<T>({ past, now, future, ...rest }: UndoHistory<T>): UndoHistory<T> {
  const [next, ...later] = future
  return future.length === 0 ? { past, now, future, ...rest } : { past: [...past, now], now: next as T, future: later, last: null }
}
