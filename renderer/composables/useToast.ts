/** Short messages that pass by. An error stays until it is closed; an undo runs its action once. */
import { shallowRef, type ShallowRef } from 'vue'
import { toErrorShape, type ErrorShape } from '@contract/errors.ts'

export interface Toast {
  readonly id: number
  readonly kind: 'info' | 'success' | 'error'
  readonly text: string
  readonly error: ErrorShape | null
  readonly action: { readonly label: string; readonly run: () => void } | null
}

const PASSES_MS = 5000
const UNDO_MS = 10_000

const toasts = shallowRef<readonly Toast[]>([])
let next = 1

function show(toast: Omit<Toast, 'id'>, passesAfter: number | null): void {
  const id = next++
  toasts.value = [...toasts.value.slice(-4), { ...toast, id }]
  if (passesAfter !== null) setTimeout(() => dismiss(id), passesAfter)
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id)
}

export interface Toasts {
  readonly info: (text: string) => void
  readonly success: (text: string) => void
  /** anything thrown */
  readonly error: (error: unknown) => void
  /** something was done and can be taken back for ten seconds */
  readonly undo: (text: string, label: string, run: () => void) => void
}

export const useToast = (): Toasts => ({
  info: (text) => show({ kind: 'info', text, error: null, action: null }, PASSES_MS),
  success: (text) => show({ kind: 'success', text, error: null, action: null }, PASSES_MS),
  error: (error) => {
    const shape = toErrorShape(error)
    show({ kind: 'error', text: shape.message, error: shape, action: null }, null)
  },
  undo: (text, label, run) => show({ kind: 'info', text, error: null, action: { label, run } }, UNDO_MS),
})

/** For the host component. */
export const useToastList = (): { toasts: Readonly<ShallowRef<readonly Toast[]>>; dismiss: (id: number) => void } => ({ toasts, dismiss })
