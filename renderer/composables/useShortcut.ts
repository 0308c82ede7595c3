/**
 * Keyboard shortcuts. `mod+k` is Ctrl or Cmd with K; `g r` is G, then R within a second; a plain key does nothing while text is typed.
 * They are listed in the help (?) with their description.
 */
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'

export interface Shortcut {
  readonly keys: string
  readonly description: () => string
  readonly run: (event: KeyboardEvent) => void
}

const SEQUENCE_MS = 1000
const shortcuts = shallowRef<readonly Shortcut[]>([])
let first: { key: string; at: number } | null = null

export function useShortcut(shortcut: Shortcut): void {
  shortcuts.value = [...shortcuts.value, shortcut]
  onScopeDispose(() => {
    shortcuts.value = shortcuts.value.filter((other) => other !== shortcut)
  })
}

export const useShortcutList = (): Readonly<ShallowRef<readonly Shortcut[]>> => shortcuts

/** Hears the window's keys; called once by the app. */
export function listenToShortcuts(): void {
  const onKeydown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return
    const mod = event.ctrlKey || event.metaKey
    if (!mod && !event.altKey && typing(event.target)) return
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
    const pressed = `${mod ? 'mod+' : ''}${event.altKey ? 'alt+' : ''}${key}`
    const before = first !== null && event.timeStamp - first.at < SEQUENCE_MS ? first.key : null
    const found =
      shortcuts.value.findLast(({ keys }) => before !== null && keys === `${before} ${pressed}`) ??
      shortcuts.value.findLast(({ keys }) => keys === pressed)
    first = found === undefined && !mod ? { key: pressed, at: event.timeStamp } : null
    if (found === undefined) return
    event.preventDefault()
    found.run(event)
  }
  window.addEventListener('keydown', onKeydown)
  onScopeDispose(() => window.removeEventListener('keydown', onKeydown))
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}
