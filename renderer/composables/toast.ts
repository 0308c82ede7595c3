/** Toasts: short messages at the edge of the page. An error stays until it is closed; an undo runs its action once. */
import { shallowRef } from 'vue'
import { toErrorShape, type ErrorShape } from '@contract/errors.ts'

export interface Toast {
  readonly id: number
  readonly kind: 'info' | 'success' | 'error'
  readonly text: string
  readonly error: ErrorShape | null
  readonly action: { readonly label: string; readonly run: () => void } | null
}

const PASSES_MS = 5000
/** one with something to do about it */
const ACTION_MS = 10_000

/** Those that are shown, for the host component. */
export const toasts = shallowRef<readonly Toast[]>([])
/** px over the status strip that they leave free, for what a page shows there */
export const freeBelowToasts = shallowRef(0)
let next = 1

/** One that says what another says already takes its place; what can be done about either keeps them apart. */
function show(toast: Pick<Toast, 'kind' | 'text'> & Partial<Toast>, passesAfter: number | null): void {
  const made: Toast = { error: null, action: null, ...toast, id: next++ }
  const says = ({ kind, text, action }: Toast): string | null => (action === null ? `${kind} ${text}` : null)
  const others = toasts.value.filter((each) => says(each) === null || says(each) !== says(made))
  toasts.value = [...others.slice(-4), made]
  const { id } = made
  if (passesAfter !== null) setTimeout(() => dismiss(id), passesAfter)
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id)
}

export const toast = {
  info: (text: string): void => show({ kind: 'info', text }, PASSES_MS),
  /** `action`: something that can be done about it, such as going there */
  success: (text: string, action: Toast['action'] = null): void => show({ kind: 'success', text, action }, action ? ACTION_MS : PASSES_MS),
  /** anything thrown */
  error: (thrown: unknown): void => {
    const error = toErrorShape(thrown)
    show({ kind: 'error', text: error.message, error }, null)
  },
  /** something was done and can be taken back for ten seconds */
  undo: (text: string, label: string, run: () => void): void => show({ kind: 'info', text, action: { label, run } }, ACTION_MS),
}
